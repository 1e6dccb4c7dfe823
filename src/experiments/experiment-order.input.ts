import { Field, InputType, registerEnumType } from 'type-graphql';
import { type Direction, lastWithout, type Order, type SortColumn } from '../database/child-pages.js';
import type { Walk } from '../database/order.js';
import { type Sql, sourceText, sql } from '../database/sql.js';
import { badArgument, checkText } from '../graphql/filter-values.js';
import { OrderDirectionEnum } from '../graphql/order-direction.js';
import { type MeasuredValue, MeasuredValueEnum, measuredValue } from '../models/measured-value.js';

const ExperimentOrderFieldEnum = {
  CREATED: 'CREATED',
  STARTED: 'STARTED',
  FINISHED: 'FINISHED',
  DURATION: 'DURATION',
  NAME: 'NAME',
  PRIORITY: 'PRIORITY',
} as const;
type ExperimentOrderField = keyof typeof ExperimentOrderFieldEnum;

registerEnumType(ExperimentOrderFieldEnum, {
  name: 'ExperimentOrderField',
  description: 'The fields that experiments can be sorted by; they can also be sorted by a metric.',
  valuesConfig: {
    CREATED: { description: 'When the experiment was created.' },
    STARTED: { description: 'When a worker first started it.' },
    FINISHED: { description: 'When the experiment ended.' },
    DURATION: { description: 'The time from start to end.' },
    NAME: { description: 'The name, regardless of case.' },
    PRIORITY: { description: 'The priority in the queue.' },
  },
});

@InputType({
  description: 'The order of experiments: by `field` or by `metric`. Equal ones are sorted by their creation.',
})
export class ExperimentOrder {
  @Field(() => ExperimentOrderFieldEnum, {
    nullable: true,
    description: 'The field to sort by. Default: CREATED, if there is no metric.',
  })
  field?: ExperimentOrderField | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The metric to sort by, e.g. validation/accuracy. Runs that recorded NaN come after all numbers, runs without the metric last.',
  })
  metric?: string | null;

  @Field(() => MeasuredValueEnum, {
    defaultValue: 'NEWEST',
    description: 'Which value of the metric to sort by. Of no effect without `metric`.',
  })
  of!: MeasuredValue;

  @Field(() => OrderDirectionEnum, { defaultValue: 'DESC', description: 'Which end of the order comes first.' })
  direction!: Direction;
}

const byCreation: readonly SortColumn[] = [
  { column: 'e.created_at', type: 'timestamptz' },
  { column: 'e.id', type: 'uuid' },
];
const newestFirst = byCreation.map((column) => ({ ...column, direction: 'DESC' as const }));

type PartialOrder = Pick<ExperimentOrder, 'direction'> & Partial<ExperimentOrder>;

/** An order of `experiments e JOIN runs r`. Throws a GraphQL error BAD_USER_INPUT. */
export function experimentOrder({ field, metric, of = 'NEWEST', direction }: PartialOrder): Order {
  if (metric == null) return fieldOrder(field ?? 'CREATED', direction);
  if (field != null) {
    throw badArgument('`orderBy` takes either `field` or `metric`, not both.');
  }
  const key = checkText('metric', metric, 'orderBy');
  const sort = [...lastWithout('measured.value', 'float8', '0'), ...newestFirst];
  if (of === 'BEST') {
    const best = measuredValue('r.id', key, of, 'orderBy.metric');
    return { join: sql`CROSS JOIN LATERAL (SELECT ${best} AS value OFFSET 0) AS measured`, sort, direction };
  }
  return {
    join: sql`LEFT JOIN run_metrics measured ON measured.run_id = r.id AND measured.key = ${key}`,
    sort,
    direction,
    walk: (order, after, parentColumn) => (parentColumn === 'e.project_id' ? alongValues(key, order, after) : null),
  };
}

/**
 * Experiments with a number, which come before those with NaN and those with none. From the other end of the order they
 * come last: only from a position among them on, all that follows has a number.
 */
function alongValues(key: string, { sort, direction }: Order, after: readonly string[] | null): Walk | null {
  const isReversed = sort[0]!.direction !== 'ASC';
  if (after === null ? isReversed : after[0] !== '0') return null;
  const isAmong = sourceText(direction === 'ASC' ? '>=' : '<=');
  const where: Sql[] = [
    sql`measured.project_id = parents.id AND measured.key = ${key} AND measured.value < 'NaN'`,
    // The index begins here, in a plan for any values of parameters, too.
    ...(after === null ? [] : [sql`measured.value ${isAmong} ${after[1]}::float8`]),
  ];
  return {
    // OFFSET 0: each run and experiment is looked up when its value comes. Few are, which the planner does not know.
    from: sql`run_metrics measured
      CROSS JOIN LATERAL (SELECT x.* FROM runs x WHERE x.id = measured.run_id OFFSET 0) AS r
      CROSS JOIN LATERAL (SELECT x.* FROM experiments x WHERE x.id = r.experiment_id OFFSET 0) AS e`,
    where,
    sort: [{ ...sort[0]!, column: '0::int' }, { ...sort[1]!, column: 'measured.value' }, ...sort.slice(2)],
  };
}

/** Orders that an index has can be walked along. */
function fieldOrder(field: ExperimentOrderField, direction: Direction): Order {
  const sort = sortBy(field);
  const isIndexed = field === 'CREATED' || field === 'NAME';
  return {
    sort,
    direction,
    ...(isIndexed ? { walk: (order) => ({ from: null, where: [], sort: order.sort }) } : {}),
  };
}

function sortBy(field: ExperimentOrderField): readonly SortColumn[] {
  switch (field) {
    case 'CREATED':
      return byCreation;
    case 'STARTED':
      return [...lastWithout('r.started_at', 'timestamptz', "'epoch'"), ...newestFirst];
    case 'FINISHED':
      return [...lastWithout('r.finished_at', 'timestamptz', "'epoch'"), ...newestFirst];
    case 'DURATION':
      return [...lastWithout('r.finished_at - r.started_at', 'interval', "interval '0'"), ...newestFirst];
    case 'NAME':
      return [{ column: 'lower(e.name)', type: 'text' }, ...byCreation];
    case 'PRIORITY':
      return [{ column: 'e.priority', type: 'int' }, ...newestFirst];
    default:
      return field satisfies never;
  }
}
