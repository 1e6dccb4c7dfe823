import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline } from './online.js';

/** Entries of the audit log keep the name of what they are about, which may be renamed or removed later. */
export class AuditTargets1764000026000 implements MigrationInterface {
  name = 'AuditTargets1764000026000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // Null: it has no name, or the entry is older than this column.
    await queryRunner.query('ALTER TABLE audit_log ADD COLUMN IF NOT EXISTS target_name text');
    await createIndexOnline(queryRunner, 'audit_log_by_target', 'ON audit_log (target_id, id DESC)');
    await createIndexOnline(queryRunner, 'audit_log_by_user', 'ON audit_log (user_id, id DESC)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
