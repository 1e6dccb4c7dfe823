import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';

export const UnknownLabelsEnum = { COUNT: 'count', REFUSE: 'refuse' } as const;
export type UnknownLabels = (typeof UnknownLabelsEnum)[keyof typeof UnknownLabelsEnum];

registerEnumType(UnknownLabelsEnum, {
  name: 'UnknownLabels',
  description: 'What becomes of labels and tags that a head is measured on and does not know.',
  valuesConfig: {
    COUNT: {
      description:
        'Examples with such a label count as wrong, and are left out of the loss; of tags, words. If the head knows none of the labels, the request is refused.',
    },
    REFUSE: { description: 'The request is refused, with UNKNOWN_LABEL.' },
  },
});

@ObjectType('UnknownLabel', {
  description: 'A label or tag that a head is measured on and does not know.',
  simpleResolvers: true,
})
export class UnknownLabelType {
  @Field(() => String, { description: 'The label; the beginning of a long one.' })
  label!: string;

  @Field(() => BigIntScalar, { description: 'How often it occurs.' })
  count!: number;
}
