import { Field, InputType, registerEnumType } from 'type-graphql';
import { joinSql, type Sql, sourceText, sql } from '../database/sql.js';
import { enumName } from '../graphql/enum-name.js';
import { badFilter, checkText, inRange, MeasurementRangeInput } from '../graphql/filter-values.js';
import { type MethodKind, methodKinds } from '../protocol/methods/index.js';
import { type MeasuredValue, MeasuredValueEnum, measuredValue } from './measured-value.js';

/** Filters that lists of experiments share with lists of the models that come out of them: method and measurements. */

/** Names of the methods in the graph. */
export const MethodKindEnum: Readonly<Record<string, MethodKind>> = Object.fromEntries(
  methodKinds.map((kind) => [enumName(kind), kind]),
);

const describedAs: Readonly<Record<MethodKind, string>> = {
  supervised: 'One head on an encoder; SupervisedFineTuning has its settings.',
  languageModelling: 'No head: the texts themselves are learned; LanguageModelling has its settings.',
  instructionTuning: 'No head: the answers of conversations are learned; InstructionTuning has its settings.',
  policyOptimization: 'No head: rewards of written completions are learned; PolicyOptimization has its settings.',
  rewardModelling: 'A reward head: which of two answers is better is learned; RewardModelling has its settings.',
  preferenceOptimization:
    'No head: which of two answers is better is learned, or which are good; PreferenceOptimization has its settings.',
  multiTask: 'Several heads on one encoder; MultiTaskFineTuning has its settings.',
};

registerEnumType(MethodKindEnum, {
  name: 'TrainingMethodKind',
  description: 'A method of training, without its settings.',
  valuesConfig: Object.fromEntries(methodKinds.map((kind) => [enumName(kind), { description: describedAs[kind] }])),
});

export const maxMetricRanges = 10;

@InputType({
  description:
    "The range of one of a run's metrics (Experiment.summary), from `min` to `max`, both included. Without bounds, any recorded value matches.",
})
export class MetricRangeInput extends MeasurementRangeInput {
  @Field(() => String, {
    description: 'The metric, e.g. validation/accuracy. A metric that no run recorded matches nothing.',
  })
  key!: string;

  @Field(() => MeasuredValueEnum, { defaultValue: 'NEWEST', description: 'Which value of the metric must lie there.' })
  of!: MeasuredValue;
}

/**
 * Conditions on `runs r`. Throws a GraphQL error BAD_USER_INPUT.
 * @param projectId the column with the project of the run: an index has the values of each project in their order
 */
export function metricConditions(ranges: readonly MetricRangeInput[], projectId: string): Sql[] {
  if (ranges.length > maxMetricRanges) {
    throw badFilter('metrics', `has ${ranges.length} ranges, ${maxMetricRanges} are allowed`);
  }
  return ranges.map((range, i) => {
    const key = checkText(`metrics.${i}.key`, range.key);
    const inside = inRange(`metrics.${i}`, sql`x.value`, range, 'float8');
    if (range.of === 'BEST') {
      const value = measuredValue('r.id', key, 'BEST', `filter.metrics.${i}.key`);
      const conditions = [sql`x.value IS NOT NULL`, ...inside];
      return sql`EXISTS (SELECT FROM (SELECT ${value} AS value OFFSET 0) AS x WHERE ${joinSql(conditions, ' AND ')})`;
    }
    const conditions = [sql`x.run_id = r.id AND x.project_id = ${sourceText(projectId)} AND x.key = ${key}`, ...inside];
    return sql`EXISTS (SELECT FROM run_metrics x WHERE ${joinSql(conditions, ' AND ')})`;
  });
}
