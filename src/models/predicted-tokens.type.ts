import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';

export const LanguageObjectiveEnum = { CAUSAL: 'causal', MASKED: 'masked' } as const;

registerEnumType(LanguageObjectiveEnum, {
  name: 'LanguageObjective',
  description: 'What a language model predicts.',
  valuesConfig: {
    CAUSAL: { description: 'Each token from those before it.' },
    MASKED: { description: 'Some tokens, most of which are masked, from all others.' },
  },
});

@ObjectType('Masking', { description: 'Which tokens are masked and predicted.', simpleResolvers: true })
export class MaskingType {
  @Field(() => Float, { description: 'Share of the tokens, above 0 and below 1.' })
  share!: number;

  @Field(() => Boolean, { description: 'Whether words are drawn, and all tokens of a word are predicted.' })
  wholeWords!: boolean;
}
