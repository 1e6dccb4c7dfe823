import { Field, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { RunStatus } from '../protocol/run-status.js';
import type { ExperimentRow } from './experiment.reads.js';
import { HyperparametersType, toHyperparametersType } from './hyperparameters.type.js';
import { TrainingMethod, toMethodType } from './methods/type.js';
import { RunStatusEnum } from './run-status.type.js';

@ObjectType('Progress', { description: 'How far a run has come.', simpleResolvers: true })
export class ProgressType {
  @Field(() => Int, { description: 'Optimizer steps done.' })
  step!: number;

  @Field(() => Int, { description: 'Optimizer steps in all.' })
  totalSteps!: number;

  @Field(() => Number, { description: 'Training set passed so far, in epochs.' })
  epoch!: number;

  @Field(() => Number, { nullable: true, description: 'Recent speed, examples a second; null before it is known.' })
  examplesPerSecond!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: 'Estimated time to the last step, seconds; null before it is known.',
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

  @Field(() => String, { description: 'For people; it need not be unique.' })
  name!: string;

  @Field(() => TrainingMethod, { description: 'What is trained, by which method.' })
  method!: typeof TrainingMethod;

  @Field(() => HyperparametersType, { description: 'What steers training, all defaults filled in.' })
  hyperparameters!: HyperparametersType;

  @Field(() => String, { description: 'The split it learns from.' })
  trainSplit!: string;

  @Field(() => String, { description: 'The split it is measured on after each epoch.' })
  validationSplit!: string;

  @Field(() => [String], { description: 'Words that people find it by, in the order they were given.' })
  tags!: readonly string[];

  @Field(() => String, { description: 'What people wrote about it; empty when nothing.' })
  notes!: string;

  @Field(() => Int, {
    description: 'From -100 to 100: of what waits, the highest is trained first; of equal ones, the oldest.',
  })
  priority!: number;

  @Field(() => DateTime, { nullable: true, description: 'When it was put aside; null unless it is archived.' })
  archivedAt!: Date | null;

  @Field(() => RunStatusEnum, { description: 'Where its run stands.' })
  status!: RunStatus;

  @Field(() => Int, { description: 'The present attempt, from 1; 0 before a worker took it.' })
  attempt!: number;

  @Field(() => Int, { description: 'Sequence number of its newest event.' })
  lastSeq!: number;

  @Field(() => ProgressType, { nullable: true, description: 'How far it has come; null before the first step.' })
  progress!: ProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'What went wrong, when it failed.' })
  problem!: ProblemType | null;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first took it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it reached a final status.' })
  finishedAt!: Date | null;
}

export const experiments = connectionOf('Experiment', 'experiments', ExperimentType);

export function toExperimentType(row: ExperimentRow): ExperimentType {
  return Object.assign(new ExperimentType(), {
    id: globalId('Experiment', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    authorUuid: row.createdBy,
    runUuid: row.runId,
    baseModelUuid: row.baseModelId,
    datasetVersionUuid: row.datasetVersionId,
    clonedFromUuid: row.clonedFromId,
    name: row.name,
    method: toMethodType(row.spec),
    hyperparameters: toHyperparametersType(row.spec.hyperparameters),
    trainSplit: row.spec.trainSplit,
    validationSplit: row.spec.validationSplit,
    tags: row.tags,
    notes: row.notes,
    priority: row.priority,
    archivedAt: row.archivedAt,
    status: row.status,
    attempt: row.attempt,
    lastSeq: row.lastSeq,
    progress: row.progress,
    problem: row.problem === null ? null : toProblemType(row.problem),
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
  });
}

export const createExperimentResult = resultUnion(
  'CreateExperimentResult',
  'The new experiment, queued; or why there is none.',
  ExperimentType,
);
export const cloneExperimentResult = resultUnion(
  'CloneExperimentResult',
  'The new experiment, queued; or why there is none.',
  ExperimentType,
);
export const cancelExperimentResult = resultUnion(
  'CancelExperimentResult',
  'The experiment, canceled or about to be; or why not.',
  ExperimentType,
);
export const pauseExperimentResult = resultUnion(
  'PauseExperimentResult',
  'The experiment, paused or about to be; or why not.',
  ExperimentType,
);
export const resumeExperimentResult = resultUnion(
  'ResumeExperimentResult',
  'The experiment, queued again; or why not.',
  ExperimentType,
);
