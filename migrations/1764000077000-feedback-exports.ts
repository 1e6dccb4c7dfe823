import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The answers of a feedback task are written into files as the rows of dataset versions are. */
export class FeedbackExports1764000077000 implements MigrationInterface {
  name = 'FeedbackExports1764000077000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE dataset_exports
        ALTER COLUMN dataset_version_id DROP NOT NULL,
        -- Of an export of answers; null also if the task was deleted since.
        ADD COLUMN feedback_task_id uuid REFERENCES feedback_tasks ON DELETE SET NULL,
        -- The rows to write, as JSON Lines, where they are of no version.
        ADD COLUMN lines_digest text,
        ADD CHECK ((dataset_version_id IS NULL) = (lines_digest IS NOT NULL));
      CREATE INDEX dataset_exports_by_feedback_task ON dataset_exports (feedback_task_id, created_at DESC, id DESC)
        WHERE feedback_task_id IS NOT NULL;

      -- People have other names in the files of each task. Without its key nobody can tell who they are.
      CREATE TABLE feedback_pseudonym_keys (
        task_id uuid PRIMARY KEY REFERENCES feedback_tasks ON DELETE CASCADE,
        key bytea NOT NULL
      );

      CREATE FUNCTION note_exported_lines() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO artifact_removals (digest) VALUES (NEW.lines_digest)
            ON CONFLICT (digest) DO UPDATE SET noted_at = now();
          RETURN NULL;
        END $$;
      CREATE TRIGGER dataset_exports_note_lines AFTER UPDATE OF status ON dataset_exports
        FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED')
                           AND NEW.lines_digest IS NOT NULL)
        EXECUTE FUNCTION note_exported_lines();

      CREATE OR REPLACE VIEW artifact_references AS
        SELECT d.project_id, v.id AS owner_id, file.digest
          FROM datasets d JOIN dataset_versions v ON v.dataset_id = d.id,
               unnest(ARRAY[v.digest, v.source_digest]) AS file(digest)
        UNION ALL
        SELECT d.project_id, v.id, s.digest
          FROM datasets d JOIN dataset_versions v ON v.dataset_id = d.id
               JOIN dataset_version_sources s ON s.dataset_version_id = v.id AND s.kind <> 'version'
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
        SELECT x.project_id, x.id, file ->> 'digest' FROM dataset_exports x, jsonb_array_elements(x.files) AS file
        UNION ALL
        SELECT x.project_id, x.id, x.lines_digest FROM dataset_exports x
         WHERE x.lines_digest IS NOT NULL AND x.status IN ('QUEUED', 'RUNNING');
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
