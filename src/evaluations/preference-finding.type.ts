import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { findingCodes } from './describe-finding.js';
import { FindingType, finding } from './finding.type.js';

/** Findings about reward models, and about what learns from judged answers. */

@ObjectType('RewardNotAboveChance', { description: findingCodes.REWARD_NOT_ABOVE_CHANCE, ...finding })
export class RewardNotAboveChanceType extends FindingType {
  @Field(() => Int, { description: 'Pairs that were compared.' })
  pairs!: number;

  @Field(() => Int, { description: 'Those of them whose better answer has the higher reward.' })
  right!: number;

  @Field(() => Number, { description: 'Lower end of the interval of 95 % of their share, over prompts.' })
  low!: number;

  @Field(() => Number, { description: 'Upper end of it.' })
  high!: number;
}

const PreferredLengthEnum = { LONGER: 'longer', SHORTER: 'shorter' } as const;

registerEnumType(PreferredLengthEnum, {
  name: 'PreferredLength',
  description: 'Which answers a reward model prefers for their length.',
  valuesConfig: { LONGER: { description: 'Longer ones.' }, SHORTER: { description: 'Shorter ones.' } },
});

@ObjectType('RewardFollowsLength', { description: findingCodes.REWARD_FOLLOWS_LENGTH, ...finding })
export class RewardFollowsLengthType extends FindingType {
  @Field(() => PreferredLengthEnum, { description: 'Which answers have the higher rewards.' })
  prefers!: 'longer' | 'shorter';

  @Field(() => Number, { nullable: true, description: "Spearman's correlation of rewards and lengths; null: none." })
  correlation!: number | null;

  @Field(() => Int, { description: 'Pairs whose better answer is of the other kind.' })
  pairs!: number;

  @Field(() => Int, { description: 'Those of them whose better answer has the higher reward.' })
  right!: number;

  @Field(() => Number, { description: 'Lower end of the interval of 95 % of their share, over prompts.' })
  low!: number;

  @Field(() => Number, { description: 'Upper end of it, below one half.' })
  high!: number;
}

@ObjectType('ChosenLessLikely', { description: findingCodes.CHOSEN_LESS_LIKELY, ...finding })
export class ChosenLessLikelyType extends FindingType {
  @Field(() => String, { description: 'The split that was measured.' })
  split!: string;

  @Field(() => Number, {
    description: 'Mean log-probability of a better answer before the first update, in nats.',
  })
  chosenBefore!: number;

  @Field(() => Number, { description: 'The same by the model.' })
  chosenAfter!: number;

  @Field(() => Number, { description: 'Mean log-probability of another answer before the first update, in nats.' })
  rejectedBefore!: number;

  @Field(() => Number, { description: 'The same by the model.' })
  rejectedAfter!: number;
}

@ObjectType('PreferencesFollowLength', { description: findingCodes.PREFERENCES_FOLLOW_LENGTH, ...finding })
export class PreferencesFollowLengthType extends FindingType {
  @Field(() => String, { description: 'The split that was measured.' })
  split!: string;

  @Field(() => Number, {
    nullable: true,
    description: "Pearson's correlation of rewards with lengths in tokens; of pairs, of the differences of both.",
  })
  correlation!: number | null;

  @Field(() => Number, { nullable: true, description: 'The same before the first update; null: there was none.' })
  correlationBefore!: number | null;
}

@ObjectType('FarFromReference', { description: findingCodes.FAR_FROM_REFERENCE, ...finding })
export class FarFromReferenceType extends FindingType {
  @Field(() => String, { description: 'The split that was measured.' })
  split!: string;

  @Field(() => Number, { description: 'Mean divergence of a token of the answers from the reference, in nats.' })
  divergence!: number;

  @Field(() => Number, { description: 'What counts as far.' })
  mostDivergence!: number;
}

@ObjectType('UnbalancedThumbs', { description: findingCodes.UNBALANCED_THUMBS, ...finding })
export class UnbalancedThumbsType extends FindingType {
  @Field(() => Int, { description: 'Good answers of the training split.' })
  good!: number;

  @Field(() => Int, { description: 'Bad answers of it.' })
  bad!: number;

  @Field(() => Number, {
    nullable: true,
    description: 'How much good answers count together, in what bad ones do; null: there are none of one kind.',
  })
  ratio!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: 'The weight of bad answers with which the ratio is as advised; null: there is none.',
  })
  undesirableWeight!: number | null;
}
