import type { MigrationInterface, QueryRunner } from 'typeorm';
import { queryOnce } from './online.js';

/** A policy is trained with the models that score its completions: they are used by the experiment. */
export class ModelsOfExperiments1764000088000 implements MigrationInterface {
  name = 'ModelsOfExperiments1764000088000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const [view] = (await queryRunner.query("SELECT pg_get_viewdef('object_uses'::regclass) AS definition")) as [
      { readonly definition: string },
    ];
    await queryOnce(
      queryRunner,
      'experiment_reward_models',
      `
      -- The models that score, beside the base model.
      CREATE TABLE experiment_reward_models (
        experiment_id uuid NOT NULL REFERENCES experiments ON DELETE CASCADE,
        base_model_id uuid NOT NULL REFERENCES base_models,
        PRIMARY KEY (experiment_id, base_model_id)
      );
      CREATE INDEX experiment_reward_models_by_model ON experiment_reward_models (base_model_id);

      CREATE OR REPLACE VIEW object_uses AS
        ${view.definition.trim().replace(/;$/, '')}
        UNION ALL
        SELECT x.base_model_id, 'Experiment', e.id, e.name, e.created_at, e.base_model_id
          FROM experiment_reward_models x JOIN experiments e ON e.id = x.experiment_id
         WHERE x.base_model_id <> e.base_model_id;
    `,
    );
    // Experiments from before name their models in their specs alone; one that is gone stays so.
    await queryRunner.query(`
      INSERT INTO experiment_reward_models (experiment_id, base_model_id)
        SELECT DISTINCT e.id, m.id
          FROM experiments e
               CROSS JOIN LATERAL jsonb_array_elements((e.spec -> 'rewards') || (e.spec -> 'controlRewards')) AS r
               JOIN base_models m ON m.id::text = r #>> '{source,modelId}'
         WHERE e.method = 'policyOptimization' AND m.id <> e.base_model_id
      ON CONFLICT DO NOTHING
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
