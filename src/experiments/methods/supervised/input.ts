import { Field, InputType } from 'type-graphql';
import { ClassWeightsInput, classWeightsField, HeadInput, headField } from '../../heads/input.js';
import { textPairColumnField } from '../text-columns.js';

@InputType({ description: 'One head. `head`, or in short `labelColumn`, says what it predicts.' })
export class SupervisedInput {
  @Field(() => String, { description: 'Column of the texts, or of lists of words, which are joined by spaces.' })
  textColumn!: string;

  @Field(() => String, textPairColumnField)
  textPairColumn!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Column of the labels: short for a head of single-label classification. Required without `head`.',
  })
  labelColumn!: string | null;

  @Field(() => ClassWeightsInput, classWeightsField)
  classWeights!: ClassWeightsInput | null;

  @Field(() => HeadInput, headField)
  head!: HeadInput | null;
}
