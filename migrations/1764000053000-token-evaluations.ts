import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, queryOnce } from './online.js';

/** Evaluations of a language model's own predictions of tokens, compared with those of another model. */
export class TokenEvaluations1764000053000 implements MigrationInterface {
  name = 'TokenEvaluations1764000053000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'evaluations.baseline_model_id',
      `
      ALTER TABLE evaluations
        -- What is to be predicted; NULL where heads are scored.
        ADD COLUMN tokens jsonb,
        -- The scores stay when the model that they were compared with is deleted.
        ADD COLUMN baseline_model_id uuid REFERENCES base_models ON DELETE SET NULL;

      CREATE OR REPLACE FUNCTION keep_evaluation_scores() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM evaluation_scores WHERE evaluation_id = NEW.id;
          INSERT INTO evaluation_scores (evaluation_id, measure, task, value)
          SELECT NEW.id, measure, scores ->> 'task', (scores #>> string_to_array(measure, '.'))::float8
            FROM jsonb_array_elements(NEW.scores) AS scores,
                 unnest(ARRAY['accuracy', 'loss', 'macro.precision', 'macro.recall', 'macro.f1',
                   'micro.precision', 'micro.recall', 'micro.f1', 'weighted.precision', 'weighted.recall', 'weighted.f1',
                   'samples.f1', 'subsetAccuracy', 'hammingLoss', 'averagePrecision.macro', 'averagePrecision.micro',
                   'entities.micro.precision', 'entities.micro.recall', 'entities.micro.f1',
                   'average.mse', 'average.rmse', 'average.mae', 'average.r2', 'average.pearson', 'average.spearman',
                   'perplexity', 'bitsPerByte', 'tokenAccuracy'])
                   AS measure
           WHERE scores #>> string_to_array(measure, '.') IS NOT NULL;
          RETURN NULL;
        END $$;
    `,
    );
    await createIndexOnline(
      queryRunner,
      'evaluations_by_baseline',
      'ON evaluations (baseline_model_id) WHERE baseline_model_id IS NOT NULL',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
