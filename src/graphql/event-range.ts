import type { ComplexityEstimator } from 'graphql-query-complexity';
import { ArgsType, Field, Int } from 'type-graphql';
import type { ChildPageLoader } from '../database/child-pages.js';
import { reverse } from '../database/child-pages.js';
import { type Sql, sql } from '../database/sql.js';
import { checkRange } from './check-range.js';

export const maxEventsShown = 1000;
const defaultEventsShown = 100;

/** Which part of an event log to read. */
@ArgsType()
export class EventRangeArgs {
  @Field(() => Int, { defaultValue: 0, description: 'Only events after this sequence number.' })
  afterSeq!: number;

  @Field(() => Int, {
    defaultValue: defaultEventsShown,
    description: `How many events to return at most, from 1 to ${maxEventsShown}.`,
  })
  first!: number;

  @Field(() => Int, {
    nullable: true,
    description: `The newest events, this many at most, from 1 to ${maxEventsShown}; \`first\` does not count then.`,
  })
  last?: number | null;
}

export const eventsComplexity: ComplexityEstimator = ({ args, childComplexity }) =>
  1 + Math.max(1, args.last ?? args.first) * childComplexity;

export interface EventRange<Row> {
  /** By ascending seq. */
  readonly rows: readonly Row[];
  readonly lastSeq: number;
  readonly hasMore: boolean;
}

/** The part of an owner's log that is asked for, of events that meet the conditions on `v`. */
export async function readEventRange<Row extends { readonly seq: number }>(
  loader: ChildPageLoader<Row>,
  owner: string,
  { afterSeq, first, last }: EventRangeArgs,
  where: readonly Sql[],
): Promise<EventRange<Row>> {
  if (last == null) {
    const size = checkRange('first', first, 1, maxEventsShown);
    const { rows, hasNextPage } = await loader.page(owner, { first: size, after: [String(afterSeq)], where });
    return { rows, lastSeq: rows.at(-1)?.seq ?? afterSeq, hasMore: hasNextPage };
  }
  const { rows } = await loader.page(owner, {
    first: checkRange('last', last, 1, maxEventsShown),
    after: null,
    where: [sql`v.seq > ${String(afterSeq)}::bigint`, ...where],
    order: reverse(loader.order),
  });
  return { rows: [...rows].reverse(), lastSeq: rows[0]?.seq ?? afterSeq, hasMore: false };
}
