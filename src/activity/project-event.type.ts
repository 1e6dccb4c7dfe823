import { createUnionType, Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import type { Role } from '../access/rights.js';
import { type EvaluationStatus, EvaluationStatusEnum } from '../evaluations/evaluation.type.js';
import { RunStatusEnum } from '../experiments/run-status.type.js';
import { globalId } from '../graphql/global-id.js';
import { type ObjectKind, ObjectKindEnum } from '../graphql/object-kinds.js';
import { ProblemType, toProblemType } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import { RoleEnum } from '../people/viewer.type.js';
import type { ExportFormat, TransferStatus } from '../protocol/job.js';
import type { RunStatus } from '../protocol/run-status.js';
import { ExportFormatEnum } from '../transfers/model-export.input.js';
import { TransferStatusEnum } from '../transfers/transfer.type.js';
import type { ExperimentProgress } from './experiment-progress.js';
import type { ProjectEventKind, StoredProjectEvent } from './project-event.js';

export const ProjectEventKindEnum = {
  EXPERIMENT_CREATED: 'experiment.created',
  EXPERIMENT_STATUS_CHANGED: 'experiment.status_changed',
  EVALUATION_FINISHED: 'evaluation.finished',
  MODEL_IMPORT_FINISHED: 'model_import.finished',
  MODEL_EXPORT_FINISHED: 'model_export.finished',
  DATASET_VERSION_CREATED: 'dataset_version.created',
  BASE_MODEL_REGISTERED: 'base_model.registered',
  MODEL_ALIAS_MOVED: 'model_alias.moved',
  OBJECT_DELETED: 'object.deleted',
  MEMBER_CHANGED: 'member.changed',
} as const satisfies Record<string, ProjectEventKind>;

registerEnumType(ProjectEventKindEnum, {
  name: 'ProjectEventKind',
  description: 'Kinds of events of a project, to choose from. New kinds may be added.',
  valuesConfig: {
    EXPERIMENT_CREATED: { description: 'ExperimentCreated; `experiment.created` in webhooks.' },
    EXPERIMENT_STATUS_CHANGED: { description: 'ExperimentStatusChanged; `experiment.status_changed` in webhooks.' },
    EVALUATION_FINISHED: { description: 'EvaluationFinished; `evaluation.finished` in webhooks.' },
    MODEL_IMPORT_FINISHED: { description: 'ModelImportFinished; `model_import.finished` in webhooks.' },
    MODEL_EXPORT_FINISHED: { description: 'ModelExportFinished; `model_export.finished` in webhooks.' },
    DATASET_VERSION_CREATED: { description: 'DatasetVersionCreated; `dataset_version.created` in webhooks.' },
    BASE_MODEL_REGISTERED: { description: 'BaseModelRegistered; `base_model.registered` in webhooks.' },
    MODEL_ALIAS_MOVED: { description: 'ModelAliasMoved; `model_alias.moved` in webhooks.' },
    OBJECT_DELETED: { description: 'ObjectDeleted; `object.deleted` in webhooks.' },
    MEMBER_CHANGED: { description: 'MemberChanged; `member.changed` in webhooks.' },
  },
});

@InterfaceType({ description: 'The fields that all events of a project have.' })
abstract class SequencedProjectEvent {
  projectUuid!: string;

  @Field(() => Int, {
    description: 'Counts from 1 within the project, without gaps. Pass the last number seen as afterSeq.',
  })
  seq!: number;

  @Field(() => DateTime, { description: 'When the event took effect.' })
  at!: Date;
}

/** Why a field of an event is deprecated, before the name of the event that it conflicts with. */
const conflicts = 'an operation can not select this field beside the field of this name of';

const event = { implements: SequencedProjectEvent, simpleResolvers: true };

@ObjectType('ExperimentCreated', { description: 'An experiment was created and queued.', ...event })
export class ExperimentCreatedType extends SequencedProjectEvent {
  experimentUuid!: string;

  @Field(() => String, { description: "The experiment's name at that time." })
  name!: string;
}

@ObjectType('ExperimentStatusChanged', { description: 'An experiment entered another status.', ...event })
export class ExperimentStatusChangedType extends SequencedProjectEvent {
  experimentUuid!: string;
  modelUuid!: string | null;

  @Field(() => String, { description: "The experiment's name at that time." })
  name!: string;

  @Field(() => RunStatusEnum, { description: 'The status before.' })
  fromStatus!: RunStatus;

  @Field(() => RunStatusEnum, { description: 'The status from then on.' })
  toStatus!: RunStatus;

  @Field(() => RunStatusEnum, {
    description: 'The status before.',
    deprecationReason: `Use \`fromStatus\`: ${conflicts} MemberChanged.`,
  })
  from!: RunStatus;

  @Field(() => RunStatusEnum, {
    description: 'The status from then on.',
    deprecationReason: `Use \`toStatus\`: ${conflicts} MemberChanged.`,
  })
  to!: RunStatus;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if the experiment failed.' })
  problem!: ProblemType | null;
}

@ObjectType('EvaluationFinished', { description: 'An evaluation succeeded or failed.', ...event })
export class EvaluationFinishedType extends SequencedProjectEvent {
  evaluationUuid!: string;

  @Field(() => String, { description: "The model's name at that time." })
  modelName!: string;

  @Field(() => String, { description: 'The split that the model was scored on.' })
  split!: string;

  @Field(() => EvaluationStatusEnum, { description: 'SUCCEEDED or FAILED.' })
  evaluationStatus!: EvaluationStatus;

  @Field(() => EvaluationStatusEnum, {
    description: 'SUCCEEDED or FAILED.',
    deprecationReason: `Use \`evaluationStatus\`: ${conflicts} ModelImportFinished.`,
  })
  status!: EvaluationStatus;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if the evaluation failed.' })
  problem!: ProblemType | null;
}

@ObjectType('ModelImportFinished', { description: 'An import of a model has ended.', ...event })
export class ModelImportFinishedType extends SequencedProjectEvent {
  importUuid!: string;

  @Field(() => String, { description: 'The name that the model was to have.' })
  name!: string;

  @Field(() => TransferStatusEnum, { description: 'SUCCEEDED, FAILED or CANCELED.' })
  transferStatus!: TransferStatus;

  @Field(() => TransferStatusEnum, {
    description: 'SUCCEEDED, FAILED or CANCELED.',
    deprecationReason: `Use \`transferStatus\`: ${conflicts} EvaluationFinished.`,
  })
  status!: TransferStatus;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if the import failed.' })
  problem!: ProblemType | null;
}

@ObjectType('ModelExportFinished', { description: 'An export of a model has ended.', ...event })
export class ModelExportFinishedType extends SequencedProjectEvent {
  exportUuid!: string;

  @Field(() => String, { description: "The model's name at that time." })
  modelName!: string;

  @Field(() => ExportFormatEnum, { description: 'The format of the export.' })
  format!: ExportFormat;

  @Field(() => TransferStatusEnum, { description: 'SUCCEEDED, FAILED or CANCELED.' })
  transferStatus!: TransferStatus;

  @Field(() => TransferStatusEnum, {
    description: 'SUCCEEDED, FAILED or CANCELED.',
    deprecationReason: `Use \`transferStatus\`: ${conflicts} EvaluationFinished.`,
  })
  status!: TransferStatus;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if the export failed.' })
  problem!: ProblemType | null;
}

@ObjectType('DatasetVersionCreated', { description: 'A dataset got a new version.', ...event })
export class DatasetVersionCreatedType extends SequencedProjectEvent {
  versionUuid!: string;

  @Field(() => String, { description: "The dataset's name at that time." })
  datasetName!: string;

  @Field(() => Int, { description: "The version's number, from 1." })
  number!: number;
}

@ObjectType('BaseModelRegistered', {
  description: 'A model can be used from now on: an experiment produced it, or it was imported.',
  ...event,
})
export class BaseModelRegisteredType extends SequencedProjectEvent {
  modelUuid!: string;
  experimentUuid!: string | null;

  @Field(() => String, { description: "The model's name at that time." })
  name!: string;
}

@ObjectType('ModelAliasMoved', {
  description: 'An alias of models was set, moved to another model, or removed.',
  ...event,
})
export class ModelAliasMovedType extends SequencedProjectEvent {
  fromModelUuid!: string | null;
  toModelUuid!: string | null;

  @Field(() => String, { description: 'Name of the alias.' })
  alias!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Name, at that time, of the model that the alias stood for before; null: the alias was new.',
  })
  fromModelName!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Name, at that time, of the model that the alias stands for since; null: the alias was removed.',
  })
  toModelName!: string | null;
}

@ObjectType('ObjectDeleted', {
  description: 'An object was deleted, and with it what was part of it, used it or came out of it.',
  ...event,
})
class ObjectDeletedType extends SequencedProjectEvent {
  @Field(() => ObjectKindEnum, { description: 'Kind of the object.' })
  objectKind!: ObjectKind;

  @Field(() => ID, { description: 'The id that the object had.' })
  objectId!: string;

  @Field(() => String, { description: "The object's name at that time." })
  name!: string;

  @Field(() => [ID], {
    description: 'Ids of all that went, for caches of clients to forget; of very many the first 1000.',
  })
  objectIds!: string[];
}

@ObjectType('MemberChanged', { description: 'A user joined the project, left it, or got another role.', ...event })
export class MemberChangedType extends SequencedProjectEvent {
  userUuid!: string;

  @Field(() => String, { description: "The user's name at that time." })
  userName!: string;

  @Field(() => RoleEnum, { nullable: true, description: 'The role before; null for a user who joined.' })
  fromRole!: Role | null;

  @Field(() => RoleEnum, { nullable: true, description: 'The role from then on; null for a user who left.' })
  toRole!: Role | null;

  @Field(() => RoleEnum, {
    nullable: true,
    description: 'The role before; null for a user who joined.',
    deprecationReason: `Use \`fromRole\`: ${conflicts} ExperimentStatusChanged.`,
  })
  from!: Role | null;

  @Field(() => RoleEnum, {
    nullable: true,
    description: 'The role from then on; null for a user who left.',
    deprecationReason: `Use \`toRole\`: ${conflicts} ExperimentStatusChanged.`,
  })
  to!: Role | null;
}

@ObjectType('ExperimentProgressed', {
  description:
    'A running experiment has got further, or a worker no longer has it. Sent by projectActivity with `progressEveryMs` alone: it is a sample, not an entry of the log, and has no seq.',
  simpleResolvers: true,
})
export class ExperimentProgressedType {
  projectUuid!: string;
  experimentUuid!: string;

  @Field(() => DateTime, { description: 'When the experiment was looked at.' })
  at!: Date;

  @Field(() => Int, { description: "Sequence number of the newest event in the experiment's own log." })
  lastSeq!: number;
}

export const ProjectEventUnion = createUnionType({
  name: 'ProjectEvent',
  description: 'An event in a project. New types may be added.',
  types: () =>
    [
      ExperimentCreatedType,
      ExperimentStatusChangedType,
      EvaluationFinishedType,
      ModelImportFinishedType,
      ModelExportFinishedType,
      DatasetVersionCreatedType,
      BaseModelRegisteredType,
      ModelAliasMovedType,
      ObjectDeletedType,
      MemberChangedType,
      ExperimentProgressedType,
    ] as const,
});
export type ProjectEventType = typeof ProjectEventUnion;

@ObjectType('ProjectEventPage', { description: "A range of a project's event log.", simpleResolvers: true })
export class ProjectEventPageType {
  projectUuid!: string;

  @Field(() => [ProjectEventUnion], { description: 'The events, by ascending seq.' })
  events!: ProjectEventType[];

  @Field(() => Int, { description: 'The last seq that was read. Pass it as afterSeq to continue.' })
  lastSeq!: number;

  @Field(() => Boolean, { description: 'Whether the log has more events now.' })
  hasMore!: boolean;
}

export function toProjectEventType({ projectId, seq, at, event }: StoredProjectEvent): ProjectEventType {
  const common = { projectUuid: projectId, seq, at };
  const problem = 'problem' in event ? toEventProblem(event.problem) : null;
  switch (event.kind) {
    case 'experiment.created':
      return Object.assign(new ExperimentCreatedType(), common, {
        experimentUuid: event.experimentId,
        name: event.name,
      });
    case 'experiment.status_changed': {
      const { experimentId, modelId, name, from, to } = event;
      return Object.assign(new ExperimentStatusChangedType(), common, {
        experimentUuid: experimentId,
        modelUuid: modelId,
        name,
        fromStatus: from,
        toStatus: to,
        from,
        to,
        problem,
      });
    }
    case 'evaluation.finished': {
      const { evaluationId, modelName, split, status } = event;
      return Object.assign(new EvaluationFinishedType(), common, {
        evaluationUuid: evaluationId,
        modelName,
        split,
        evaluationStatus: status,
        status,
        problem,
      });
    }
    case 'model_import.finished': {
      const { importId, name, status } = event;
      return Object.assign(new ModelImportFinishedType(), common, {
        importUuid: importId,
        name,
        transferStatus: status,
        status,
        problem,
      });
    }
    case 'model_export.finished': {
      const { exportId, modelName, format, status } = event;
      return Object.assign(new ModelExportFinishedType(), common, {
        exportUuid: exportId,
        modelName,
        format,
        transferStatus: status,
        status,
        problem,
      });
    }
    case 'dataset_version.created': {
      const { datasetVersionId, datasetName, number } = event;
      return Object.assign(new DatasetVersionCreatedType(), common, {
        versionUuid: datasetVersionId,
        datasetName,
        number,
      });
    }
    case 'base_model.registered': {
      const { modelId, experimentId, name } = event;
      return Object.assign(new BaseModelRegisteredType(), common, {
        modelUuid: modelId,
        experimentUuid: experimentId,
        name,
      });
    }
    case 'model_alias.moved': {
      const { alias, fromModelId, fromModelName, toModelId, toModelName } = event;
      return Object.assign(new ModelAliasMovedType(), common, {
        fromModelUuid: fromModelId,
        toModelUuid: toModelId,
        alias,
        fromModelName,
        toModelName,
      });
    }
    case 'object.deleted': {
      const { objectType, objectId, name, objects } = event;
      return Object.assign(new ObjectDeletedType(), common, {
        objectKind: objectType,
        objectId: globalId(objectType, objectId),
        name,
        objectIds: objects.map(({ kind, id }) => globalId(kind, id)),
      });
    }
    case 'member.changed': {
      const { userId, userName, from, to } = event;
      return Object.assign(new MemberChangedType(), common, {
        userUuid: userId,
        userName,
        fromRole: from,
        toRole: to,
        from,
        to,
      });
    }
    default:
      return event satisfies never;
  }
}

export function toProgressedType({ projectId, experimentId, at, lastSeq }: ExperimentProgress): ProjectEventType {
  return Object.assign(new ExperimentProgressedType(), {
    projectUuid: projectId,
    experimentUuid: experimentId,
    at,
    lastSeq,
  });
}

/** The problem's path is not logged: it points into an input that the log's readers did not send. */
function toEventProblem(problem: { readonly code: string; readonly message: string } | null): ProblemType | null {
  return problem === null ? null : toProblemType({ ...problem, path: [], hint: null });
}
