import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.js';
import { globalId } from '../../graphql/global-id.js';
import { Node } from '../../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../../graphql/scalars.js';
import { TransferStatus } from '../../protocol/job.js';
import { PreparationStage } from '../../protocol/preparation/prepare-job.js';
import type { PreparationRow } from './preparation.reads.js';
import { PreparationStepType, toStepType } from './recipe.type.js';

/** A copy: each name of an enum in the graph needs an object of its own. */
const PreparationStatusEnum = { ...TransferStatus.enum };
const PreparationStageEnum = PreparationStage.enum;

registerEnumType(PreparationStatusEnum, {
  name: 'PreparationStatus',
  description: 'Where a preparation stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, or returned by a worker that was stopped.' },
    RUNNING: { description: 'A worker makes the version. If the worker is lost, the next one does.' },
    SUCCEEDED: { description: 'The version is there.' },
    FAILED: { description: 'There is no version; `problems` say why. Its uploads can be used again.' },
    CANCELED: { description: 'A user canceled it. There is no version.' },
  },
});

registerEnumType(PreparationStageEnum, {
  name: 'PreparationStage',
  description: 'What a preparation is doing.',
  valuesConfig: {
    READING: { description: 'It reads the sources.' },
    STEPS: { description: 'It takes the rows through the steps of the recipe.' },
    SPLITTING: { description: 'It gives rows their splits.' },
    DESCRIBING: { description: 'It counts the values of the columns.' },
    WRITING: { description: 'It writes the rows.' },
  },
});

@ObjectType('PreparationProgress', { description: 'How far a preparation has come.', simpleResolvers: true })
export class PreparationProgressType {
  @Field(() => PreparationStageEnum, { description: 'What it is doing.' })
  stage!: PreparationStage;

  @Field(() => Int, { nullable: true, description: 'In the stage STEPS: which step, from 0.' })
  step!: number | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Rows, as far as they are known.' })
  rows!: number | null;
}

@ObjectType('Preparation', {
  description: 'The making of a dataset version by a worker: rows of sources, taken through a recipe.',
  implements: Node,
  simpleResolvers: true,
})
export class PreparationType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  datasetVersionUuid!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the new dataset; null: it makes a version of one.' })
  datasetName!: string | null;

  @Field(() => [PreparationStepType], { description: 'The recipe.' })
  recipe!: PreparationStepType[];

  @Field(() => PreparationStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether cancellation was requested and the work has not ended yet.' })
  canceling!: boolean;

  @Field(() => PreparationProgressType, { nullable: true, description: 'How far it has come; null before it begins.' })
  progress!: PreparationProgressType | null;

  @Field(() => [ProblemType], {
    description: 'Why it failed: paths lead into the input of prepareDataset. Empty if it did not.',
  })
  problems!: ProblemType[];

  @Field(() => DateTime, { description: 'When it was requested.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it reached a final status.' })
  finishedAt!: Date | null;
}

export const preparations = connectionOf('Preparation', 'preparations', PreparationType);

export const prepareDatasetResult = resultUnion(
  'PrepareDatasetResult',
  'The queued preparation; or why it was not queued.',
  PreparationType,
);

export const cancelPreparationResult = resultUnion(
  'CancelPreparationResult',
  'The preparation; or why it can not be canceled.',
  PreparationType,
);

export function toPreparationType(row: PreparationRow): PreparationType {
  return Object.assign(new PreparationType(), {
    ...row,
    id: globalId('Preparation', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    authorUuid: row.createdBy,
    datasetVersionUuid: row.datasetVersionId,
    datasetName: row.target.kind === 'newDataset' ? row.target.name : null,
    recipe: row.recipe.map(toStepType),
    problems: row.problems.map(toProblemType),
  });
}
