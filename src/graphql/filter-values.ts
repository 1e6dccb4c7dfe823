import { GraphQLError } from 'graphql';
import { Field, Float, InputType } from 'type-graphql';
import { type Sql, sourceText, sql } from '../database/sql.js';
import { namesHint } from '../problems/closest-name.js';
import { maxLabelLength } from '../protocol/heads.js';
import { parseGlobalId, type TypeWithId, wrongId } from './global-id.js';
import { BigIntScalar } from './scalars.js';

/** The most values that one list in a filter may have. */
const maxFilterValues = 100;
/** The most characters that one text in a filter may have. */
export const maxFilterText = 200;
const maxWords = 10;

/** The end of every filter's description of a list of values. */
export const anyOf = `At most ${maxFilterValues}; an empty list matches nothing.`;

@InputType({ description: 'Numbers from `min` to `max`, both included.' })
export class BigIntRangeInput {
  @Field(() => BigIntScalar, { nullable: true, description: 'At least this. Default: no lower bound.' })
  min?: number | bigint | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'At most this. Default: no upper bound.' })
  max?: number | bigint | null;
}

@InputType({
  description:
    'A measurement from `min` to `max`, both included. Without bounds, any measurement matches. NaN lies in no range with a bound.',
})
export class MeasurementRangeInput {
  @Field(() => Float, { nullable: true, description: 'At least this. Default: no lower bound.' })
  min?: number | null;

  @Field(() => Float, { nullable: true, description: 'At most this. Default: no upper bound.' })
  max?: number | null;
}

/** A mistake in an argument of a list, as a GraphQL error BAD_USER_INPUT. */
export function badArgument(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** A name that is none of those there are. */
export function badName(argument: string, what: string, name: string, names: readonly string[]): GraphQLError {
  return badArgument(`\`${argument}\`: “${name}” is no ${what}. ${namesHint(name, names)}`);
}

export function badFilter(field: string, what: string): GraphQLError {
  return badArgument(`\`filter.${field}\` ${what}.`);
}

/** The distinct values of a list, sorted, so that the same choice always makes the same statement. */
export function values<Value extends string>(field: string, list: readonly Value[]): readonly Value[] {
  if (list.length > maxFilterValues)
    throw badFilter(field, `has ${list.length} values, ${maxFilterValues} are allowed`);
  return [...new Set(list.map((value) => checkText(field, value)))].sort();
}

/** Row ids behind global ids of one type. The id of an object that does not exist just matches nothing. */
export function rowIds(field: string, type: TypeWithId, ids: readonly string[]): readonly string[] {
  return values(field, ids).map((id) => {
    const parsed = parseGlobalId(id);
    if (parsed?.type !== type) throw badArgument(`\`filter.${field}\`: ${wrongId(type, id)}`);
    return parsed.uuid;
  });
}

/** @param argument the argument that holds the text */
export function checkText<Text extends string>(
  field: string,
  text: Text,
  argument: 'filter' | 'orderBy' = 'filter',
): Text {
  const name = `\`${argument}.${field}\``;
  if (text.length > maxFilterText) throw badArgument(`${name} is longer than ${maxFilterText} characters.`);
  return text;
}

/** The label that is looked for: as long as one may be. */
export function checkLabel(label: string): string {
  if (label.length > maxLabelLength) throw badArgument(`\`filter.label\` is longer than ${maxLabelLength} characters.`);
  return label;
}

/**
 * Whether every word of a text occurs in one of the columns, regardless of case. No character has a special meaning.
 */
export function containsWords(field: string, text: string, columns: readonly string[]): Sql[] {
  const words = wordsOf(field, text);
  const searched = sourceText(`lower(concat_ws(E'\\n', ${columns.join(', ')}))`);
  return words.map((word) => sql`strpos(${searched}, lower(${word}::text)) > 0`);
}

/** The distinct words of a text that is looked for. */
export function wordsOf(field: string, text: string): readonly string[] {
  const words = [...new Set(checkText(field, text).split(/\s+/u).filter(Boolean))];
  if (words.length > maxWords) throw badFilter(field, `has ${words.length} words, ${maxWords} are allowed`);
  return words;
}

/** Conditions on a moment: at or after `after`, and before `before`. Throws when no moment can satisfy both. */
export function between(
  name: 'created' | 'finished',
  column: string,
  { after, before }: { readonly after: Date | null | undefined; readonly before: Date | null | undefined },
): Sql[] {
  if (after != null && before != null && after > before) {
    throw badFilter(`${name}After`, `is later than \`filter.${name}Before\``);
  }
  return [
    ...(after == null ? [] : [sql`${sourceText(column)} >= ${momentOf(after)}::timestamptz`]),
    ...(before == null ? [] : [sql`${sourceText(column)} < ${momentOf(before)}::timestamptz`]),
  ];
}

/** A date for PostgreSQL, whose years begin with 1. No row is older than year 0 either. */
function momentOf(date: Date): string {
  return date.toISOString().replace(/^0000/, '0001');
}

/** Conditions on a number. Throws when `min` is greater than `max`. */
export function inRange(
  field: string,
  expression: Sql,
  range: BigIntRangeInput | MeasurementRangeInput,
  type: 'bigint' | 'float8',
): Sql[] {
  const { min, max } = range;
  if (min != null && max != null && min > max) throw badFilter(field, 'has a `min` that is greater than its `max`');
  return [
    ...(min == null ? [] : [sql`${expression} >= ${String(min)}::${sourceText(type)}`]),
    ...(max == null ? [] : [sql`${expression} <= ${String(max)}::${sourceText(type)}`]),
    // PostgreSQL sorts NaN above every number.
    ...(type === 'float8' && min != null && max == null ? [sql`${expression} <> 'NaN'`] : []),
  ];
}
