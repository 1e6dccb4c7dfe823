import { registerEnumType } from 'type-graphql';

export const OrderDirectionEnum = { ASC: 'ASC', DESC: 'DESC' } as const;

registerEnumType(OrderDirectionEnum, {
  name: 'OrderDirection',
  description: 'Which end of an order comes first. Objects without a value come last in both.',
  valuesConfig: {
    ASC: { description: 'The least, the oldest, or A, first.' },
    DESC: { description: 'The greatest, the newest, or Z, first.' },
  },
});
