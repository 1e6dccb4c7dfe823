import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addUniqueOnline, queryOnce } from './online.js';

/** Jobs write the rows of dataset versions into files. */
export class DatasetExports1764000064000 implements MigrationInterface {
  name = 'DatasetExports1764000064000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'dataset_exports',
      `
      CREATE TABLE dataset_exports (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions,
        -- The name of its file; of several files, what their names begin with.
        name text NOT NULL,
        -- RowExport: the format, and what is written in it.
        request jsonb NOT NULL,
        -- Whether each split gets a file of its own.
        file_per_split boolean NOT NULL,
        -- How many rows there are to write.
        rows_to_write bigint NOT NULL,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        -- ExportRowsProgress.
        progress jsonb,
        problem jsonb,
        -- Of what was written, null until it has succeeded: ExportedFile.
        files jsonb,
        row_count bigint,
        -- Rows that the form can not hold, and the first of them: LeftOutRow.
        left_out_count bigint,
        left_out jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        created_by uuid REFERENCES users
      );
      CREATE INDEX dataset_exports_by_version ON dataset_exports (dataset_version_id, created_at DESC, id DESC);
      CREATE INDEX dataset_exports_by_project ON dataset_exports (project_id, created_at DESC, id DESC);
      CREATE INDEX dataset_exports_by_artifact ON dataset_exports USING gin (files jsonb_path_ops);

      ALTER TABLE jobs ADD COLUMN dataset_export_id uuid REFERENCES dataset_exports ON DELETE CASCADE;

      CREATE OR REPLACE VIEW artifact_references AS
        SELECT d.project_id, v.id AS owner_id, file.digest
          FROM datasets d JOIN dataset_versions v ON v.dataset_id = d.id,
               unnest(ARRAY[v.digest, v.source_digest]) AS file(digest)
        UNION ALL
        SELECT d.project_id, v.id, s.digest
          FROM datasets d JOIN dataset_versions v ON v.dataset_id = d.id
               JOIN dataset_version_sources s ON s.dataset_version_id = v.id AND s.kind = 'upload'
        UNION ALL
        SELECT u.project_id, u.id, u.artifact_digest FROM uploads u WHERE u.artifact_digest IS NOT NULL
        UNION ALL
        SELECT u.project_id, u.id, p.digest FROM uploads u JOIN upload_parts p ON p.upload_id = u.id
        UNION ALL
        SELECT m.project_id, m.id, file.digest FROM base_models m, unnest(m.artifact_digests) AS file(digest)
        UNION ALL
        -- The manifest of a pruned checkpoint stays.
        SELECT e.project_id, e.id, file.digest
          FROM experiments e JOIN runs r ON r.experiment_id = e.id JOIN checkpoints c ON c.run_id = r.id,
               unnest(c.digest || CASE WHEN c.pruned_at IS NULL THEN c.artifact_digests ELSE '{}' END) AS file(digest)
        UNION ALL
        SELECT x.project_id, x.id, file ->> 'digest' FROM model_exports x, jsonb_array_elements(x.files) AS file
        UNION ALL
        SELECT v.project_id, v.id, v.examples_digest FROM evaluations v WHERE v.examples_digest IS NOT NULL
        UNION ALL
        SELECT b.project_id, b.id, b.source_digest FROM batch_predictions b WHERE b.source_digest IS NOT NULL
        UNION ALL
        SELECT b.project_id, b.id, file ->> 'digest' FROM batch_predictions b, jsonb_array_elements(b.files) AS file
        UNION ALL
        -- What is read stays until it was read, and rows until somebody took them.
        SELECT p.project_id, p.id, source ->> 'digest' FROM preparations p, jsonb_array_elements(p.sources) AS source
         WHERE p.status IN ('QUEUED', 'RUNNING')
        UNION ALL
        SELECT p.project_id, p.id, p.rows ->> 'digest' FROM preparations p WHERE p.rows IS NOT NULL
        UNION ALL
        SELECT x.project_id, x.id, file ->> 'digest' FROM dataset_exports x, jsonb_array_elements(x.files) AS file;

      -- beside_id: another object that (kind, id) uses in a row of its own. Lists of the users of both name it once.
      CREATE OR REPLACE VIEW object_uses AS
        SELECT e.dataset_version_id AS used_id, 'Experiment' AS kind, e.id, e.name, e.created_at, NULL::uuid AS beside_id
          FROM experiments e
        UNION ALL
        SELECT e.base_model_id, 'Experiment', e.id, e.name, e.created_at, NULL FROM experiments e
        UNION ALL
        SELECT e.control_version_id, 'Experiment', e.id, e.name, e.created_at, e.dataset_version_id
          FROM experiments e WHERE e.control_version_id <> e.dataset_version_id
        UNION ALL
        SELECT v.dataset_version_id, 'Evaluation', v.id, m.name || ' on ' || v.split, v.created_at, NULL
          FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
        UNION ALL
        SELECT v.base_model_id, 'Evaluation', v.id, m.name || ' on ' || v.split, v.created_at, NULL
          FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
        UNION ALL
        SELECT x.base_model_id, 'ModelExport', x.id, m.name || ' as ' || x.format, x.created_at, NULL
          FROM model_exports x JOIN base_models m ON m.id = x.base_model_id
        UNION ALL
        SELECT i.adapter_base_model_id, 'ModelImport', i.id, i.name, i.created_at, NULL
          FROM model_imports i WHERE i.adapter_base_model_id IS NOT NULL
        UNION ALL
        SELECT a.base_model_id, 'ModelAlias', a.id, a.name, a.created_at, NULL FROM model_aliases a
        UNION ALL
        SELECT r.experiment_id, 'BaseModel', m.id, m.name, m.created_at, NULL
          FROM base_models m JOIN runs r ON r.id = m.produced_by_run_id
        UNION ALL
        SELECT b.base_model_id, 'BatchPrediction', b.id, b.file_name, b.created_at, NULL FROM batch_predictions b
        UNION ALL
        SELECT b.dataset_version_id, 'BatchPrediction', b.id, b.file_name, b.created_at, NULL
          FROM batch_predictions b WHERE b.dataset_version_id IS NOT NULL
        UNION ALL
        SELECT v.baseline_model_id, 'Evaluation', v.id, m.name || ' on ' || v.split, v.created_at, v.base_model_id
          FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
         WHERE v.baseline_model_id <> v.base_model_id AND v.status IN ('QUEUED', 'RUNNING')
        UNION ALL
        SELECT x.dataset_version_id, 'DatasetExport', x.id, x.name, x.created_at, NULL FROM dataset_exports x;
    `,
    );
    await addUniqueOnline(queryRunner, 'jobs', 'dataset_export_id');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
