import { Field, Float, InputType } from 'type-graphql';
import { UnlearnableRowsEnum } from '../../../datasets/conversations/unlearnable-rows.type.js';
import { PreferenceFormInput } from '../../../datasets/preferences/preference-form.input.js';
import { DateTime } from '../../../graphql/scalars.js';
import type { RewardModellingSpec } from '../../../protocol/methods/index.js';
import type { ComparisonWeighting } from '../../../protocol/methods/reward-modelling.js';
import { ComparisonWeightingEnum } from './type.js';

@InputType({
  description:
    'Reward modelling: a head learns to give better answers higher numbers, from judgements of answers. Of a decoder it reads the last token of prompt and answer, written by its chat template; of an encoder the vector of both as a pair of texts.',
})
export class RewardModellingInput {
  @Field(() => PreferenceFormInput, {
    nullable: true,
    description:
      'How rows hold judgements. Default: pairs in the columns with the roles CHOSEN and REJECTED, thumbs in LABEL beside COMPLETION, or ratings in NUMBER beside COMPLETION or TEXT; prompts in PROMPT.',
  })
  preference?: PreferenceFormInput | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'By how much the reward of the better answer of the largest strength is to exceed that of the other; of other strengths in proportion. Strengths are those of `strengthColumn`, or differences of ratings. Default: none.',
  })
  margin?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Factor of the squared sum of both rewards in the loss, which draws the mean of rewards to 0. Default: 0.01.',
  })
  centring?: number | null;

  @Field(() => ComparisonWeightingEnum, {
    nullable: true,
    description:
      'What counts the same in the loss. Default: PAIRS; of ratings PROMPTS, since a prompt with many answers makes very many pairs.',
  })
  weighting?: ComparisonWeighting | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A chat template in place of the model's own, in Jinja, for decoders. It goes out with the trained model. Default: the model's own; without one, prompt and answer follow each other as they are, and lists of turns are refused.",
  })
  chatTemplate?: string | null;

  @Field(() => UnlearnableRowsEnum, {
    defaultValue: UnlearnableRowsEnum.REFUSE,
    description:
      'What happens to rows that can not be learned: those with an empty answer, with equal answers, without a judgement, that the template does not take, or whose answers are cut off before they differ.',
  })
  unlearnable!: RewardModellingSpec['unlearnable'];

  @Field(() => DateTime, {
    nullable: true,
    description: 'The present for templates that ask for it (`strftime_now`). Default: when the experiment is created.',
  })
  templateTime?: Date | null;
}
