import { Field, InputType, registerEnumType } from 'type-graphql';
import { type Direction, lastWithout, type Order, type SortColumn } from '../database/child-pages.js';
import { sql } from '../database/sql.js';
import { badArgument, checkText } from '../graphql/filter-values.js';
import { OrderDirectionEnum } from '../graphql/order-direction.js';
import { type ScoreMeasure, ScoreMeasureEnum } from './score-measure.js';

const EvaluationOrderFieldEnum = { CREATED: 'CREATED', FINISHED: 'FINISHED' } as const;
type EvaluationOrderField = keyof typeof EvaluationOrderFieldEnum;

registerEnumType(EvaluationOrderFieldEnum, {
  name: 'EvaluationOrderField',
  description: 'The fields that evaluations can be sorted by; they can also be sorted by a score.',
  valuesConfig: {
    CREATED: { description: 'When the evaluation was asked for.' },
    FINISHED: { description: 'When the evaluation ended.' },
  },
});

@InputType({
  description:
    'The order of evaluations: by `field` or by `measure`. Equal ones are sorted by when they were asked for.',
})
export class EvaluationOrder {
  @Field(() => EvaluationOrderFieldEnum, {
    nullable: true,
    description: 'The field to sort by. Default: CREATED, if there is no measure.',
  })
  field?: EvaluationOrderField | null;

  @Field(() => ScoreMeasureEnum, {
    nullable: true,
    description: 'The score to sort by. Evaluations without it come last.',
  })
  measure?: ScoreMeasure | null;

  @Field(() => String, { nullable: true, description: 'The task of `measure`. Default: the mean over all tasks.' })
  task?: string | null;

  @Field(() => OrderDirectionEnum, { defaultValue: 'DESC', description: 'Which end of the order comes first.' })
  direction!: Direction;
}

const newestFirst: readonly SortColumn[] = [
  { column: 'v.created_at', type: 'timestamptz', direction: 'DESC' },
  { column: 'v.id', type: 'uuid', direction: 'DESC' },
];

/** An order of `evaluations v`. Throws a GraphQL error BAD_USER_INPUT. */
export function evaluationOrder({ field, measure, task, direction }: EvaluationOrder): Order {
  if (measure == null) {
    if (task != null) throw badArgument('`orderBy.task` needs a `measure`.');
    return { sort: sortBy(field ?? 'CREATED'), direction };
  }
  if (field != null) throw badArgument('`orderBy` takes either `field` or `measure`, not both.');
  const ofTask = task == null ? sql`` : sql`AND s.task = ${checkText('task', task, 'orderBy')}`;
  return {
    // Summed in the order of the tasks, so that the mean is the same number on every page.
    join: sql`LEFT JOIN (
      SELECT s.evaluation_id, avg(s.value ORDER BY s.task) AS value FROM evaluation_scores s WHERE s.measure = ${measure} ${ofTask}
      GROUP BY s.evaluation_id
    ) measured ON measured.evaluation_id = v.id`,
    sort: [...lastWithout('measured.value', 'float8', '0'), ...newestFirst],
    direction,
  };
}

function sortBy(field: EvaluationOrderField): readonly SortColumn[] {
  switch (field) {
    case 'CREATED':
      return [
        { column: 'v.created_at', type: 'timestamptz' },
        { column: 'v.id', type: 'uuid' },
      ];
    case 'FINISHED':
      return [...lastWithout('v.finished_at', 'timestamptz', "'epoch'"), ...newestFirst];
    default:
      return field satisfies never;
  }
}
