import { Field, ID, InputType } from 'type-graphql';
import { MaskingInput } from '../../../models/masking.input.js';
import { LanguageObjectiveEnum } from '../../../models/predicted-tokens.type.js';
import type { LanguageModellingSpec } from '../../../protocol/methods/index.js';
import { PackingEnum } from './type.js';

@InputType({
  description:
    'Texts of another kind than those that are learned, which are measured along with them: what the model loses on them is what it forgets. Nothing is learned from them.',
})
export class ControlTextsInput {
  @Field(() => ID, { description: 'The dataset version that they are in, of the same project.' })
  datasetVersionId!: string;

  @Field(() => String, { defaultValue: 'test', description: 'Their split.' })
  split!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Their column. Default: the column with the role TEXT or TOKENS.',
  })
  textColumn?: string | null;
}

@InputType({
  description:
    'Language modelling on raw texts: a decoder predicts each token from those before it, an encoder masked tokens from all others. Continued pre-training, domain adaptation, or training from nothing.',
})
export class LanguageModellingInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Column of the texts. Default: the column with the role TEXT or TOKENS. Each begins and ends with the model's special tokens; one of more than `maxLength` tokens is divided, so that every token is learned.",
  })
  textColumn?: string | null;

  @Field(() => LanguageObjectiveEnum, {
    nullable: true,
    description: 'What is predicted. Default: what the model can, CAUSAL for decoders and MASKED for encoders.',
  })
  objective?: LanguageModellingSpec['objective'] | null;

  @Field(() => PackingEnum, {
    nullable: true,
    description:
      'How documents become rows. The losses of both are equal. Default: PACKED for CAUSAL; MASKED takes SEPARATE alone.',
  })
  packing?: LanguageModellingSpec['packing'] | null;

  @Field(() => MaskingInput, { nullable: true, description: 'Which tokens are masked; only for MASKED.' })
  masking?: MaskingInput | null;

  @Field(() => ControlTextsInput, {
    nullable: true,
    description: 'Texts that are measured too, as `control/loss`, `control/perplexity` and so on. Default: none.',
  })
  control?: ControlTextsInput | null;
}
