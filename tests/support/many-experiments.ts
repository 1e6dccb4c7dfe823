import type { DataSource } from 'typeorm';
import { supervisedSpec } from './specs.js';

/** An experiment of a large project, and what tests look for it by. */
export interface OneOfMany {
  readonly name: string;
  readonly notes: string;
  readonly tags: readonly string[];
  readonly label: string;
  /** Null: the run has no value. */
  readonly value: number | null;
}

/** The metric of `value`. */
export const valueKey = 'validation/f1';

/**
 * Inserts experiments by few statements, created in their order, one a second from `firstSecond` on. Returns their row
 * ids.
 */
export async function insertMany(
  dataSource: DataSource,
  place: { readonly projectId: string; readonly baseModelId: string; readonly datasetVersionId: string },
  experiments: readonly OneOfMany[],
  firstSecond: number,
): Promise<readonly string[]> {
  const rows: { id: string }[] = await dataSource.query(
    `INSERT INTO experiments (id, project_id, name, notes, tags, spec, method, base_model_id, dataset_version_id, created_at)
     SELECT gen_random_uuid(), $1, given->>'name', given->>'notes', ARRAY(SELECT jsonb_array_elements_text(given->'tags')),
       jsonb_set($5::jsonb, '{head,labels}', jsonb_build_array('ham', given->'label')), 'supervised', $2, $3,
       timestamptz '2026-01-01' + ($6::int + place) * interval '1 second'
     FROM jsonb_array_elements($4::jsonb) WITH ORDINALITY AS rows (given, place) ORDER BY place RETURNING id`,
    [
      place.projectId,
      place.baseModelId,
      place.datasetVersionId,
      JSON.stringify(experiments),
      JSON.stringify(supervisedSpec()),
      firstSecond,
    ],
  );
  const made = rows.map(({ id }) => id);
  await dataSource.query(
    `INSERT INTO runs (id, experiment_id, status) SELECT gen_random_uuid(), id, 'SUCCEEDED' FROM unnest($1::uuid[]) AS id`,
    [made],
  );
  await dataSource.query(
    `INSERT INTO run_metrics (run_id, key, attempt, step, epoch, value, at)
     SELECT r.id, $3, 1, 1, 1, value, now()
     FROM unnest($1::uuid[], $2::float8[]) AS measured (id, value) JOIN runs r ON r.experiment_id = measured.id
     WHERE value IS NOT NULL`,
    [made, experiments.map(({ value }) => (value === null ? null : String(value))), valueKey],
  );
  return made;
}
