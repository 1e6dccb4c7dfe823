import type { MigrationInterface, QueryRunner } from 'typeorm';
import { updateInBatches } from './online.js';
import { keepScoresOnline } from './scores.js';

/** What is kept of scores from now on. */
const measures = [
  'accuracy',
  'loss',
  ...['macro', 'micro', 'weighted'].flatMap((average) => [
    `${average}.precision`,
    `${average}.recall`,
    `${average}.f1`,
  ]),
  'samples.f1',
  'subsetAccuracy',
  'hammingLoss',
  'averagePrecision.macro',
  'averagePrecision.micro',
];

/**
 * Heads of several kinds. Rows of the first release know only classification; they get the form of all kinds: in specs
 * and tasks `{ labelColumn, labels, classWeights }` becomes `head`, models' heads name their kind, and evaluations name
 * target columns.
 */
export class Heads1764000019000 implements MigrationInterface {
  name = 'Heads1764000019000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION labels_of_spec(spec jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (SELECT coalesce(array_agg(DISTINCT label #>> '{}'), '{}')
                  FROM jsonb_path_query(jsonb_build_array(spec, spec -> 'tasks'), 'lax $[*].head.labels[*]') AS label);

      -- The fields of a spec or task, those of its head gathered.
      CREATE OR REPLACE FUNCTION with_head(fields jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE WHEN fields ? 'head' OR NOT fields ? 'labelColumn' THEN fields ELSE
          fields - ARRAY['labelColumn', 'labels', 'classWeights'] || jsonb_build_object('head', jsonb_build_object(
            'kind', 'classification', 'labelColumn', fields -> 'labelColumn', 'labels', fields -> 'labels',
            'classWeights', fields -> 'classWeights')) END
      $$;

      -- Labels of each kind of scores: classes, labels, tags and types of entities.
      CREATE OR REPLACE FUNCTION labels_of_scores(scores jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (SELECT coalesce(array_agg(DISTINCT label #>> '{}'), '{}')
                  FROM unnest(ARRAY['lax $[*].perClass[*].label', 'lax $[*].perLabel[*].label', 'lax $[*].perTag[*].label',
                         'lax $[*].entities.perType[*].label']::jsonpath[]) AS path,
                       jsonb_path_query(coalesce(scores, '[]'), path) AS label);

      CREATE OR REPLACE FUNCTION keep_evaluation_scores() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM evaluation_scores WHERE evaluation_id = NEW.id;
          INSERT INTO evaluation_scores (evaluation_id, measure, task, value)
          SELECT NEW.id, measure, scores ->> 'task', (scores #>> string_to_array(measure, '.'))::float8
            FROM jsonb_array_elements(NEW.scores) AS scores,
                 unnest(ARRAY['accuracy', 'loss', 'macro.precision', 'macro.recall', 'macro.f1',
                   'micro.precision', 'micro.recall', 'micro.f1', 'weighted.precision', 'weighted.recall', 'weighted.f1',
                   'samples.f1', 'subsetAccuracy', 'hammingLoss', 'averagePrecision.macro', 'averagePrecision.micro',
                   'entities.micro.precision', 'entities.micro.recall', 'entities.micro.f1',
                   'average.mse', 'average.rmse', 'average.mae', 'average.r2', 'average.pearson', 'average.spearman'])
                   AS measure
           WHERE scores #>> string_to_array(measure, '.') IS NOT NULL;
          RETURN NULL;
        END $$;
    `);
    await updateInBatches(queryRunner, {
      table: 'experiments',
      row: 'experiments',
      pages: 100,
      update: `
        UPDATE experiments SET spec = CASE WHEN spec ? 'tasks'
          THEN jsonb_set(spec, '{tasks}', (SELECT jsonb_agg(with_head(task) ORDER BY place)
                                             FROM jsonb_array_elements(spec -> 'tasks') WITH ORDINALITY AS tasks (task, place)))
          ELSE with_head(spec) END
         WHERE CASE WHEN spec ? 'tasks' THEN spec @? '$.tasks[*] ? (exists(@.labelColumn) && !exists(@.head))'
                    ELSE spec @? '$ ? (exists(@.labelColumn) && !exists(@.head))' END`,
    });
    await queryRunner.query('DROP FUNCTION IF EXISTS with_head');
    await updateInBatches(queryRunner, {
      table: 'base_models',
      row: 'base_models',
      pages: 100,
      update: `
        UPDATE base_models SET manifest = jsonb_set(manifest, '{heads}', (
            SELECT jsonb_agg('{"kind": "classification"}' || head ORDER BY place)
              FROM jsonb_array_elements(manifest -> 'heads') WITH ORDINALITY AS heads (head, place)))
         WHERE manifest @? '$.heads[*] ? (!exists(@.kind))'`,
    });
    await updateInBatches(queryRunner, {
      table: 'evaluations',
      row: 'evaluations',
      pages: 100,
      update: `
        UPDATE evaluations SET tasks = (
          SELECT jsonb_agg(CASE WHEN task ? 'labelColumn'
                   THEN task - 'labelColumn' || jsonb_build_object('targetColumns', jsonb_build_array(task -> 'labelColumn'))
                   ELSE task END ORDER BY place)
            FROM jsonb_array_elements(tasks) WITH ORDINALITY AS named (task, place))
         WHERE tasks @? '$[*] ? (exists(@.labelColumn))'`,
    });
    // Also of those that were stored before, with the measures that were not kept.
    await keepScoresOnline(queryRunner, measures);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
