import { ArgsType, Field, ID, InputType, registerEnumType } from 'type-graphql';
import { type Direction, type Listing, lastWithout, type Order, type SortColumn } from '../database/child-pages.js';
import { type Sql, sql } from '../database/sql.js';
import { PageArgs } from '../graphql/connection.js';
import {
  anyOf,
  BigIntRangeInput,
  between,
  checkText,
  containsWords,
  inRange,
  maxFilterText,
  rowIds,
  values,
} from '../graphql/filter-values.js';
import { OrderDirectionEnum } from '../graphql/order-direction.js';
import { DateTime } from '../graphql/scalars.js';
import { FileFormatEnum } from './upload.type.js';

@InputType({ description: 'Which datasets to list: those that all of it is true of. What is null restricts nothing.' })
export class DatasetFilter {
  @Field(() => String, {
    nullable: true,
    description: `Every word of this occurs in name or description, as part of a word too, in upper or lower case. No character is special. At most ${maxFilterText} characters.`,
  })
  text?: string | null;

  @Field(() => String, { nullable: true, description: 'In the newest version, a column of labels has this one.' })
  label?: string | null;

  @Field(() => String, { nullable: true, description: 'The newest version has a column of this name.' })
  column?: string | null;

  @Field(() => [FileFormatEnum], {
    nullable: true,
    description: `The newest version was made from a file of one of these formats. ${anyOf}`,
  })
  format?: (keyof typeof FileFormatEnum)[] | null;

  @Field(() => BigIntRangeInput, { nullable: true, description: 'Examples in the newest version.' })
  exampleCount?: BigIntRangeInput | null;

  @Field(() => [ID], { nullable: true, description: `Created by one of these users. ${anyOf}` })
  author?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Created at this moment or later.' })
  createdAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Created before this moment.' })
  createdBefore?: Date | null;
}

export const DatasetOrderFieldEnum = {
  CREATED: 'CREATED',
  UPDATED: 'UPDATED',
  NAME: 'NAME',
  EXAMPLE_COUNT: 'EXAMPLE_COUNT',
} as const;
type DatasetOrderField = keyof typeof DatasetOrderFieldEnum;

registerEnumType(DatasetOrderFieldEnum, {
  name: 'DatasetOrderField',
  description: 'What datasets can be sorted by.',
  valuesConfig: {
    CREATED: { description: 'When it was created.' },
    UPDATED: { description: 'When its newest version was created.' },
    NAME: { description: 'Its name, upper and lower case alike.' },
    EXAMPLE_COUNT: { description: 'Examples in its newest version.' },
  },
});

@InputType({ description: 'How to sort datasets. Equals are sorted by when they were created.' })
export class DatasetOrder {
  @Field(() => DatasetOrderFieldEnum, { defaultValue: 'CREATED', description: 'By this.' })
  field!: DatasetOrderField;

  @Field(() => OrderDirectionEnum, { defaultValue: 'DESC', description: 'Which end comes first.' })
  direction!: Direction;
}

@ArgsType()
export class DatasetListArgs extends PageArgs {
  @Field(() => DatasetFilter, { nullable: true, description: 'Only those that this is true of. Default: all.' })
  filter?: DatasetFilter | null;

  @Field(() => DatasetOrder, { nullable: true, description: 'How to sort them. Default: newest first.' })
  orderBy?: DatasetOrder | null;
}

/** Of `datasets d`. Throws a GraphQL error BAD_USER_INPUT. */
export function datasetListing({ filter, orderBy }: DatasetListArgs): Listing {
  const { field, direction } = orderBy ?? { field: 'CREATED', direction: 'DESC' };
  return { where: conditions(filter ?? {}), order: { ...sortBy(field), direction } };
}

function conditions(filter: DatasetFilter): Sql[] {
  const { text, label, column, format, exampleCount, author } = filter;
  const ofNewest = [
    ...(label == null
      ? []
      : [sql`v.columns @> ${JSON.stringify([{ labels: [{ label: checkText('label', label) }] }])}::jsonb`]),
    ...(column == null ? [] : [sql`v.columns @> ${JSON.stringify([{ name: checkText('column', column) }])}::jsonb`]),
    ...(format == null ? [] : [sql`v.format = ANY(${values('format', format)}::text[])`]),
    ...(exampleCount == null ? [] : inRange('exampleCount', sql`v.example_count`, exampleCount, 'bigint')),
  ];
  return [
    ...(text == null ? [] : containsWords('text', text, ['d.name', 'd.description'])),
    ...ofNewest.map(
      (condition) => sql`EXISTS (
        SELECT FROM dataset_versions v
        WHERE v.dataset_id = d.id AND ${condition}
          AND NOT EXISTS (SELECT FROM dataset_versions n WHERE n.dataset_id = d.id AND n.number > v.number))`,
    ),
    ...(author == null ? [] : [sql`d.created_by = ANY(${rowIds('author', 'User', author)}::uuid[])`]),
    ...between('created', 'd.created_at', { after: filter.createdAfter, before: filter.createdBefore }),
  ];
}

const newestVersion = sql`LEFT JOIN LATERAL (
  SELECT v.created_at, v.example_count FROM dataset_versions v WHERE v.dataset_id = d.id ORDER BY v.number DESC LIMIT 1
) newest ON true`;

const byCreation: readonly SortColumn[] = [
  { column: 'd.created_at', type: 'timestamptz' },
  { column: 'd.id', type: 'uuid' },
];

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
