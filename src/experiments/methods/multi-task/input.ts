import { Field, InputType } from 'type-graphql';
import { ClassWeightsInput, classWeightsField, HeadInput, headField } from '../../heads/input.js';
import { textColumnField, textPairColumnField } from '../text-columns.js';
import { LossWeightingEnum } from './type.js';

@InputType({
  description: 'One of several tasks that share an encoder. `head`, or in short `labelColumn`, says what it predicts.',
})
export class TaskInput {
  @Field(() => String, {
    description: 'Unique among the tasks: a letter, then up to 62 letters, digits, `_` or `-`. Part of metric keys.',
  })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Column of the labels: short for a head of single-label classification. Rows without a label are masked in this task's loss. Default, without `head`: the column with the task's name, or else the only one, of those with the role LABEL, LABELS, NUMBER or TAGS, says what is predicted.",
  })
  labelColumn?: string | null;

  @Field(() => Number, { defaultValue: 1, description: "Weight of the task's loss under FIXED, from 1e-9 to 1e9." })
  weight!: number;

  @Field(() => ClassWeightsInput, classWeightsField)
  classWeights?: ClassWeightsInput | null;

  @Field(() => HeadInput, headField)
  head?: HeadInput | null;
}

@InputType({ description: 'Several predictions for the same texts, of any kinds, with one shared encoder.' })
export class MultiTaskInput {
  @Field(() => String, textColumnField)
  textColumn?: string | null;

  @Field(() => String, textPairColumnField)
  textPairColumn?: string | null;

  @Field(() => [TaskInput], {
    nullable: true,
    description:
      'From 2 to 16 tasks. Default: one for each column with the role LABEL, LABELS, NUMBER or TAGS, named after it.',
  })
  tasks?: TaskInput[] | null;

  @Field(() => LossWeightingEnum, {
    defaultValue: LossWeightingEnum.FIXED,
    description: "How the tasks' losses are combined.",
  })
  lossWeighting!: 'fixed' | 'uncertainty';
}
