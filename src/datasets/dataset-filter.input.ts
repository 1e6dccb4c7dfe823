import { Field, ID, InputType } from 'type-graphql';
import { type Sql, sql } from '../database/sql.js';
import {
  anyOf,
  BigIntRangeInput,
  between,
  checkLabel,
  checkText,
  containsWords,
  inRange,
  maxFilterText,
  rowIds,
  values,
} from '../graphql/filter-values.js';
import { DateTime } from '../graphql/scalars.js';
import { tagsFilter } from '../organizing/text-fields.js';
import { FileFormatEnum } from './upload.type.js';

@InputType({ description: 'Which datasets to list: those that match every field. A null field restricts nothing.' })
export class DatasetFilter {
  @Field(() => String, {
    nullable: true,
    description: `Every word of this text occurs in name, description or notes, possibly within a word, regardless of case. No character has a special meaning. At most ${maxFilterText} characters.`,
  })
  text?: string | null;

  @Field(() => String, { nullable: true, description: 'A label that occurs in a label column of the newest version.' })
  label?: string | null;

  @Field(() => String, { nullable: true, description: 'The name of a column of the newest version.' })
  column?: string | null;

  @Field(() => [FileFormatEnum], {
    nullable: true,
    description: `Formats: the newest version was made from a file in one of them. ${anyOf}`,
  })
  format?: (keyof typeof FileFormatEnum)[] | null;

  @Field(() => BigIntRangeInput, { nullable: true, description: 'How many examples the newest version has.' })
  exampleCount?: BigIntRangeInput | null;

  @Field(() => [String], tagsFilter)
  tags?: string[] | null;

  @Field(() => [ID], { nullable: true, description: `Datasets that one of these users created. ${anyOf}` })
  author?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Created at this moment or later.' })
  createdAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Created before this moment.' })
  createdBefore?: Date | null;
}

/** Conditions on `datasets d`. Throws a GraphQL error BAD_USER_INPUT. */
export function datasetConditions(filter: DatasetFilter): Sql[] {
  const { text, label, column, format, exampleCount, author } = filter;
  const ofNewest = [
    ...(label == null
      ? []
      : [sql`v.columns @> ${JSON.stringify([{ labels: [{ label: checkLabel(label) }] }])}::jsonb`]),
    ...(column == null ? [] : [sql`v.columns @> ${JSON.stringify([{ name: checkText('column', column) }])}::jsonb`]),
    ...(format == null ? [] : [sql`v.format = ANY(${values('format', format)}::text[])`]),
    ...(exampleCount == null ? [] : inRange('exampleCount', sql`v.example_count`, exampleCount, 'bigint')),
  ];
  return [
    ...(text == null ? [] : containsWords('text', text, ['d.name', 'd.description', 'd.notes'])),
    ...ofNewest.map(
      (condition) => sql`EXISTS (
        SELECT FROM dataset_versions v
        WHERE v.dataset_id = d.id AND ${condition}
          AND NOT EXISTS (SELECT FROM dataset_versions n WHERE n.dataset_id = d.id AND n.number > v.number))`,
    ),
    ...(filter.tags == null || filter.tags.length === 0
      ? []
      : [sql`d.id IN (SELECT x.id FROM datasets x WHERE x.tags @> ${values('tags', filter.tags)}::text[] OFFSET 0)`]),
    ...(author == null ? [] : [sql`d.created_by = ANY(${rowIds('author', 'User', author)}::uuid[])`]),
    ...between('created', 'd.created_at', { after: filter.createdAfter, before: filter.createdBefore }),
  ];
}
