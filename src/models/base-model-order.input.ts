import { Field, InputType, registerEnumType } from 'type-graphql';
import { type Direction, lastWithout, type Order, type SortColumn } from '../database/child-pages.js';
import { sql } from '../database/sql.js';
import { badArgument, checkText } from '../graphql/filter-values.js';
import { OrderDirectionEnum } from '../graphql/order-direction.js';
import { type MeasuredValue, MeasuredValueEnum, measuredValue } from './measured-value.js';

const BaseModelOrderFieldEnum = {
  CREATED: 'CREATED',
  NAME: 'NAME',
  PARAMETER_COUNT: 'PARAMETER_COUNT',
} as const;
type BaseModelOrderField = keyof typeof BaseModelOrderFieldEnum;

registerEnumType(BaseModelOrderFieldEnum, {
  name: 'BaseModelOrderField',
  description: 'The fields that base models can be sorted by; they can also be sorted by a metric.',
  valuesConfig: {
    CREATED: { description: 'When the model was registered.' },
    NAME: { description: 'The name, regardless of case.' },
    PARAMETER_COUNT: { description: 'How many numbers the tensors have.' },
  },
});

@InputType({
  description:
    'The order of base models: by `field` or by `metric`. Equal ones are sorted by when they were registered.',
})
export class BaseModelOrder {
  @Field(() => BaseModelOrderFieldEnum, {
    nullable: true,
    description: 'The field to sort by. Default: CREATED, if there is no metric.',
  })
  field?: BaseModelOrderField | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The metric to sort by, e.g. validation/accuracy, with its value in the experiment that the model came out of. NaN comes after all numbers, models without the metric come last.',
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
  { column: 'm.created_at', type: 'timestamptz' },
  { column: 'm.id', type: 'uuid' },
];
const newestFirst = byCreation.map((column) => ({ ...column, direction: 'DESC' as const }));

type PartialOrder = Pick<BaseModelOrder, 'direction'> & Partial<BaseModelOrder>;

/** An order of `base_models m`. Throws a GraphQL error BAD_USER_INPUT. */
export function baseModelOrder({ field, metric, of = 'NEWEST', direction }: PartialOrder): Order {
  if (metric == null) return { sort: sortBy(field ?? 'CREATED'), direction };
  if (field != null) throw badArgument('`orderBy` takes either `field` or `metric`, not both.');
  const key = checkText('metric', metric, 'orderBy');
  return {
    join:
      of === 'BEST'
        ? sql`CROSS JOIN LATERAL (
            SELECT ${measuredValue('m.produced_by_run_id', key, of, 'orderBy.metric')} AS value OFFSET 0) AS measured`
        : sql`LEFT JOIN run_metrics measured ON measured.run_id = m.produced_by_run_id AND measured.key = ${key}`,
    sort: [...lastWithout('measured.value', 'float8', '0'), ...newestFirst],
    direction,
  };
}

function sortBy(field: BaseModelOrderField): readonly SortColumn[] {
  switch (field) {
    case 'CREATED':
      return byCreation;
    case 'NAME':
      return [{ column: 'lower(m.name)', type: 'text' }, ...byCreation];
    case 'PARAMETER_COUNT':
      return [
        { column: "(m.manifest ->> 'parameterCount')::bigint", type: 'bigint' },
        { column: 'm.id', type: 'uuid' },
      ];
    default:
      return field satisfies never;
  }
}
