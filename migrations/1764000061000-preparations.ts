import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addUniqueOnline, queryOnce, setCheckOnline } from './online.js';

/** Dataset versions are made by jobs, from sources, by recipes. */
export class Preparations1764000061000 implements MigrationInterface {
  name = 'Preparations1764000061000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'preparations',
      `
      ALTER TABLE dataset_versions
        -- Recipe: the steps that its rows went through.
        ADD COLUMN recipe jsonb NOT NULL DEFAULT '[]',
        -- StepReport: what each of them did.
        ADD COLUMN steps jsonb NOT NULL DEFAULT '[]',
        -- AssignedRoles: what its columns are for.
        ADD COLUMN roles jsonb NOT NULL DEFAULT '[]';

      -- Where the rows of a version are from, in the order of the rows.
      CREATE TABLE dataset_version_sources (
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions ON DELETE CASCADE,
        position int NOT NULL,
        kind text NOT NULL CHECK (kind IN ('upload', 'version')),
        -- Of an uploaded file: the upload, which may be gone since, its name, format and options.
        upload_id uuid,
        file_name text,
        format text,
        file_options jsonb,
        -- Of another version; null: it was deleted since.
        parent_version_id uuid REFERENCES dataset_versions ON DELETE SET NULL,
        -- Its dataset and number, as they were.
        parent_name text,
        -- The uploaded file, or the rows of the version. Of a version that was deleted, the file may be gone.
        digest text NOT NULL,
        -- The split that all of its rows became; null: each has its own.
        split text,
        PRIMARY KEY (dataset_version_id, position)
      );
      CREATE INDEX dataset_version_sources_by_parent ON dataset_version_sources (parent_version_id, dataset_version_id)
        WHERE parent_version_id IS NOT NULL;

      -- What older versions were made from, as far as their rows say.
      INSERT INTO dataset_version_sources (dataset_version_id, position, kind, parent_version_id, parent_name, digest, split)
        SELECT v.id, part.ordinal - 1, 'version', p.id, d.name || ' v' || p.number, p.digest, part.value ->> 'split'
          FROM dataset_versions v, jsonb_array_elements(v.split_plan -> 'joined') WITH ORDINALITY AS part (value, ordinal),
               dataset_versions p JOIN datasets d ON d.id = p.dataset_id
         WHERE p.id = (part.value ->> 'datasetVersionId')::uuid;
      INSERT INTO dataset_version_sources (dataset_version_id, position, kind, upload_id, file_name, format, file_options, digest)
        SELECT v.id, 0, 'upload', u.id, u.file_name, v.format, v.file_options, v.source_digest
          FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id
               LEFT JOIN LATERAL (SELECT id, file_name FROM uploads x
                                   WHERE x.project_id = d.project_id AND x.artifact_digest = v.source_digest
                                     AND x.status = 'CONSUMED'
                                   ORDER BY created_at LIMIT 1) u ON true
         WHERE NOT EXISTS (SELECT FROM dataset_version_sources s WHERE s.dataset_version_id = v.id);

      CREATE TABLE preparations (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        -- PreparationTarget: a new dataset, a version of one, or rows alone.
        target jsonb NOT NULL,
        -- RowSource.
        sources jsonb NOT NULL,
        recipe jsonb NOT NULL,
        -- SplitRequest; null: none was given.
        split jsonb,
        -- The version that was made; null until then, and once it was deleted.
        dataset_version_id uuid REFERENCES dataset_versions ON DELETE SET NULL,
        -- PreparedRows, where they become no version; whoever asked for them takes them.
        rows jsonb,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        -- PreparationProgress.
        progress jsonb,
        -- The first of the problems.
        problem jsonb,
        problems jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        created_by uuid REFERENCES users
      );
      CREATE INDEX preparations_by_project ON preparations (project_id, created_at DESC, id DESC);
      CREATE INDEX preparations_by_version ON preparations (dataset_version_id) WHERE dataset_version_id IS NOT NULL;
      -- Those whose files are needed.
      CREATE INDEX preparations_open ON preparations (id) WHERE status IN ('QUEUED', 'RUNNING') OR rows IS NOT NULL;

      ALTER TABLE jobs ADD COLUMN preparation_id uuid REFERENCES preparations ON DELETE CASCADE;

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
        SELECT p.project_id, p.id, p.rows ->> 'digest' FROM preparations p WHERE p.rows IS NOT NULL;
    `,
    );
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'kind',
      condition: `kind IN ('train', 'evaluate', 'predict', 'generate', 'import', 'export', 'predictBatch', 'prepare', 'preview', 'report', 'exportRows', 'recommend')`,
    });
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'lane',
      condition: `lane IN ('training', 'short', 'transfer', 'batch', 'data', 'preview')`,
    });
    await addUniqueOnline(queryRunner, 'jobs', 'preparation_id');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
