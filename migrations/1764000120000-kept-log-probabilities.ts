import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a reference model says of the judged answers of a dataset version, so that later trainings and evaluations need
 * not compute it again. It goes with either of the two.
 */
export class KeptLogProbabilities1764000120000 implements MigrationInterface {
  name = 'KeptLogProbabilities1764000120000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [view] = (await queryRunner.query(
      "SELECT pg_get_viewdef('artifact_references'::regclass) AS definition",
    )) as [{ readonly definition: string }];
    await queryRunner.query(`
      CREATE TABLE kept_log_probabilities (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
        -- SHA-256 of all that determines them: the model, the tokens, the engine; but for its threads.
        content text NOT NULL,
        threads integer NOT NULL,
        reference_model_id uuid NOT NULL REFERENCES base_models ON DELETE CASCADE,
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions ON DELETE CASCADE,
        digest text NOT NULL REFERENCES artifacts,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (project_id, content, threads)
      );
      CREATE INDEX kept_log_probabilities_by_reference ON kept_log_probabilities (reference_model_id, created_at);
      CREATE INDEX kept_log_probabilities_by_version ON kept_log_probabilities (dataset_version_id);
      CREATE INDEX kept_log_probabilities_by_digest ON kept_log_probabilities (digest);

      CREATE OR REPLACE VIEW artifact_references AS
        ${view.definition.trim().replace(/;$/, '')}
        UNION ALL
        SELECT k.project_id, k.id, k.digest FROM kept_log_probabilities k;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
