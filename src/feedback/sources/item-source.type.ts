import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { LabelProbabilityType } from '../../evaluations/prediction.type.js';
import { BigIntScalar, Seed } from '../../graphql/scalars.js';
import type { ItemPrediction, ItemRewards, RankPairsBy } from '../../protocol/feedback/make-items-job.js';
import { TransferStatus } from '../../protocol/job.js';
import { RankPairsByEnum } from './item-source.input.js';
import type { ItemSourceRow } from './item-source.reads.js';

/** A copy: each name of an enum in the graph needs an object of its own. */
const MakingStatusEnum = { ...TransferStatus.enum };

registerEnumType(MakingStatusEnum, {
  name: 'FeedbackItemSourceStatus',
  description: 'Where the making of items stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, or returned by a worker that was stopped.' },
    RUNNING: { description: 'A worker makes items. If it is lost, the next one goes on where it was.' },
    SUCCEEDED: { description: 'The items are in the task.' },
    FAILED: { description: 'There are no items; `problem` of the task says why.' },
    CANCELED: { description: 'The task was closed before its items were there.' },
  },
});

const FeedbackItemOriginEnum = { ROWS: 'rows', PREDICTIONS: 'predictions', GENERATIONS: 'generations' } as const;

registerEnumType(FeedbackItemOriginEnum, {
  name: 'FeedbackItemOrigin',
  description: 'What items are made of. New origins may be added.',
  valuesConfig: {
    ROWS: { description: 'Rows of a dataset version.' },
    PREDICTIONS: { description: 'Rows that a model is unsure of, or that cover the others.' },
    GENERATIONS: { description: 'What models write to prompts.' },
  },
});

@ObjectType('FeedbackItemSource', {
  description: 'What the items of a task are made of, and how far that is.',
  simpleResolvers: true,
})
export class ItemSourceType {
  versionUuid!: string;
  modelUuids!: readonly string[];
  rewardModelUuids!: readonly string[];

  @Field(() => FeedbackItemOriginEnum, { description: 'What they are made of.' })
  origin!: 'rows' | 'predictions' | 'generations';

  @Field(() => MakingStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => String, { nullable: true, description: 'The split of the rows; null: all rows.' })
  split!: string | null;

  @Field(() => Seed, { nullable: true, description: 'What rows are drawn by; null: the first ones.' })
  seed!: number | null;

  @Field(() => RankPairsByEnum, {
    nullable: true,
    description: 'What its pairs were ranked by, of what reward models say; null: none ranked them.',
  })
  rankedBy!: RankPairsBy | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'How far it is: rows that were read or predicted for, or prompts, once for each of the variants that answer them; then answers, once for each of the reward models that score them. Null before it begins, and once it has ended.',
  })
  unitsDone!: number | null;

  @Field(() => Int, { nullable: true, description: 'Of so many; null with `unitsDone`.' })
  unitsTotal!: number | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Items that were made; null before that.' })
  itemCount!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Rows and prompts that no item could be made of; null before that.',
  })
  leftOutCount!: number | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Pairs of equal answers, or equal answers, that were dropped; null before that.',
  })
  equalCount!: number | null;
}

export function toItemSourceType(row: ItemSourceRow): ItemSourceType {
  const { request, progress, status, itemCount, leftOutCount, equalCount } = row;
  const { from, split, seed, versionId, ranking } = request;
  return Object.assign(new ItemSourceType(), {
    versionUuid: versionId,
    modelUuids: modelsOf(row),
    rewardModelUuids: ranking?.models.map(({ modelId }) => modelId) ?? [],
    rankedBy: ranking?.by ?? null,
    origin: from.kind,
    status,
    split,
    seed,
    unitsDone: status === 'RUNNING' ? (progress?.unitsDone ?? null) : null,
    unitsTotal: status === 'RUNNING' ? (progress?.unitsTotal ?? null) : null,
    itemCount,
    leftOutCount,
    equalCount,
  });
}

function modelsOf({ request: { from } }: ItemSourceRow): string[] {
  if (from.kind === 'rows') return [];
  return from.kind === 'predictions' ? [from.modelId] : [...new Set(from.variants.map(({ modelId }) => modelId))];
}

@ObjectType('FeedbackItemPrediction', {
  description: 'What a model said of the text of an item when the item was made.',
  simpleResolvers: true,
})
export class ItemPredictionType {
  modelUuid!: string;

  @Field(() => String, { description: 'The head that predicted.' })
  task!: string;

  @Field(() => [LabelProbabilityType], { description: 'Its labels, most likely first.' })
  labels!: LabelProbabilityType[];

  @Field(() => Float, {
    nullable: true,
    description: 'How unsure it is, by what rows were picked by: the greater, the more; null: picked by diversity.',
  })
  uncertainty!: number | null;
}

export function toItemPredictionType({ modelId, ...rest }: ItemPrediction): ItemPredictionType {
  return Object.assign(new ItemPredictionType(), rest, { modelUuid: modelId });
}

@ObjectType('FeedbackItemReward', {
  description: 'What a reward model said of the two answers of an item when the item was made.',
  simpleResolvers: true,
})
export class ItemRewardType {
  modelUuid!: string;

  @Field(() => [Float], {
    nullable: 'items',
    description:
      'The rewards of both answers, in the order of `answers`, in deviations from the mean of held-out answers; null: the model reads no token of the answer, as of an empty one where no token ends answers.',
  })
  rewards!: (number | null)[];

  @Field(() => Float, { nullable: true, description: 'r_a − r_b of the two; null: one of them has no reward.' })
  gap!: number | null;
}

export function toItemRewardTypes(said: ItemRewards): ItemRewardType[] {
  return said.map(({ modelId, rewards }) => {
    const [one, two] = rewards;
    const gap = one === null || two === null ? null : one - two;
    return Object.assign(new ItemRewardType(), { modelUuid: modelId, rewards, gap });
  });
}
