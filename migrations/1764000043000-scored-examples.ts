import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, queryOnce, setCheckOnline } from './online.js';

/** What a model said of each example of an evaluation: a file that the evaluation refers to. */
export class ScoredExamples1764000043000 implements MigrationInterface {
  name = 'ScoredExamples1764000043000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'evaluations.examples_missing',
      `
      ALTER TABLE evaluations
        ADD COLUMN examples_digest text REFERENCES artifacts,
        -- Why there are none, though the evaluation succeeded; null also of evaluations that are older than examples.
        ADD COLUMN examples_missing text;

      CREATE OR REPLACE VIEW artifact_references AS
        SELECT d.project_id, v.id AS owner_id, file.digest
          FROM datasets d JOIN dataset_versions v ON v.dataset_id = d.id,
               unnest(ARRAY[v.digest, v.source_digest]) AS file(digest)
        UNION ALL
        SELECT u.project_id, u.id, u.artifact_digest FROM uploads u WHERE u.artifact_digest IS NOT NULL
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
    `,
    );
    await setCheckOnline(queryRunner, {
      table: 'evaluations',
      column: 'examples_missing',
      condition: `examples_missing IN ('QUOTA_EXCEEDED', 'DISK_FULL')`,
    });
    await createIndexOnline(
      queryRunner,
      'evaluations_by_examples',
      'ON evaluations (examples_digest) WHERE examples_digest IS NOT NULL',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
