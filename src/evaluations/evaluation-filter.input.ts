import { Field, ID, InputType } from 'type-graphql';
import { joinSql, type Sql, sql } from '../database/sql.js';
import {
  anyOf,
  badFilter,
  between,
  checkLabel,
  checkText,
  containsWords,
  inRange,
  MeasurementRangeInput,
  maxFilterText,
  rowIds,
  values,
} from '../graphql/filter-values.js';
import { DateTime } from '../graphql/scalars.js';
import { tokenTask } from '../protocol/token-evaluation.js';
import { type EvaluationStatus, EvaluationStatusEnum } from './evaluation.type.js';
import { type ScoreMeasure, ScoreMeasureEnum } from './score-measure.js';

const maxScoreRanges = 10;

@InputType({
  description:
    'The range of a score, from `min` to `max`, both included. Without bounds, any value of the score matches.',
})
export class ScoreRangeInput extends MeasurementRangeInput {
  @Field(() => ScoreMeasureEnum, { description: 'The score.' })
  measure!: ScoreMeasure;

  @Field(() => String, { nullable: true, description: 'The task that the score is of. Default: any task.' })
  task?: string | null;
}

@InputType({
  description: 'Which evaluations to list: those that match every field. A null field restricts nothing.',
})
export class EvaluationFilter {
  @Field(() => [EvaluationStatusEnum], { nullable: true, description: `In one of these statuses. ${anyOf}` })
  status?: EvaluationStatus[] | null;

  @Field(() => [ID], { nullable: true, description: `Evaluations of one of these models. ${anyOf}` })
  modelId?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: `Evaluations of models that came out of experiments on one of these base models. ${anyOf}`,
  })
  baseModelId?: string[] | null;

  @Field(() => [ID], { nullable: true, description: `On any version of one of these datasets. ${anyOf}` })
  datasetId?: string[] | null;

  @Field(() => [ID], { nullable: true, description: `On one of these dataset versions. ${anyOf}` })
  datasetVersionId?: string[] | null;

  @Field(() => [String], { nullable: true, description: `On one of these splits. ${anyOf}` })
  split?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'Evaluations that score the task of this name; `tokens` for those of language models.',
  })
  task?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Evaluations with scores for this label, in any of their tasks.',
  })
  label?: string | null;

  @Field(() => [ScoreRangeInput], {
    nullable: true,
    description: `Ranges of scores that must all match. At most ${maxScoreRanges}; an empty list restricts nothing.`,
  })
  scores?: ScoreRangeInput[] | null;

  @Field(() => String, {
    nullable: true,
    description: `Every word of this text occurs in the name of model or dataset, possibly within a word, regardless of case. No character has a special meaning. At most ${maxFilterText} characters.`,
  })
  text?: string | null;

  @Field(() => [ID], { nullable: true, description: `Evaluations that one of these users asked for. ${anyOf}` })
  author?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Asked for at this moment or later.' })
  createdAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Asked for before this moment.' })
  createdBefore?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Ended at this moment or later.' })
  finishedAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Ended before this moment.' })
  finishedBefore?: Date | null;
}

/** Conditions on `evaluations v`. Throws a GraphQL error BAD_USER_INPUT. */
export function evaluationConditions(filter: EvaluationFilter): Sql[] {
  const { status, modelId, baseModelId, datasetId, datasetVersionId, split, task, label, scores, text, author } =
    filter;
  return [
    ...(status == null ? [] : [sql`v.status = ANY(${values('status', status)}::text[])`]),
    ...(modelId == null ? [] : [sql`v.base_model_id = ANY(${rowIds('modelId', 'BaseModel', modelId)}::uuid[])`]),
    ...(baseModelId == null ? [] : [startedFrom(rowIds('baseModelId', 'BaseModel', baseModelId))]),
    ...(datasetId == null
      ? []
      : [
          sql`v.dataset_version_id IN (SELECT x.id FROM dataset_versions x
                                       WHERE x.dataset_id = ANY(${rowIds('datasetId', 'Dataset', datasetId)}::uuid[]))`,
        ]),
    ...(datasetVersionId == null
      ? []
      : [sql`v.dataset_version_id = ANY(${rowIds('datasetVersionId', 'DatasetVersion', datasetVersionId)}::uuid[])`]),
    ...(split == null ? [] : [sql`v.split = ANY(${values('split', split)}::text[])`]),
    ...(task == null ? [] : [ofTask(checkText('task', task))]),
    ...(label == null
      ? []
      : [sql`v.id IN (SELECT x.id FROM evaluations x WHERE x.labels @> ARRAY[${checkLabel(label)}::text] OFFSET 0)`]),
    ...(scores == null ? [] : scoreConditions(scores)),
    ...(text == null ? [] : textConditions(text)),
    ...(author == null ? [] : [sql`v.created_by = ANY(${rowIds('author', 'User', author)}::uuid[])`]),
    ...between('created', 'v.created_at', { after: filter.createdAfter, before: filter.createdBefore }),
    ...between('finished', 'v.finished_at', { after: filter.finishedAfter, before: filter.finishedBefore }),
  ];
}

function ofTask(task: string): Sql {
  const ofHead = sql`v.tasks @> ${JSON.stringify([{ task }])}::jsonb`;
  return task === tokenTask ? sql`(v.tokens IS NOT NULL OR ${ofHead})` : ofHead;
}

function startedFrom(baseModels: readonly string[]): Sql {
  return sql`v.base_model_id IN (
    SELECT x.id FROM base_models x JOIN runs r ON r.id = x.produced_by_run_id JOIN experiments e ON e.id = r.experiment_id
    WHERE e.base_model_id = ANY(${baseModels}::uuid[]))`;
}

function textConditions(text: string): Sql[] {
  const conditions = containsWords('text', text, ['x.name', 'd.name']);
  if (conditions.length === 0) return [];
  return [
    sql`EXISTS (
      SELECT FROM base_models x, dataset_versions n JOIN datasets d ON d.id = n.dataset_id
      WHERE x.id = v.base_model_id AND n.id = v.dataset_version_id AND ${joinSql(conditions, ' AND ')})`,
  ];
}

function scoreConditions(ranges: readonly ScoreRangeInput[]): Sql[] {
  if (ranges.length > maxScoreRanges) {
    throw badFilter('scores', `has ${ranges.length} ranges, ${maxScoreRanges} are allowed`);
  }
  return ranges.map((range, i) => {
    const conditions = [
      sql`s.evaluation_id = v.id AND s.measure = ${range.measure}`,
      ...(range.task == null ? [] : [sql`s.task = ${checkText(`scores.${i}.task`, range.task)}`]),
      ...inRange(`scores.${i}`, sql`s.value`, range, 'float8'),
    ];
    return sql`EXISTS (SELECT FROM evaluation_scores s WHERE ${joinSql(conditions, ' AND ')})`;
  });
}
