import { Field, Float, InputType } from 'type-graphql';

@InputType({
  description:
    'Which tokens are predicted. Of those that are drawn, 80 % are replaced by the mask and 10 % by a random token. They are drawn anew in each epoch of training, and once for all evaluations.',
})
export class MaskingInput {
  @Field(() => Float, { defaultValue: 0.15, description: 'Share of the tokens, above 0 and below 1.' })
  share!: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether words are drawn, and all tokens of a word are predicted.',
  })
  wholeWords!: boolean;
}
