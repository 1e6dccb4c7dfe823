import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads that are sent in parts: whose they are, what is expected, and the parts that have arrived. */
export class PendingUploads1764000044000 implements MigrationInterface {
  name = 'PendingUploads1764000044000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE uploads
        -- Null for uploads that are older than this column.
        ADD COLUMN created_by uuid REFERENCES users,
        -- What the client said of the file; null where it said nothing.
        ADD COLUMN expected_bytes bigint,
        ADD COLUMN expected_digest text,
        -- The end of the last part, where the next one begins. Parts go once the file is whole.
        ADD COLUMN received_bytes bigint NOT NULL DEFAULT 0;
      CREATE INDEX uploads_of_users ON uploads (project_id, created_by, created_at DESC, id DESC) WHERE status <> 'CONSUMED';

      CREATE TABLE upload_parts (
        upload_id uuid NOT NULL REFERENCES uploads ON DELETE CASCADE,
        start_byte bigint NOT NULL,
        digest text NOT NULL REFERENCES artifacts,
        PRIMARY KEY (upload_id, start_byte)
      );
      CREATE INDEX upload_parts_by_digest ON upload_parts (digest);

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
        SELECT v.project_id, v.id, v.examples_digest FROM evaluations v WHERE v.examples_digest IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
