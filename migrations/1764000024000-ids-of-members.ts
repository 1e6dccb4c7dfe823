import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A member is an object with an id of its own, which caches of clients tell members apart by. */
export class IdsOfMembers1764000024000 implements MigrationInterface {
  name = 'IdsOfMembers1764000024000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE members ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
