import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Evaluations of language models on judgements of answers. */
export class PreferenceEvaluations1764000090000 implements MigrationInterface {
  name = 'PreferenceEvaluations1764000090000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE evaluations
        -- How a language model reads the answers, and the reference; NULL unless one is scored on judgements.
        ADD COLUMN preference_reading jsonb;

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
                   'perplexity', 'bitsPerByte', 'tokenAccuracy', 'margin', 'calibration.error', 'lengthCorrelation',
                   'byReference.accuracy', 'byReference.margin', 'byReference.loss'])
                   AS measure
           WHERE scores #>> string_to_array(measure, '.') IS NOT NULL;
          RETURN NULL;
        END $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
