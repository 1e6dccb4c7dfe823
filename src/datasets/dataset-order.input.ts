import { Field, InputType, registerEnumType } from 'type-graphql';
import { type Direction, lastWithout, type Order, type SortColumn } from '../database/child-pages.js';
import { sql } from '../database/sql.js';
import { OrderDirectionEnum } from '../graphql/order-direction.js';

const DatasetOrderFieldEnum = {
  CREATED: 'CREATED',
  UPDATED: 'UPDATED',
  NAME: 'NAME',
  EXAMPLE_COUNT: 'EXAMPLE_COUNT',
} as const;
type DatasetOrderField = keyof typeof DatasetOrderFieldEnum;

registerEnumType(DatasetOrderFieldEnum, {
  name: 'DatasetOrderField',
  description: 'The fields that datasets can be sorted by.',
  valuesConfig: {
    CREATED: { description: 'When the dataset was created.' },
    UPDATED: { description: 'When the newest version was created.' },
    NAME: { description: 'The name, regardless of case.' },
    EXAMPLE_COUNT: { description: 'How many examples the newest version has.' },
  },
});

@InputType({ description: 'The order of datasets. Equal ones are sorted by their creation.' })
export class DatasetOrder {
  @Field(() => DatasetOrderFieldEnum, { defaultValue: 'CREATED', description: 'By this.' })
  field!: DatasetOrderField;

  @Field(() => OrderDirectionEnum, { defaultValue: 'DESC', description: 'Which end of the order comes first.' })
  direction!: Direction;
}

const newestVersion = sql`LEFT JOIN LATERAL (
  SELECT v.created_at, v.example_count FROM dataset_versions v WHERE v.dataset_id = d.id ORDER BY v.number DESC LIMIT 1
) newest ON true`;

const byCreation: readonly SortColumn[] = [
  { column: 'd.created_at', type: 'timestamptz' },
  { column: 'd.id', type: 'uuid' },
];

/** An order of `datasets d`. */
export function datasetOrder({ field, direction }: DatasetOrder): Order {
  return { ...sortBy(field), direction };
}

function sortBy(field: DatasetOrderField): Omit<Order, 'direction'> {
  switch (field) {
    case 'CREATED':
      return { sort: byCreation };
    case 'UPDATED':
      return {
        join: newestVersion,
        sort: [...lastWithout('newest.created_at', 'timestamptz', "'epoch'"), ...byCreation],
      };
    case 'NAME':
      return { sort: [{ column: 'lower(d.name)', type: 'text' }, ...byCreation] };
    case 'EXAMPLE_COUNT':
      return { join: newestVersion, sort: [...lastWithout('newest.example_count', 'bigint', '0'), ...byCreation] };
    default:
      return field satisfies never;
  }
}
