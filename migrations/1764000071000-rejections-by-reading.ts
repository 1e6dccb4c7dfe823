import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rejected rows tell which version read their file, so that versions made of versions count each file once. */
export class RejectionsByReading1764000071000 implements MigrationInterface {
  name = 'RejectionsByReading1764000071000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- How many rows could not be read in the files that the rows of a version are from. dataset_versions.rejected_count
      -- is their sum.
      CREATE TABLE rejected_counts (
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions ON DELETE CASCADE,
        -- The version that was made of the files: this one, or one that its rows are from, which may be gone since.
        read_by uuid NOT NULL,
        rejected_count bigint NOT NULL CHECK (rejected_count > 0),
        PRIMARY KEY (dataset_version_id, read_by)
      );
      -- The version that was made of the row's file.
      ALTER TABLE rejected_rows ADD COLUMN read_by uuid;

      -- What is there counted once for each way from a file to a version. Where a version between them was deleted,
      -- its part can not be told apart, and counts as read by the version that was made of it.
      CREATE TEMPORARY TABLE known_sources ON COMMIT DROP AS
        SELECT s.dataset_version_id AS id, s.parent_version_id AS parent_id
          FROM dataset_version_sources s
         WHERE s.kind = 'version'
           AND NOT EXISTS (SELECT FROM dataset_version_sources gone
                            WHERE gone.dataset_version_id = s.dataset_version_id AND gone.kind = 'version'
                              AND gone.parent_version_id IS NULL);
      CREATE TEMPORARY TABLE own_rejections ON COMMIT DROP AS
        SELECT v.id, greatest(v.rejected_count - coalesce(sum(p.rejected_count), 0), 0) AS rejected_count,
               greatest((SELECT count(*) FROM rejected_rows r WHERE r.dataset_version_id = v.id)
                 - coalesce(sum((SELECT count(*) FROM rejected_rows r WHERE r.dataset_version_id = p.id)), 0), 0) AS row_count
          FROM dataset_versions v
               LEFT JOIN known_sources s ON s.id = v.id LEFT JOIN dataset_versions p ON p.id = s.parent_id
         GROUP BY v.id;
      -- hides_texts: each way to the version masks personal data.
      CREATE TEMPORARY TABLE origins ON COMMIT DROP AS
        WITH RECURSIVE ways (id, read_by, hides_texts) AS (
          SELECT id, id, false FROM dataset_versions
          UNION
          SELECT s.id, w.read_by, w.hides_texts OR v.recipe @> '[{"kind": "maskPersonalData"}]'
            FROM ways w JOIN known_sources s ON s.parent_id = w.id JOIN dataset_versions v ON v.id = s.id
        )
        SELECT id, read_by, bool_and(hides_texts) AS hides_texts FROM ways GROUP BY id, read_by;

      INSERT INTO rejected_counts (dataset_version_id, read_by, rejected_count)
        SELECT o.id, o.read_by, own.rejected_count
          FROM origins o JOIN own_rejections own ON own.id = o.read_by WHERE own.rejected_count > 0;
      UPDATE dataset_versions v
         SET rejected_count = coalesce((SELECT sum(c.rejected_count) FROM rejected_counts c
                                         WHERE c.dataset_version_id = v.id), 0)
       WHERE EXISTS (SELECT FROM known_sources s WHERE s.id = v.id);

      DELETE FROM rejected_rows r USING own_rejections own
       WHERE own.id = r.dataset_version_id AND r.position >= own.row_count;
      UPDATE rejected_rows SET read_by = dataset_version_id;
      INSERT INTO rejected_rows (dataset_version_id, position, line, code, reason, excerpt, read_by)
        SELECT o.id,
               own.row_count
                 + row_number() OVER (PARTITION BY o.id ORDER BY reader.created_at, reader.id, r.position) - 1,
               r.line, r.code, r.reason, CASE WHEN o.hides_texts THEN '' ELSE r.excerpt END, r.read_by
          FROM origins o JOIN own_rejections own ON own.id = o.id JOIN dataset_versions reader ON reader.id = o.read_by
               JOIN rejected_rows r ON r.dataset_version_id = o.read_by
         WHERE o.id <> o.read_by;
      ALTER TABLE rejected_rows ALTER COLUMN read_by SET NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
