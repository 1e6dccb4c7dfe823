import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Samples use the model that wrote, the version of the prompts and the models that score. */
export class ScoredSamplesInUse1764000087000 implements MigrationInterface {
  name = 'ScoredSamplesInUse1764000087000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Beside what the view has.
      DO $do$
        BEGIN
          EXECUTE 'CREATE OR REPLACE VIEW object_uses AS '
            || rtrim(pg_get_viewdef('object_uses'::regclass), E'; \\n')
            || $view$
              UNION ALL
              SELECT s.base_model_id, 'ScoredSamples', s.id, m.name || ', ' || (s.request #>> '{settings,samples}') || ' samples',
                     s.created_at, NULL::uuid
                FROM scored_samples s JOIN base_models m ON m.id = s.base_model_id
              UNION ALL
              SELECT s.dataset_version_id, 'ScoredSamples', s.id,
                     m.name || ', ' || (s.request #>> '{settings,samples}') || ' samples', s.created_at, NULL::uuid
                FROM scored_samples s JOIN base_models m ON m.id = s.base_model_id
              UNION ALL
              SELECT l.base_model_id, 'ScoredSamples', s.id,
                     m.name || ', ' || (s.request #>> '{settings,samples}') || ' samples', s.created_at, s.base_model_id
                FROM scored_samples_models l JOIN scored_samples s ON s.id = l.samples_id
                     JOIN base_models m ON m.id = s.base_model_id
               WHERE l.base_model_id <> s.base_model_id
            $view$;
        END
      $do$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
