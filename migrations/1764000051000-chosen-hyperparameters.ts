import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which hyperparameters a client left to the server: a clone chooses these anew where what they depend on changes. */
export class ChosenHyperparameters1764000051000 implements MigrationInterface {
  name = 'ChosenHyperparameters1764000051000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE experiments
        -- Their names. None of experiments from before, whose clones keep every value.
        ADD COLUMN chosen_hyperparameters text[] NOT NULL DEFAULT '{}';
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE experiments DROP COLUMN chosen_hyperparameters');
  }
}
