import { createUnionType, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { PreferenceFormType, toPreferenceFormType } from '../../../datasets/preferences/preference-form.type.js';
import { globalId } from '../../../graphql/global-id.js';
import type { PolicyOptimizationSpec } from '../../../protocol/methods/index.js';
import type { PolicyAlgorithm } from '../../../protocol/methods/policy-optimization.js';
import { RewardType, toRewardType } from '../../../rewards/reward.type.js';
import type { ReferredIds } from '../referred.js';
import { AggregationEnum, KlEstimatorEnum, OnlineDpoLossEnum, RatioOfEnum, ScalingEnum } from './enums.js';

type GrpoOfSpec = PolicyAlgorithm & { readonly kind: 'grpo' };
type Ppo = PolicyAlgorithm & { readonly kind: 'ppo' };
type OnlineDpoOfSpec = PolicyAlgorithm & { readonly kind: 'onlineDpo' };

const clipLow = { description: 'By how much a ratio of probabilities may fall below 1 before it counts no further.' };
const clipHigh = { description: 'By how much it may rise above 1.' };

@ObjectType('Rloo', {
  description: 'RLOO: the baseline is the mean reward of the other completions of a prompt.',
  simpleResolvers: true,
})
class RlooType {
  @Field(() => Float, clipLow)
  clipLow!: number;

  @Field(() => Float, clipHigh)
  clipHigh!: number;

  @Field(() => Float, { description: 'Weight of the divergence from the reference, taken off the rewards.' })
  klWeight!: number;

  @Field(() => Boolean, { description: 'Whether the advantages of an update get mean 0 and deviation 1.' })
  normalizesAdvantages!: boolean;
}

@ObjectType('Grpo', {
  description: 'GRPO: rewards are standardized among the completions of a prompt.',
  simpleResolvers: true,
})
class GrpoType {
  @Field(() => Float, clipLow)
  clipLow!: number;

  @Field(() => Float, clipHigh)
  clipHigh!: number;

  @Field(() => Float, { nullable: true, description: 'The most that a ratio counts; null: no such limit.' })
  mostRatio!: number | null;

  @Field(() => RatioOfEnum, { description: 'Whose probability is compared.' })
  ratioOf!: GrpoOfSpec['ratioOf'];

  @Field(() => ScalingEnum, { description: 'What differences of rewards are divided by.' })
  scaling!: GrpoOfSpec['scaling'];

  @Field(() => Boolean, { description: 'Whether rewards are standardized one by one before they are added up.' })
  separatesRewards!: boolean;

  @Field(() => AggregationEnum, { description: 'How the losses of tokens become one.' })
  aggregation!: GrpoOfSpec['aggregation'];

  @Field(() => Float, { description: 'Weight of the divergence from the reference in the loss.' })
  klWeight!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'How often prompts whose completions are all rewarded alike are replaced; null: they stay.',
  })
  replacementRounds!: number | null;
}

const missingEndPenalty = {
  nullable: true,
  description: 'What is taken off the reward of a completion that was cut off; null: nothing.',
};

@ObjectType('OnlineDpo', {
  description: 'Online DPO: it learns from pairs that the model writes and the rewards judge.',
  simpleResolvers: true,
})
class OnlineDpoType {
  @Field(() => OnlineDpoLossEnum, { description: 'The loss of a pair.' })
  loss!: OnlineDpoOfSpec['loss'];

  @Field(() => [Float], { description: 'β: one number, or one for each epoch.' })
  betas!: number[];

  @Field(() => Float, missingEndPenalty)
  missingEndPenalty!: number | null;
}

@ObjectType('AdaptiveKl', {
  description: 'How the weight of the divergence follows the divergence.',
  simpleResolvers: true,
})
class AdaptiveKlType {
  @Field(() => Float, { description: 'Divergence of a completion that it is brought to, in nats.' })
  target!: number;

  @Field(() => Float, { description: 'Completions over which the weight follows.' })
  horizon!: number;
}

@ObjectType('Ppo', {
  description: 'PPO: the advantage of a token is what was earned beyond what a model of values expected.',
  simpleResolvers: true,
})
class PpoType {
  @Field(() => Float, clipLow)
  clipLow!: number;

  @Field(() => Float, clipHigh)
  clipHigh!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'The most that a ratio counts where the advantage is negative; null: no such limit.',
  })
  mostRatio!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'How far values may leave what they were before the step, in the loss; null: as far as they like.',
  })
  valueClip!: number | null;

  @Field(() => Float, { description: 'γ: what a reward is worth a token earlier.' })
  discount!: number;

  @Field(() => Float, { description: 'λ of generalized advantage estimation.' })
  lambda!: number;

  @Field(() => Float, { description: 'Weight of the divergence from the base model; with `adaptiveKl` the first one.' })
  klWeight!: number;

  @Field(() => KlEstimatorEnum, { description: 'How the divergence is estimated.' })
  klEstimator!: Ppo['klEstimator'];

  @Field(() => AdaptiveKlType, {
    nullable: true,
    description: 'How the weight of the divergence is adapted; null: it stays.',
  })
  adaptiveKl!: AdaptiveKlType | null;

  @Field(() => Boolean, { description: 'Whether the rewards of tokens get the deviation 1 in each step.' })
  whitensRewards!: boolean;

  @Field(() => Int, { description: 'Mini-batches of one pass over the completions of a step.' })
  miniBatches!: number;

  @Field(() => Float, missingEndPenalty)
  missingEndPenalty!: number | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The reward model that the values begin with; null: the base model, with values of 0.',
  })
  valueModelId!: string | null;

  @Field(() => Float, { description: 'Learning rate of the value model.' })
  valueLearningRate!: number;

  @Field(() => Int, { description: 'Steps at the beginning in which the values alone learn.' })
  valueWarmupSteps!: number;
}

const PolicyAlgorithmUnion = createUnionType({
  name: 'PolicyAlgorithm',
  description: 'How a policy learns from rewards.',
  types: () => [GrpoType, RlooType, OnlineDpoType, PpoType] as const,
});

@ObjectType('ControlPreferences', {
  description: 'Pairs of judged answers that a policy is held against, and does not learn.',
  simpleResolvers: true,
})
export class ControlPreferencesType {
  /** Row id of their dataset version. */
  versionUuid!: string;

  @Field(() => String, { description: 'Their split.' })
  split!: string;

  @Field(() => PreferenceFormType, { description: 'How rows hold judgements.' })
  preference!: PreferenceFormType;

  @Field(() => Int, { description: 'Pairs that are read at most.' })
  pairs!: number;
}

@ObjectType('PolicyGuards', {
  description: 'When a run tells that its policy goes astray; null: it does not.',
  simpleResolvers: true,
})
class PolicyGuardsType {
  @Field(() => Float, { nullable: true, description: 'Divergence from the reference, in nats a completion.' })
  klBudget!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Mean length of completions of held-out prompts, in lengths before the training.',
  })
  lengthGrowth!: number | null;

  @Field(() => Float, { nullable: true, description: 'Share of trigrams of tokens that repeat earlier ones.' })
  repetition!: number | null;

  @Field(() => Boolean, { description: 'Whether a finding ends the run.' })
  stops!: boolean;
}

@ObjectType('PolicyOptimization', {
  description: 'Policy optimization: a decoder writes completions of prompts, and learns from rewards of them.',
  simpleResolvers: true,
})
export class PolicyOptimizationType {
  /** Row id of the reference; null where it is the base model. */
  referenceUuid!: string | null;

  @Field(() => String, { description: 'Column of the prompts.' })
  promptColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of what the model is told before.' })
  systemColumn!: string | null;

  @Field(() => PolicyAlgorithmUnion, { description: 'How advantages are made of rewards, and the loss of them.' })
  algorithm!: typeof PolicyAlgorithmUnion;

  @Field(() => [RewardType], { description: 'What is learned.' })
  rewards!: RewardType[];

  @Field(() => [RewardType], { description: 'What is measured on held-out prompts, and not learned.' })
  controlRewards!: RewardType[];

  @Field(() => ControlPreferencesType, {
    nullable: true,
    description: 'Judged answers that are measured along with held-out prompts; null without any.',
  })
  controlPreferences!: ControlPreferencesType | null;

  @Field(() => Int, { description: 'Completions of each prompt.' })
  samples!: number;

  @Field(() => Int, { description: 'Tokens of a completion at most.' })
  maxTokens!: number;

  @Field(() => Float, { description: 'What logits are divided by.' })
  temperature!: number;

  @Field(() => Int, { description: 'Updates from each batch of completions.' })
  iterations!: number;

  @Field(() => Boolean, { description: 'Whether completions that were cut off are left out of the loss.' })
  masksTruncated!: boolean;

  @Field(() => Int, { description: 'Held-out prompts that evaluations answer.' })
  heldOutPrompts!: number;

  @Field(() => PolicyGuardsType, { description: 'When the run tells that its policy goes astray.' })
  guards!: PolicyGuardsType;
}

/**
 * @param controlVersionId row id of the dataset version of the judged answers; null without any
 * @param referenceModelId row id of the reference; null where it is the base model
 */
export function toPolicyOptimizationType(
  spec: PolicyOptimizationSpec,
  { controlVersionId, referenceModelId: referenceUuid }: ReferredIds,
): PolicyOptimizationType {
  const { controlPreferences } = spec;
  const { promptColumn, systemColumn, samples, maxTokens, temperature, iterations, masksTruncated } = spec;
  return Object.assign(new PolicyOptimizationType(), {
    referenceUuid,
    promptColumn,
    systemColumn,
    samples,
    maxTokens,
    temperature,
    iterations,
    masksTruncated,
    heldOutPrompts: spec.heldOutPrompts,
    algorithm: toAlgorithmType(spec.algorithm),
    rewards: spec.rewards.map(toRewardType),
    controlRewards: spec.controlRewards.map(toRewardType),
    controlPreferences:
      controlPreferences === null || controlVersionId === null
        ? null
        : Object.assign(new ControlPreferencesType(), {
            versionUuid: controlVersionId,
            split: controlPreferences.split,
            preference: toPreferenceFormType(controlPreferences.preference),
            pairs: controlPreferences.pairs,
          }),
    guards: Object.assign(new PolicyGuardsType(), spec.guards),
  });
}

function toAlgorithmType(algorithm: PolicyAlgorithm): typeof PolicyAlgorithmUnion {
  const fields = fieldsOf(algorithm);
  switch (algorithm.kind) {
    case 'rloo':
      return Object.assign(new RlooType(), fields);
    case 'grpo':
      return Object.assign(new GrpoType(), fields);
    case 'onlineDpo':
      return Object.assign(new OnlineDpoType(), fields);
    case 'ppo':
      return Object.assign(new PpoType(), fields);
    default:
      return algorithm satisfies never;
  }
}

/** An algorithm's fields as the graph names them. */
export function fieldsOf({ kind: _, ...fields }: PolicyAlgorithm): object {
  if (!('clip' in fields)) return fields;
  const { clip, ...others } = fields;
  const clipped = { clipLow: clip.low, clipHigh: clip.high };
  if (!('valueModel' in others)) return { ...others, ...clipped };
  const { valueModel, ...rest } = others;
  return { ...rest, ...clipped, valueModelId: valueModel === null ? null : globalId('BaseModel', valueModel.modelId) };
}
