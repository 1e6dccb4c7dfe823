import { createUnionType, Field, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import type { Role } from '../access/rights.js';
import { type EvaluationStatus, EvaluationStatusEnum } from '../evaluations/evaluation.type.js';
import { RunStatusEnum } from '../experiments/run-status.type.js';
import { ProblemType, toProblemType } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import { RoleEnum } from '../people/viewer.type.js';
import type { ExportFormat, TransferStatus } from '../protocol/job.js';
import type { RunStatus } from '../protocol/run-status.js';
import { ExportFormatEnum } from '../transfers/model-export.input.js';
import { TransferStatusEnum } from '../transfers/transfer.type.js';
import type { ProjectEventKind, StoredProjectEvent } from './project-event.js';

export const ProjectEventKindEnum = {
  EXPERIMENT_CREATED: 'experiment.created',
  EXPERIMENT_STATUS_CHANGED: 'experiment.status_changed',
  EVALUATION_FINISHED: 'evaluation.finished',
  MODEL_IMPORT_FINISHED: 'model_import.finished',
  MODEL_EXPORT_FINISHED: 'model_export.finished',
  DATASET_VERSION_CREATED: 'dataset_version.created',
  BASE_MODEL_REGISTERED: 'base_model.registered',
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
    MEMBER_CHANGED: { description: 'MemberChanged; `member.changed` in webhooks.' },
  },
});

@InterfaceType({ description: 'What all events of a project have.' })
export abstract class SequencedProjectEvent {
  projectUuid!: string;

  @Field(() => Int, {
    description: 'Counts from 1 within the project without gaps. Pass the last one seen as afterSeq.',
  })
  seq!: number;

  @Field(() => DateTime, { description: 'When it took effect.' })
  at!: Date;
}

const event = { implements: SequencedProjectEvent, simpleResolvers: true };

@ObjectType('ExperimentCreated', { description: 'An experiment was created, and queued.', ...event })
export class ExperimentCreatedType extends SequencedProjectEvent {
  experimentUuid!: string;

  @Field(() => String, { description: 'Name of the experiment, as it was then.' })
  name!: string;
}

@ObjectType('ExperimentStatusChanged', { description: 'An experiment entered another status.', ...event })
export class ExperimentStatusChangedType extends SequencedProjectEvent {
  experimentUuid!: string;

  @Field(() => String, { description: 'Name of the experiment, as it was then.' })
  name!: string;

  @Field(() => RunStatusEnum, { description: 'The status before.' })
  from!: RunStatus;

  @Field(() => RunStatusEnum, { description: 'The status from then on.' })
  to!: RunStatus;

  @Field(() => ProblemType, { nullable: true, description: 'What went wrong, when it failed.' })
  problem!: ProblemType | null;
}

@ObjectType('EvaluationFinished', { description: 'An evaluation was done, or failed.', ...event })
export class EvaluationFinishedType extends SequencedProjectEvent {
  evaluationUuid!: string;

  @Field(() => String, { description: 'Name of the model, as it was then.' })
  modelName!: string;

  @Field(() => String, { description: 'The split it was scored on.' })
  split!: string;

  @Field(() => EvaluationStatusEnum, { description: 'SUCCEEDED or FAILED.' })
  status!: EvaluationStatus;

  @Field(() => ProblemType, { nullable: true, description: 'What went wrong, when it failed.' })
  problem!: ProblemType | null;
}

@ObjectType('ModelImportFinished', { description: 'An import of a model has ended.', ...event })
export class ModelImportFinishedType extends SequencedProjectEvent {
  importUuid!: string;

  @Field(() => String, { description: 'The name that was wanted for the model.' })
  name!: string;

  @Field(() => TransferStatusEnum, { description: 'SUCCEEDED, FAILED or CANCELED.' })
  status!: TransferStatus;

  @Field(() => ProblemType, { nullable: true, description: 'What went wrong, when it failed.' })
  problem!: ProblemType | null;
}

@ObjectType('ModelExportFinished', { description: 'An export of a model has ended.', ...event })
export class ModelExportFinishedType extends SequencedProjectEvent {
  exportUuid!: string;

  @Field(() => String, { description: 'Name of the model, as it was then.' })
  modelName!: string;

  @Field(() => ExportFormatEnum, { description: 'What was written.' })
  format!: ExportFormat;

  @Field(() => TransferStatusEnum, { description: 'SUCCEEDED, FAILED or CANCELED.' })
  status!: TransferStatus;

  @Field(() => ProblemType, { nullable: true, description: 'What went wrong, when it failed.' })
  problem!: ProblemType | null;
}

@ObjectType('DatasetVersionCreated', { description: 'A dataset got a version.', ...event })
export class DatasetVersionCreatedType extends SequencedProjectEvent {
  versionUuid!: string;

  @Field(() => String, { description: 'Name of the dataset, as it was then.' })
  datasetName!: string;

  @Field(() => Int, { description: 'Number of the version, from 1.' })
  number!: number;
}

@ObjectType('BaseModelRegistered', {
  description: 'A model can be used from now on: an experiment produced it, or an import brought it.',
  ...event,
})
export class BaseModelRegisteredType extends SequencedProjectEvent {
  modelUuid!: string;
  experimentUuid!: string | null;

  @Field(() => String, { description: 'Name of the model, as it was then.' })
  name!: string;
}

@ObjectType('MemberChanged', { description: 'Somebody joined the project, left it, or got another role.', ...event })
export class MemberChangedType extends SequencedProjectEvent {
  userUuid!: string;

  @Field(() => String, { description: 'Name of the user, as it was then.' })
  userName!: string;

  @Field(() => RoleEnum, { nullable: true, description: 'The role before; null for one who joined.' })
  from!: Role | null;

  @Field(() => RoleEnum, { nullable: true, description: 'The role from then on; null for one who left.' })
  to!: Role | null;
}

export const ProjectEventUnion = createUnionType({
  name: 'ProjectEvent',
  description: 'Something that happened in a project. New types may be added.',
  types: () =>
    [
      ExperimentCreatedType,
      ExperimentStatusChangedType,
      EvaluationFinishedType,
      ModelImportFinishedType,
      ModelExportFinishedType,
      DatasetVersionCreatedType,
      BaseModelRegisteredType,
      MemberChangedType,
    ] as const,
});
export type ProjectEventType = typeof ProjectEventUnion;

@ObjectType('ProjectEventPage', { description: 'A stretch of the event log of a project.', simpleResolvers: true })
export class ProjectEventPageType {
  projectUuid!: string;

  @Field(() => [ProjectEventUnion], { description: 'By seq, ascending.' })
  events!: ProjectEventType[];

  @Field(() => Int, { description: 'Pass it as afterSeq to go on: the last seq that was looked at.' })
  lastSeq!: number;

  @Field(() => Boolean, { description: 'Whether there are more now.' })
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
      const { experimentId, name, from, to } = event;
      return Object.assign(new ExperimentStatusChangedType(), common, {
        experimentUuid: experimentId,
        name,
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
        status,
        problem,
      });
    }
    case 'model_import.finished': {
      const { importId, name, status } = event;
      return Object.assign(new ModelImportFinishedType(), common, { importUuid: importId, name, status, problem });
    }
    case 'model_export.finished': {
      const { exportId, modelName, format, status } = event;
      return Object.assign(new ModelExportFinishedType(), common, {
        exportUuid: exportId,
        modelName,
        format,
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
    case 'member.changed': {
      const { userId, userName, from, to } = event;
      return Object.assign(new MemberChangedType(), common, { userUuid: userId, userName, from, to });
    }
    default:
      return event satisfies never;
  }
}

/** The path of the problem is not in the log: it leads into an input that whoever reads the log did not send. */
function toEventProblem(problem: { readonly code: string; readonly message: string } | null): ProblemType | null {
  return problem === null ? null : toProblemType({ ...problem, path: [], hint: null });
}
