import { Field, ID, InputType } from 'type-graphql';
import { UnlearnableRowsEnum } from '../../../datasets/conversations/unlearnable-rows.type.js';
import { PreferenceFormInput } from '../../../datasets/preferences/preference-form.input.js';
import { DateTime } from '../../../graphql/scalars.js';
import type { PreferenceOptimizationSpec } from '../../../protocol/methods/index.js';
import { PreferenceObjectiveInput } from './objective.input.js';

@InputType({
  description:
    'Preference optimization: a decoder learns from judged answers which of them are better. Prompts and answers are written by its chat template. It writes none while it learns.',
})
export class PreferenceOptimizationInput {
  @Field(() => PreferenceFormInput, {
    nullable: true,
    description:
      'How rows hold judgements. Default: pairs in the columns with the roles CHOSEN and REJECTED, thumbs in LABEL beside COMPLETION, or ratings in NUMBER beside COMPLETION; prompts in PROMPT. Of ratings, every two answers to the same prompt that differ are a pair.',
  })
  preference?: PreferenceFormInput | null;

  @Field(() => PreferenceObjectiveInput, {
    nullable: true,
    description: 'What is learned. Default: DPO with its usual settings; of thumbs KTO.',
  })
  objective?: PreferenceObjectiveInput | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The model that DPO and KTO compare with, which has to share the tokenizer. Default: the base model itself, as it is before training, its own adapter included. It scores every answer once, and is not in memory afterwards.',
  })
  referenceModelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A chat template in place of the model's own, in Jinja. It goes out with the trained model. Default: the model's own; without one, prompt and answer follow each other as they are, and lists of turns are refused.",
  })
  chatTemplate?: string | null;

  @Field(() => UnlearnableRowsEnum, {
    defaultValue: UnlearnableRowsEnum.REFUSE,
    description:
      'What happens to rows that can not be learned: those with an empty answer, with equal answers, without a judgement, that the template does not take, or whose answers are cut off before they differ.',
  })
  unlearnable!: PreferenceOptimizationSpec['unlearnable'];

  @Field(() => DateTime, {
    nullable: true,
    description: 'The present for templates that ask for it (`strftime_now`). Default: when the experiment is created.',
  })
  templateTime?: Date | null;
}
