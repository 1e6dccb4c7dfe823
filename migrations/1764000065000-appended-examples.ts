import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Examples that applications append to datasets, and that wait to become part of a version. */
export class AppendedExamples1764000065000 implements MigrationInterface {
  name = 'AppendedExamples1764000065000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- One row a dataset to which examples were appended: locked by whoever appends, so that limits and numbers hold.
      CREATE TABLE example_feeds (
        dataset_id uuid PRIMARY KEY REFERENCES datasets ON DELETE CASCADE,
        -- The number of the newest example.
        last_number bigint NOT NULL DEFAULT 0,
        -- Examples that are in no version yet, and their bytes.
        row_count bigint NOT NULL DEFAULT 0,
        bytes bigint NOT NULL DEFAULT 0
      );

      -- What a call with an idempotency key appended, for its repetition.
      CREATE TABLE example_appends (
        id uuid PRIMARY KEY,
        dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
        first_number bigint NOT NULL,
        last_number bigint NOT NULL
      );
      CREATE INDEX example_appends_by_dataset ON example_appends (dataset_id);

      CREATE TABLE appended_examples (
        dataset_id uuid NOT NULL REFERENCES datasets ON DELETE CASCADE,
        -- Ascending in the order in which they came, without gaps but for those that were discarded or used.
        number bigint NOT NULL,
        -- Null: it gets one as the version is made.
        split text,
        -- An object of JSON, as text: jsonb would reorder its keys, and has no place for long numbers.
        example text NOT NULL,
        size_bytes int NOT NULL,
        -- The preparation that makes a version of it; null: it waits. Deferred: the examples are taken first.
        preparation_id uuid REFERENCES preparations ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (dataset_id, number)
      );
      CREATE INDEX appended_examples_by_preparation ON appended_examples (preparation_id)
        WHERE preparation_id IS NOT NULL;

      -- With the end of a preparation its examples are in the version and nowhere else, or wait again. The file that it
      -- read them from stays as long as a version names it.
      CREATE FUNCTION release_appended_examples() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.status = 'SUCCEEDED' THEN
            WITH gone AS (
              DELETE FROM appended_examples WHERE preparation_id = NEW.id RETURNING dataset_id, size_bytes
            ), counted AS (
              SELECT dataset_id, count(*) AS row_count, sum(size_bytes) AS bytes FROM gone GROUP BY dataset_id
            )
            UPDATE example_feeds f SET row_count = f.row_count - c.row_count, bytes = f.bytes - c.bytes
              FROM counted c WHERE f.dataset_id = c.dataset_id;
          ELSE
            UPDATE appended_examples SET preparation_id = NULL WHERE preparation_id = NEW.id;
          END IF;
          INSERT INTO artifact_removals (digest)
            SELECT DISTINCT source ->> 'digest' FROM jsonb_array_elements(NEW.sources) AS source
             WHERE source ->> 'kind' = 'appended'
            ON CONFLICT (digest) DO UPDATE SET noted_at = now();
          RETURN NULL;
        END $$;
      CREATE TRIGGER preparations_release_appended AFTER UPDATE OF status ON preparations
        FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED')
                           AND NEW.sources @> '[{"kind": "appended"}]')
        EXECUTE FUNCTION release_appended_examples();

      ALTER TABLE dataset_version_sources
        DROP CONSTRAINT dataset_version_sources_kind_check,
        ADD CONSTRAINT dataset_version_sources_kind_check CHECK (kind IN ('upload', 'version', 'appended')),
        -- Of appended examples: how many there were. Their file has the digest.
        ADD COLUMN appended_count bigint;

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
        SELECT x.project_id, x.id, file ->> 'digest' FROM dataset_exports x, jsonb_array_elements(x.files) AS file;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
