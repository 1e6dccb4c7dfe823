import { Field, ID, InputType } from 'type-graphql';
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

  @Field(() => String, { description: 'Their column.' })
  textColumn!: string;
}

@InputType({
  description:
    'Language modelling on raw texts: each token is predicted from those before it. Continued pre-training, domain adaptation, or training from nothing. Only for models that have a matrix for the next token, their own or the tied embeddings.',
})
export class LanguageModellingInput {
  @Field(() => String, {
    description:
      "Column of the texts. Each begins and ends with the model's tokens for that; one of more than `maxLength` tokens is divided, so that every token is learned.",
  })
  textColumn!: string;

  @Field(() => PackingEnum, {
    defaultValue: PackingEnum.PACKED,
    description: 'How documents become rows. The losses of both are equal.',
  })
  packing!: 'packed' | 'separate';

  @Field(() => ControlTextsInput, {
    nullable: true,
    description: 'Texts that are measured too, as `control/loss`, `control/perplexity` and so on. Default: none.',
  })
  control?: ControlTextsInput | null;
}
