import { Field, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { RunStatus } from '../protocol/run-status.js';
import type { ExperimentRow } from './experiment.reads.js';
import { HeldOutPartType, toHeldOutPartType } from './held-out.type.js';
import { HyperparametersType, toHyperparametersType } from './hyperparameters.type.js';
import type { ReferredIds } from './methods/referred.js';
import { TrainingMethod, toMethodType } from './methods/type.js';
import { RunStatusEnum } from './run-status.type.js';

@ObjectType('Progress', { description: 'How far a run has come.', simpleResolvers: true })
export class ProgressType {
  @Field(() => Int, { description: 'Optimizer steps done.' })
  step!: number;

  @Field(() => Int, { description: 'Optimizer steps in all.' })
  totalSteps!: number;

  @Field(() => Number, { description: 'Epochs of the training set passed so far.' })
  epoch!: number;

  @Field(() => Number, { nullable: true, description: 'Recent speed in examples per second; null before it is known.' })
  examplesPerSecond!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: 'Estimated time to the last step in seconds; null before it is known.',
  })
  etaSeconds!: number | null;
}

@ObjectType('Experiment', {
  description: 'A training of a base model on a dataset version, with its run, measurements and result.',
  implements: Node,
  simpleResolvers: true,
})
export class ExperimentType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  runUuid!: string;
  baseModelUuid!: string;
  datasetVersionUuid!: string;
  clonedFromUuid!: string | null;
  spec!: RunSpec;
  referred!: ReferredIds;

  @Field(() => String, { description: 'Name for people; it need not be unique.' })
  name!: string;

  @Field(() => TrainingMethod, { description: 'The training method and its heads.' })
  get method(): typeof TrainingMethod {
    return toMethodType(this.spec, this.referred);
  }

  @Field(() => HyperparametersType, { description: 'Hyperparameters of training, with all defaults filled in.' })
  get hyperparameters(): HyperparametersType {
    return toHyperparametersType(this.spec.hyperparameters);
  }

  @Field(() => String, { description: 'The split that the experiment learns from.' })
  get trainSplit(): string {
    return this.spec.trainSplit;
  }

  @Field(() => String, {
    description:
      'The split that is measured after each epoch; the training split, if a part of it is held out to be measured.',
  })
  get validationSplit(): string {
    return this.spec.validationSplit;
  }

  @Field(() => HeldOutPartType, {
    nullable: true,
    description: 'How the training split is divided where no validation split is measured; null where one is.',
  })
  get heldOut(): HeldOutPartType | null {
    return toHeldOutPartType(this.spec.heldOut);
  }

  @Field(() => [String], { description: 'Tags to find the experiment by, in the order in which they were given.' })
  tags!: readonly string[];

  @Field(() => String, { description: 'Notes that people wrote about the experiment; empty without notes.' })
  notes!: string;

  @Field(() => Int, {
    description:
      'From -100 to 100: of the waiting experiments, the one with the highest priority is trained first; of equal ones, the oldest.',
  })
  priority!: number;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the experiment was archived; null unless it is archived.',
  })
  archivedAt!: Date | null;

  @Field(() => RunStatusEnum, { description: "The status of the experiment's run." })
  status!: RunStatus;

  @Field(() => Int, { description: 'The present attempt, from 1; 0 before a worker started it.' })
  attempt!: number;

  @Field(() => Int, { description: 'Sequence number of the newest event.' })
  lastSeq!: number;

  @Field(() => ProgressType, { nullable: true, description: 'How far the run has come; null before the first step.' })
  progress!: ProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if the run failed.' })
  problem!: ProblemType | null;

  @Field(() => DateTime, { description: 'When the experiment was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the run reached a final status.' })
  finishedAt!: Date | null;
}

export const experiments = connectionOf('Experiment', 'experiments', ExperimentType);

/** The columns that fields read which were not selected may be missing (`experimentColumns`). */
export function toExperimentType(row: ExperimentRow): ExperimentType {
  const experiment = new ExperimentType();
  experiment.id = globalId('Experiment', row.id);
  experiment.uuid = row.id;
  experiment.projectUuid = row.projectId;
  experiment.authorUuid = row.createdBy;
  experiment.runUuid = row.runId;
  experiment.baseModelUuid = row.baseModelId;
  experiment.datasetVersionUuid = row.datasetVersionId;
  experiment.clonedFromUuid = row.clonedFromId;
  experiment.name = row.name;
  experiment.spec = row.spec;
  experiment.referred = row;
  experiment.tags = row.tags;
  experiment.notes = row.notes;
  experiment.priority = row.priority;
  experiment.archivedAt = row.archivedAt;
  experiment.status = row.status;
  experiment.attempt = row.attempt;
  experiment.lastSeq = row.lastSeq;
  experiment.progress = row.progress;
  experiment.problem = row.problem == null ? null : toProblemType(row.problem);
  experiment.createdAt = row.createdAt;
  experiment.startedAt = row.startedAt;
  experiment.finishedAt = row.finishedAt;
  return experiment;
}

export const createExperimentResult = resultUnion(
  'CreateExperimentResult',
  'The new experiment, queued; or why it was not created.',
  ExperimentType,
);
export const cloneExperimentResult = resultUnion(
  'CloneExperimentResult',
  'The new experiment, queued; or why it was not created.',
  ExperimentType,
);
export const cancelExperimentResult = resultUnion(
  'CancelExperimentResult',
  'The experiment, canceled or being canceled; or why it can not be canceled.',
  ExperimentType,
);
export const pauseExperimentResult = resultUnion(
  'PauseExperimentResult',
  'The experiment, paused or being paused; or why it can not be paused.',
  ExperimentType,
);
export const resumeExperimentResult = resultUnion(
  'ResumeExperimentResult',
  'The experiment, queued again; or why it was not resumed.',
  ExperimentType,
);
