import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import type { Direction } from '../database/child-pages.js';
import { OrderDirectionEnum } from '../graphql/order-direction.js';

const EvaluatedExampleOrderFieldEnum = { ERROR: 'ERROR', CONFIDENCE: 'CONFIDENCE', ROW: 'ROW' } as const;
export type EvaluatedExampleOrderField = keyof typeof EvaluatedExampleOrderFieldEnum;

registerEnumType(EvaluatedExampleOrderFieldEnum, {
  name: 'EvaluatedExampleOrderField',
  description: 'What the examples of an evaluation can be sorted by.',
  valuesConfig: {
    ERROR: { description: 'How far the prediction is from the truth: `error`.' },
    CONFIDENCE: {
      description: 'How sure the model is: `confidence`. Not for a regression and for tokens, which have none.',
    },
    ROW: { description: 'The row of the dataset version.' },
  },
});

@InputType({ description: 'The order of the examples of an evaluation. Equal ones are in the order of their rows.' })
export class EvaluatedExampleOrder {
  @Field(() => EvaluatedExampleOrderFieldEnum, { defaultValue: 'ERROR', description: 'What to sort by.' })
  field!: EvaluatedExampleOrderField;

  @Field(() => OrderDirectionEnum, { defaultValue: 'DESC', description: 'Which end of the order comes first.' })
  direction!: Direction;
}

@InputType({
  description:
    'Which examples of an evaluation to list; all conditions must hold. Numbers and texts are neither right nor wrong and have no labels: regressions and tokens take no filter.',
})
export class EvaluatedExampleFilter {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Only those that are predicted right (true), or wrong (false).',
  })
  isRight?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Only those with this true label, which the head need not know. Of tags: with a word of this tag; together with `predictedLabel`, with a word of this tag for which the other is predicted. In a confusion matrix, the label of the row.',
  })
  trueLabel?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Only those for which this label or tag is predicted, one of the head. In a confusion matrix, the label of the column.',
  })
  predictedLabel?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only those that have this label and for which it is not predicted. Of IOB2 tags, a type of entities.',
  })
  missedLabel?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Only those for which this label is predicted and that do not have it. Of IOB2 tags, a type of entities.',
  })
  falseLabel?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Only those that another evaluation of the same split predicted right, of a task of the same name: with `isRight: false`, what this model breaks.',
  })
  rightIn?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Only those that another evaluation predicted wrong: with `isRight: true`, what this model mends.',
  })
  wrongIn?: string | null;
}
