import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { GenerationSettingsType, toGenerationSettingsType } from '../generations/generation-settings.type.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime, Seed } from '../graphql/scalars.js';
import { TransferStatus } from '../protocol/job.js';
import { RewardType, toRewardType } from '../rewards/reward.type.js';
import { BestOfPointType, toBestOfPointType } from './best-of-point.type.js';
import type { ScoredSamplesRow } from './scored-samples.reads.js';

/** A copy: each name of an enum in the graph needs an object of its own. */
const ScoredSamplesStatusEnum = { ...TransferStatus.enum };

registerEnumType(ScoredSamplesStatusEnum, {
  name: 'ScoredSamplesStatus',
  description: 'Where a batch of samples stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, or returned by a worker that was stopped.' },
    RUNNING: { description: 'A worker writes or scores. If it is lost, the next one goes on from what it had.' },
    SUCCEEDED: { description: 'The samples and the curve are there.' },
    FAILED: { description: 'There are no samples; `problem` says why.' },
    CANCELED: { description: 'A user canceled it.' },
  },
});

@ObjectType('ScoredSamplesProgress', { description: 'How far a batch of samples has come.', simpleResolvers: true })
export class ScoredSamplesProgressType {
  @Field(() => Int, { description: 'Prompts that were answered, and those that were scored.' })
  unitsDone!: number;

  @Field(() => Int, { description: 'Twice the number of prompts.' })
  unitsTotal!: number;
}

@ObjectType('SamplesSummary', { description: 'What all samples of a batch say.', simpleResolvers: true })
export class SamplesSummaryType {
  @Field(() => BigIntScalar, { description: 'Prompts with samples.' })
  promptCount!: number;

  @Field(() => BigIntScalar, { description: 'Rows whose prompt is empty, or can not be read by the model.' })
  leftOutCount!: number;

  @Field(() => String, { nullable: true, description: 'Why the model can not read the first of those; null: it can.' })
  leftOutReason!: string | null;

  @Field(() => BigIntScalar, {
    description: 'Prompts with a sample that no reward could score. They take no part in the curve.',
  })
  unscoredCount!: number;

  @Field(() => BigIntScalar, {
    description: 'Prompts all of whose samples have the same reward: nothing can be chosen among them.',
  })
  equalCount!: number;

  @Field(() => BigIntScalar, { description: 'Samples that were cut at the most tokens.' })
  cutCount!: number;

  @Field(() => [BestOfPointType], {
    description: 'For k = 1 … n, all from the same samples: what the best of k is worth. Empty: no prompt takes part.',
  })
  curve!: readonly BestOfPointType[];
}

@ObjectType('ScoredSamples', {
  description: 'Answers that a model wrote to the prompts of a dataset version, n to each, with their rewards.',
  implements: Node,
  simpleResolvers: true,
})
export class ScoredSamplesType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  baseModelUuid!: string;
  datasetVersionUuid!: string;

  @Field(() => String, { nullable: true, description: 'The split of the prompts; null: all rows.' })
  split!: string | null;

  @Field(() => String, { description: 'The column of the prompts.' })
  promptColumn!: string;

  @Field(() => Boolean, { description: 'Whether a prompt that is a text is said by a user.' })
  asConversation!: boolean;

  @Field(() => Int, { description: 'How many prompts at most.' })
  most!: number;

  @Field(() => Seed, { nullable: true, description: 'What rows are drawn by; null: the first ones.' })
  seed!: number | null;

  @Field(() => GenerationSettingsType, { description: 'How samples are written; `samples` is n.' })
  settings!: GenerationSettingsType;

  @Field(() => [RewardType], { description: 'What scores a sample, and by which the best is chosen.' })
  rewards!: readonly RewardType[];

  @Field(() => [RewardType], {
    nullable: true,
    description: 'Rewards by which nothing is chosen; null: there are none.',
  })
  gold!: readonly RewardType[] | null;

  @Field(() => ScoredSamplesStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether cancellation was requested and it has not ended yet.' })
  canceling!: boolean;

  @Field(() => ScoredSamplesProgressType, {
    nullable: true,
    description: 'How far it has come; null before a worker has begun.',
  })
  progress!: ScoredSamplesProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if it failed.' })
  problem!: ProblemType | null;

  @Field(() => SamplesSummaryType, {
    nullable: true,
    description: 'What all samples say; null until it has succeeded.',
  })
  summary!: SamplesSummaryType | null;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  finishedAt!: Date | null;
}

export const scoredSamples = connectionOf('ScoredSamples', 'batches of samples', ScoredSamplesType);

export const scoreSamplesResult = resultUnion(
  'ScoreSamplesResult',
  'The queued batch; or why it was not queued.',
  ScoredSamplesType,
);

export const cancelScoredSamplesResult = resultUnion(
  'CancelScoredSamplesResult',
  'The batch; or why it was not canceled.',
  ScoredSamplesType,
);

export function toScoredSamplesType(row: ScoredSamplesRow): ScoredSamplesType {
  const { id, projectId, createdBy, baseModelId, datasetVersionId, request, summary, problem, ...rest } = row;
  const { split, prompt, asConversation, most, seed, settings, rewards, gold } = request;
  return Object.assign(new ScoredSamplesType(), rest, {
    id: globalId('ScoredSamples', id),
    uuid: id,
    projectUuid: projectId,
    authorUuid: createdBy,
    baseModelUuid: baseModelId,
    datasetVersionUuid: datasetVersionId,
    split,
    promptColumn: prompt.column,
    asConversation,
    most,
    seed,
    settings: toGenerationSettingsType(settings),
    rewards: rewards.map(toRewardType),
    gold: gold?.map(toRewardType) ?? null,
    problem: problem === null ? null : toProblemType(problem),
    summary: summary === null ? null : toSummaryType(row),
  });
}

function toSummaryType({ request, summary }: ScoredSamplesRow): SamplesSummaryType {
  const { curve, reason, ...counts } = summary!;
  const names = request.rewards.map(({ name }) => name);
  return Object.assign(new SamplesSummaryType(), counts, {
    leftOutReason: reason,
    curve: curve.map((point) => toBestOfPointType(point, names)),
  });
}
