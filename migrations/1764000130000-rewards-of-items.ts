import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What reward models say of pairs of answers. */
export class RewardsOfItems1764000130000 implements MigrationInterface {
  name = 'RewardsOfItems1764000130000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- ItemRewards; null: no reward model ranked the item.
      ALTER TABLE feedback_items ADD COLUMN rewards jsonb;

      -- Without the files that items are made of: versions and models stay themselves until the items are made.
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
         WHERE x.lines_digest IS NOT NULL AND x.status IN ('QUEUED', 'RUNNING')
        UNION ALL
        SELECT k.project_id, k.id, k.digest FROM kept_log_probabilities k;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
