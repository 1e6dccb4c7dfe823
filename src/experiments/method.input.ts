import { Extensions, Field, InputType } from 'type-graphql';
import type { ClassWeights } from '../protocol/heads.js';
import { ClassWeightsKindEnum, LossWeightingEnum } from './method.type.js';

@InputType({ description: 'Weight of one label.' })
export class ClassWeightInput {
  @Field(() => String, { description: 'A label of the training split.' })
  label!: string;

  @Field(() => Number, { description: "Factor of the loss of this label's examples, above 0." })
  weight!: number;
}

@InputType({ description: 'How much an example counts in the loss, by its label.' })
export class ClassWeightsInput {
  @Field(() => ClassWeightsKindEnum, { description: 'How the weights come about.' })
  kind!: ClassWeights['kind'];

  @Field(() => [ClassWeightInput], { nullable: true, description: 'With EXPLICIT, and only there: the weights.' })
  weights!: ClassWeightInput[] | null;
}

const textPairColumn = {
  nullable: true,
  description: 'Column of the second texts, for tasks on pairs. Rows without one are left out. Default: single texts.',
} as const;

@InputType({ description: 'Single-label classification.' })
export class SupervisedInput {
  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, textPairColumn)
  textPairColumn!: string | null;

  @Field(() => String, { description: 'Column of the labels.' })
  labelColumn!: string;

  @Field(() => ClassWeightsInput, {
    nullable: true,
    description: 'How much an example counts, by its label. Default: NONE.',
  })
  classWeights!: ClassWeightsInput | null;
}

@InputType({ description: 'One of several classifications that share an encoder.' })
export class TaskInput {
  @Field(() => String, {
    description: 'Unique among the tasks: a letter, then up to 62 letters, digits, `_` or `-`. Part of metric keys.',
  })
  name!: string;

  @Field(() => String, { description: 'Column of its labels. Rows without a label are masked in its loss.' })
  labelColumn!: string;

  @Field(() => Number, { defaultValue: 1, description: 'Weight of its loss under FIXED, above 0.' })
  weight!: number;

  @Field(() => ClassWeightsInput, {
    nullable: true,
    description: 'How much an example counts, by its label. Default: NONE.',
  })
  classWeights!: ClassWeightsInput | null;
}

@InputType({ description: 'Several classifications of the same texts, with one shared encoder.' })
export class MultiTaskInput {
  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, textPairColumn)
  textPairColumn!: string | null;

  @Field(() => [TaskInput], { description: 'From 2 to 16 tasks.' })
  tasks!: TaskInput[];

  @Field(() => LossWeightingEnum, {
    defaultValue: LossWeightingEnum.FIXED,
    description: 'How their losses are put together.',
  })
  lossWeighting!: 'fixed' | 'uncertainty';
}

@Extensions({ oneOf: true })
@InputType({ description: 'What to train, by which method: exactly one of the fields.' })
export class TrainingMethodInput {
  @Field(() => SupervisedInput, { nullable: true, description: 'Single-label classification.' })
  supervised?: SupervisedInput | null;

  @Field(() => MultiTaskInput, { nullable: true, description: 'Several classifications with one shared encoder.' })
  multiTask?: MultiTaskInput | null;
}
