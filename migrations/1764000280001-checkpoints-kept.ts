import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline } from './online.js';

/** Whoever looks for checkpoints to retire reads those that are kept, and not the many that were retired. */
export class CheckpointsKept1764000280001 implements MigrationInterface {
  name = 'CheckpointsKept1764000280001';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await createIndexOnline(
      queryRunner,
      'checkpoints_kept',
      'ON checkpoints (run_id, attempt DESC, step DESC, created_at DESC) WHERE pruned_at IS NULL',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
