import { Field, InputType } from 'type-graphql';
import { ClassWeightsInput, classWeightsField, HeadInput, headField } from '../../heads/input.js';
import { textColumnField, textPairColumnField } from '../text-columns.js';

@InputType({
  description:
    'One head. `head`, or in short `labelColumn`, says what it predicts; columns that are left out are those whose roles say it, so that `{}` may be enough.',
})
export class SupervisedInput {
  @Field(() => String, textColumnField)
  textColumn?: string | null;

  @Field(() => String, textPairColumnField)
  textPairColumn?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Column of the labels: short for a head of single-label classification. Default, without `head`: the only column with the role LABEL, LABELS, NUMBER or TAGS says what is predicted.',
  })
  labelColumn?: string | null;

  @Field(() => ClassWeightsInput, classWeightsField)
  classWeights?: ClassWeightsInput | null;

  @Field(() => HeadInput, headField)
  head?: HeadInput | null;
}
