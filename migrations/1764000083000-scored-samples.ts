import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addUniqueOnline, queryOnce, setCheckOnline } from './online.js';

/** Answers that a model wrote to the prompts of a dataset version, scored; and dataset versions that they became. */
export class ScoredSamples1764000083000 implements MigrationInterface {
  name = 'ScoredSamples1764000083000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'scored_samples',
      `
      CREATE TABLE scored_samples (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        -- The model that wrote.
        base_model_id uuid NOT NULL REFERENCES base_models,
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions,
        -- ScoreSamplesJob.
        request jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        -- ScoreSamplesProgress.
        progress jsonb,
        problem jsonb,
        -- SamplesSummary; null until it has succeeded.
        summary jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        created_by uuid REFERENCES users
      );
      CREATE INDEX scored_samples_by_project ON scored_samples (project_id, created_at DESC, id DESC);
      CREATE INDEX scored_samples_by_model ON scored_samples (base_model_id, created_at DESC, id DESC);
      CREATE INDEX scored_samples_by_version ON scored_samples (dataset_version_id, created_at DESC, id DESC);

      -- The models that score.
      CREATE TABLE scored_samples_models (
        samples_id uuid NOT NULL REFERENCES scored_samples ON DELETE CASCADE,
        base_model_id uuid NOT NULL REFERENCES base_models,
        PRIMARY KEY (samples_id, base_model_id)
      );
      CREATE INDEX scored_samples_models_by_model ON scored_samples_models (base_model_id);

      CREATE TABLE scored_prompts (
        samples_id uuid NOT NULL REFERENCES scored_samples ON DELETE CASCADE,
        -- Counts the prompts from 0, in the order in which rows were drawn.
        position int NOT NULL,
        row_number bigint NOT NULL,
        -- Prompt.
        prompt jsonb NOT NULL,
        -- ScoredSample, in the order of the draw.
        samples jsonb NOT NULL,
        PRIMARY KEY (samples_id, position)
      );

      ALTER TABLE jobs ADD COLUMN samples_id uuid REFERENCES scored_samples ON DELETE CASCADE;

      ALTER TABLE dataset_version_sources
        DROP CONSTRAINT dataset_version_sources_kind_check,
        ADD CONSTRAINT dataset_version_sources_kind_check
          CHECK (kind IN ('upload', 'version', 'appended', 'feedback', 'samples')),
        -- SamplesReading without its samples.
        ADD COLUMN samples jsonb,
        -- Null: they were deleted since.
        ADD COLUMN samples_id uuid REFERENCES scored_samples ON DELETE SET NULL;
      CREATE INDEX dataset_version_sources_by_samples ON dataset_version_sources (samples_id)
        WHERE samples_id IS NOT NULL;

      -- As of feedback: the file of the rows stays as long as a version names it.
      CREATE TRIGGER preparations_note_sample_files AFTER UPDATE OF status ON preparations
        FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED')
                           AND NEW.sources @> '[{"kind": "samples"}]')
        EXECUTE FUNCTION note_feedback_files();
      CREATE OR REPLACE FUNCTION note_feedback_files() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO artifact_removals (digest)
            SELECT DISTINCT source ->> 'digest' FROM jsonb_array_elements(NEW.sources) AS source
             WHERE source ->> 'kind' IN ('feedback', 'samples')
            ON CONFLICT (digest) DO UPDATE SET noted_at = now();
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_scored_samples_finished() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'scored_samples.finished', jsonb_build_object(
            'samplesId', NEW.id, 'modelId', NEW.base_model_id,
            'modelName', (SELECT name FROM base_models WHERE id = NEW.base_model_id),
            'datasetVersionId', NEW.dataset_version_id,
            'status', NEW.status, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;
      CREATE CONSTRAINT TRIGGER scored_samples_log AFTER UPDATE OF status ON scored_samples
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED'))
        EXECUTE FUNCTION log_scored_samples_finished();
    `,
    );
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'kind',
      condition: `kind IN ('train', 'evaluate', 'predict', 'generate', 'import', 'export', 'predictBatch', 'prepare', 'preview', 'report', 'exportRows', 'recommend', 'inspect', 'makeItems', 'scoreSamples')`,
    });
    await addUniqueOnline(queryRunner, 'jobs', 'samples_id');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
