import type { MigrationInterface, QueryRunner } from 'typeorm';
import { setCheckOnline } from './online.js';

/** Evaluations can be canceled, and followed: the database says when one has entered another status. */
export class EvaluationChanges1764000035000 implements MigrationInterface {
  name = 'EvaluationChanges1764000035000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await setCheckOnline(queryRunner, {
      table: 'evaluations',
      column: 'status',
      condition: `status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')`,
    });
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION notify_evaluation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('attune_transfers', NEW.id::text);
          RETURN NULL;
        END $$;
      CREATE OR REPLACE TRIGGER evaluations_changed AFTER UPDATE OF status ON evaluations
        FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION notify_evaluation_changed();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
