import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users that are no people: service accounts of a project, which programs act as. */
export class ServiceAccounts1764000026002 implements MigrationInterface {
  name = 'ServiceAccounts1764000026002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users
        ADD COLUMN kind text NOT NULL DEFAULT 'PERSON' CHECK (kind IN ('PERSON', 'SERVICE')),
        -- The project that a service account was made for, and the only one it can be a member of.
        ADD COLUMN service_of uuid REFERENCES projects ON DELETE SET NULL,
        -- Nobody signs in as a service account, and it administers no server.
        ADD CHECK (kind = 'PERSON' OR (email IS NULL AND issuer IS NULL AND NOT administrator)),
        ADD CHECK (kind = 'SERVICE' OR service_of IS NULL);
      CREATE UNIQUE INDEX service_accounts_by_name ON users (service_of, lower(name)) WHERE deactivated_at IS NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
