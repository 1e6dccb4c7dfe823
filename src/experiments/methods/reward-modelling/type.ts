import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { UnlearnableRowsEnum } from '../../../datasets/conversations/unlearnable-rows.type.js';
import { PreferenceFormType, toPreferenceFormType } from '../../../datasets/preferences/preference-form.type.js';
import { DateTime } from '../../../graphql/scalars.js';
import type { RewardModellingSpec } from '../../../protocol/methods/index.js';
import type { ComparisonWeighting } from '../../../protocol/methods/reward-modelling.js';

export const ComparisonWeightingEnum = {
  PAIRS: 'pairs',
  PROMPTS: 'prompts',
} as const satisfies Readonly<Record<string, ComparisonWeighting>>;

registerEnumType(ComparisonWeightingEnum, {
  name: 'ComparisonWeighting',
  description: 'What counts the same in the loss of a reward model.',
  valuesConfig: {
    PAIRS: { description: 'Each pair of answers.' },
    PROMPTS: { description: 'Each prompt, however many pairs its answers make.' },
  },
});

@ObjectType('RewardModelling', {
  description: 'Reward modelling: a head learns to give better answers higher numbers, from judgements of answers.',
  simpleResolvers: true,
})
export class RewardModellingType {
  @Field(() => PreferenceFormType, { description: 'How rows hold judgements.' })
  preference!: PreferenceFormType;

  @Field(() => Float, {
    nullable: true,
    description:
      'By how much the reward of the better answer of the largest strength is to exceed that of the other; null: by nothing.',
  })
  margin!: number | null;

  @Field(() => Float, { description: 'Factor of the squared sum of both rewards in the loss.' })
  centring!: number;

  @Field(() => ComparisonWeightingEnum, { description: 'What counts the same in the loss.' })
  weighting!: ComparisonWeighting;

  @Field(() => String, {
    nullable: true,
    description: "A chat template in place of the model's own; null: the model's own, where it has one.",
  })
  chatTemplate!: string | null;

  @Field(() => UnlearnableRowsEnum, { description: 'What happens to rows that can not be learned.' })
  unlearnable!: RewardModellingSpec['unlearnable'];

  @Field(() => DateTime, { description: 'The present for templates that ask for it.' })
  templateTime!: Date;
}

export function toRewardModellingType(spec: RewardModellingSpec): RewardModellingType {
  const { preference, margin, centring, weighting, chatTemplate, unlearnable, templateTime } = spec;
  return Object.assign(new RewardModellingType(), {
    preference: toPreferenceFormType(preference),
    margin,
    centring,
    weighting,
    chatTemplate,
    unlearnable,
    templateTime: new Date(templateTime),
  });
}
