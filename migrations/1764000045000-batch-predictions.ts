import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addUniqueOnline, queryOnce, setCheckOnline } from './online.js';

/** Predictions for whole datasets and files, as jobs of a lane of their own. */
export class BatchPredictions1764000045000 implements MigrationInterface {
  name = 'BatchPredictions1764000045000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'batch_predictions',
      `
      CREATE TABLE batch_predictions (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        base_model_id uuid NOT NULL REFERENCES base_models,
        -- Null: the rows are those of an uploaded file.
        dataset_version_id uuid REFERENCES dataset_versions,
        -- The rows of an uploaded file, in the layout of a dataset version, until the batch prediction has ended.
        source_digest text REFERENCES artifacts,
        -- The uploaded file's name.
        source_name text,
        -- Null: all splits.
        split text,
        text_column text NOT NULL,
        pair_column text,
        format text NOT NULL CHECK (format IN ('jsonLines', 'csv', 'parquet')),
        -- ResultColumn: those that are added.
        columns jsonb NOT NULL,
        file_name text NOT NULL,
        row_count bigint NOT NULL,
        -- Rows of the uploaded file that could not be read.
        rejected_count bigint NOT NULL DEFAULT 0,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        -- BatchProgress.
        progress jsonb,
        problem jsonb,
        -- Name, digest and size of the one file; null until it has succeeded.
        files jsonb,
        -- Rows without a prediction; null until it has succeeded.
        error_count bigint,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        created_by uuid REFERENCES users
      );
      CREATE INDEX batch_predictions_by_project ON batch_predictions (project_id, created_at DESC, id DESC);
      CREATE INDEX batch_predictions_by_model ON batch_predictions (base_model_id, created_at DESC, id DESC);
      CREATE INDEX batch_predictions_by_version ON batch_predictions (dataset_version_id, created_at DESC, id DESC)
        WHERE dataset_version_id IS NOT NULL;
      CREATE INDEX batch_predictions_by_source ON batch_predictions (source_digest) WHERE source_digest IS NOT NULL;
      -- Which batch predictions need an artifact.
      CREATE INDEX batch_predictions_by_artifact ON batch_predictions USING gin (files jsonb_path_ops);

      ALTER TABLE jobs ADD COLUMN batch_prediction_id uuid REFERENCES batch_predictions;

      -- What has ended is not tried again: the rows of the uploaded file go. The next sweep removes the file.
      CREATE FUNCTION release_batch_source() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO artifact_removals (digest) VALUES (OLD.source_digest) ON CONFLICT (digest) DO UPDATE SET noted_at = now();
          NEW.source_digest := NULL;
          RETURN NEW;
        END $$;
      CREATE TRIGGER batch_predictions_release BEFORE UPDATE OF status ON batch_predictions
        FOR EACH ROW WHEN (NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED') AND OLD.source_digest IS NOT NULL)
        EXECUTE FUNCTION release_batch_source();

      CREATE FUNCTION log_batch_prediction_finished() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'batch_prediction.finished', jsonb_build_object(
            'batchPredictionId', NEW.id, 'modelId', NEW.base_model_id,
            'modelName', (SELECT name FROM base_models WHERE id = NEW.base_model_id),
            'fileName', NEW.file_name, 'rowCount', NEW.row_count, 'errorCount', NEW.error_count,
            'status', NEW.status, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;
      CREATE CONSTRAINT TRIGGER batch_predictions_log AFTER UPDATE OF status ON batch_predictions
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED'))
        EXECUTE FUNCTION log_batch_prediction_finished();

      CREATE OR REPLACE VIEW artifact_references AS
        SELECT d.project_id, v.id AS owner_id, file.digest
          FROM datasets d JOIN dataset_versions v ON v.dataset_id = d.id,
               unnest(ARRAY[v.digest, v.source_digest]) AS file(digest)
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
        SELECT b.project_id, b.id, file ->> 'digest' FROM batch_predictions b, jsonb_array_elements(b.files) AS file;

      CREATE OR REPLACE VIEW object_uses AS
        SELECT e.dataset_version_id AS used_id, 'Experiment' AS kind, e.id, e.name, e.created_at FROM experiments e
        UNION ALL
        SELECT e.base_model_id, 'Experiment', e.id, e.name, e.created_at FROM experiments e
        UNION ALL
        SELECT v.dataset_version_id, 'Evaluation', v.id, m.name || ' on ' || v.split, v.created_at
          FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
        UNION ALL
        SELECT v.base_model_id, 'Evaluation', v.id, m.name || ' on ' || v.split, v.created_at
          FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
        UNION ALL
        SELECT x.base_model_id, 'ModelExport', x.id, m.name || ' as ' || x.format, x.created_at
          FROM model_exports x JOIN base_models m ON m.id = x.base_model_id
        UNION ALL
        SELECT i.adapter_base_model_id, 'ModelImport', i.id, i.name, i.created_at
          FROM model_imports i WHERE i.adapter_base_model_id IS NOT NULL
        UNION ALL
        SELECT a.base_model_id, 'ModelAlias', a.id, a.name, a.created_at FROM model_aliases a
        UNION ALL
        SELECT r.experiment_id, 'BaseModel', m.id, m.name, m.created_at
          FROM base_models m JOIN runs r ON r.id = m.produced_by_run_id
        UNION ALL
        SELECT b.base_model_id, 'BatchPrediction', b.id, b.file_name, b.created_at FROM batch_predictions b
        UNION ALL
        SELECT b.dataset_version_id, 'BatchPrediction', b.id, b.file_name, b.created_at
          FROM batch_predictions b WHERE b.dataset_version_id IS NOT NULL;
    `,
    );
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'kind',
      condition: `kind IN ('train', 'evaluate', 'predict', 'import', 'export', 'predictBatch')`,
    });
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'lane',
      condition: `lane IN ('training', 'short', 'transfer', 'batch')`,
    });
    await addUniqueOnline(queryRunner, 'jobs', 'batch_prediction_id');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
