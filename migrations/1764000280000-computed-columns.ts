import type { MigrationInterface, QueryRunner } from 'typeorm';
import { computingTrigger, filesOfModels, labelsOfEvaluations, labelsOfExperiments } from './computed.js';

/**
 * Columns that PostgreSQL generated in databases of earlier versions are computed by triggers in all (ADR 0064). Their
 * values stay as they are: no row is read.
 */
export class ComputedColumns1764000280000 implements MigrationInterface {
  name = 'ComputedColumns1764000280000';

  // Each table is locked for its own moment alone.
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const computed of [labelsOfExperiments, labelsOfEvaluations, filesOfModels]) {
      const { table, column } = computed;
      await queryRunner.query(
        `ALTER TABLE ${table} ALTER COLUMN ${column} DROP EXPRESSION IF EXISTS; ${computingTrigger(computed)}`,
      );
    }
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
