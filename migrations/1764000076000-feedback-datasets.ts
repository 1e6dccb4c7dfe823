import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dataset versions that people's answers became, and what feedback tasks are about: both ways of their lineage. */
export class FeedbackDatasets1764000076000 implements MigrationInterface {
  name = 'FeedbackDatasets1764000076000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE dataset_version_sources
        DROP CONSTRAINT dataset_version_sources_kind_check,
        ADD CONSTRAINT dataset_version_sources_kind_check CHECK (kind IN ('upload', 'version', 'appended', 'feedback')),
        -- FeedbackReading without its tasks.
        ADD COLUMN feedback jsonb;

      CREATE TABLE dataset_version_feedback (
        dataset_version_id uuid NOT NULL,
        -- Of the source.
        position int NOT NULL,
        -- Counts the tasks of the source from 0.
        place int NOT NULL,
        -- Null: it was deleted since.
        task_id uuid REFERENCES feedback_tasks ON DELETE SET NULL,
        task_name text NOT NULL,
        -- Up to which event of its log it was read.
        last_seq bigint NOT NULL,
        PRIMARY KEY (dataset_version_id, position, place),
        FOREIGN KEY (dataset_version_id, position) REFERENCES dataset_version_sources ON DELETE CASCADE
      );
      CREATE INDEX dataset_version_feedback_by_task ON dataset_version_feedback (task_id);

      -- What the items of a task were made of. Items hold copies of what they show: these rows do not keep anything.
      CREATE TABLE feedback_task_versions (
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions ON DELETE CASCADE,
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        PRIMARY KEY (dataset_version_id, task_id)
      );
      CREATE INDEX feedback_task_versions_by_task ON feedback_task_versions (task_id);
      CREATE TABLE feedback_task_models (
        base_model_id uuid NOT NULL REFERENCES base_models ON DELETE CASCADE,
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        PRIMARY KEY (base_model_id, task_id)
      );
      CREATE INDEX feedback_task_models_by_task ON feedback_task_models (task_id);

      CREATE FUNCTION link_feedback_items() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO feedback_task_versions (dataset_version_id, task_id)
            SELECT DISTINCT v.id, i.task_id
              FROM added i JOIN dataset_versions v ON v.id = (i.content #>> '{row,versionId}')::uuid
            ON CONFLICT DO NOTHING;
          INSERT INTO feedback_task_models (base_model_id, task_id)
            SELECT DISTINCT m.id, i.task_id
              FROM added i CROSS JOIN jsonb_array_elements(i.content -> 'answers') AS answer
                   JOIN base_models m ON m.id = (answer ->> 'modelId')::uuid
            ON CONFLICT DO NOTHING;
          RETURN NULL;
        END $$;
      CREATE TRIGGER feedback_items_link AFTER INSERT ON feedback_items
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION link_feedback_items();

      -- The file of the rows stays as long as a version names it.
      CREATE FUNCTION note_feedback_files() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO artifact_removals (digest)
            SELECT DISTINCT source ->> 'digest' FROM jsonb_array_elements(NEW.sources) AS source
             WHERE source ->> 'kind' = 'feedback'
            ON CONFLICT (digest) DO UPDATE SET noted_at = now();
          RETURN NULL;
        END $$;
      CREATE TRIGGER preparations_note_feedback_files AFTER UPDATE OF status ON preparations
        FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED')
                           AND NEW.sources @> '[{"kind": "feedback"}]')
        EXECUTE FUNCTION note_feedback_files();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
