import { Field, InputType } from 'type-graphql';
import { PackingEnum } from './type.js';

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
}
