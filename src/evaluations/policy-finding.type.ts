import { Field, Int, ObjectType } from 'type-graphql';
import { findingCodes } from './describe-finding.js';
import { FindingType, finding } from './finding.type.js';

/** Findings about policy optimization. */

@ObjectType('PolicyFarFromReference', { description: findingCodes.POLICY_FAR_FROM_REFERENCE, ...finding })
export class PolicyFarFromReferenceType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: 'Divergence from the reference, in nats a completion.' })
  kl!: number;

  @Field(() => Number, { description: 'What the experiment allows.' })
  budget!: number;
}

@ObjectType('RewardOveroptimized', { description: findingCodes.REWARD_OVEROPTIMIZED, ...finding })
export class RewardOveroptimizedType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => String, { description: 'Name of the reward that is only measured.' })
  control!: string;

  @Field(() => Number, { description: 'Mean learned reward then.' })
  reward!: number;

  @Field(() => Number, { description: 'The same at the evaluation that is compared with.' })
  rewardBefore!: number;

  @Field(() => Number, { description: 'Mean of the reward that is only measured.' })
  controlValue!: number;

  @Field(() => Number, { description: 'The same at the evaluation that is compared with, at which it was greatest.' })
  controlBefore!: number;

  @Field(() => Int, { description: 'Updates that were done at that evaluation.' })
  stepBefore!: number;
}

@ObjectType('PreferencesUnlearned', { description: findingCodes.PREFERENCES_UNLEARNED, ...finding })
export class PreferencesUnlearnedType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: 'Mean learned reward then.' })
  reward!: number;

  @Field(() => Number, { description: 'The same at the evaluation that is compared with.' })
  rewardBefore!: number;

  @Field(() => Number, { description: 'Share of pairs whose better answer is the likelier one a token.' })
  accuracy!: number;

  @Field(() => Number, { description: 'The same at the evaluation that is compared with, at which it was greatest.' })
  accuracyBefore!: number;

  @Field(() => Int, { description: 'Pairs of judged answers.' })
  pairs!: number;

  @Field(() => Int, {
    description:
      'Prompts of which more pairs were right at that evaluation than are now. Of fewer than ten prompts, pairs that share no answer count as if of prompts of their own.',
  })
  lost!: number;

  @Field(() => Int, { description: 'Prompts of which more pairs are right now than were at that evaluation.' })
  won!: number;

  @Field(() => Int, { description: 'Updates that were done at that evaluation.' })
  stepBefore!: number;
}

@ObjectType('CompletionsGrow', { description: findingCodes.COMPLETIONS_GROW, ...finding })
export class CompletionsGrowType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: 'Mean tokens of a completion.' })
  length!: number;

  @Field(() => Number, { description: 'The same before the first update.' })
  startLength!: number;
}

@ObjectType('CompletionsRepeat', { description: findingCodes.COMPLETIONS_REPEAT, ...finding })
export class CompletionsRepeatType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: 'Share of trigrams of tokens that stood in the same completion before.' })
  repetition!: number;

  @Field(() => Number, { description: 'The same before the first update.' })
  startRepetition!: number;
}

@ObjectType('GeneratorDiffers', { description: findingCodes.GENERATOR_DIFFERS, ...finding })
export class GeneratorDiffersType extends FindingType {
  @Field(() => Int, { description: 'Updates that were done when it was found.' })
  step!: number;

  @Field(() => Number, { description: "Greatest difference of the logarithm of a token's probability." })
  difference!: number;
}

@ObjectType('RewardsRarelyDiffer', { description: findingCodes.REWARDS_RARELY_DIFFER, ...finding })
export class RewardsRarelyDifferType extends FindingType {
  @Field(() => Int, { description: 'Groups of completions that were written.' })
  groups!: number;

  @Field(() => Int, { description: 'How many of them had equal rewards.' })
  equalGroups!: number;
}
