import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How fast a worker trains, as it measured itself: `MachineSpeed`, and when that was. */
export class TrainingSpeed1764000069000 implements MigrationInterface {
  name = 'TrainingSpeed1764000069000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE workers ADD COLUMN training_speed jsonb');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
