import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Projects, and the artifacts that every other table points to. */
export class Projects1764000000000 implements MigrationInterface {
  name = 'Projects1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE projects (
        id uuid PRIMARY KEY,
        slug text NOT NULL UNIQUE,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE artifacts (
        digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
        size_bytes bigint NOT NULL,
        media_type text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE idempotency_keys (
        project_id uuid NOT NULL REFERENCES projects,
        operation text NOT NULL,
        key text NOT NULL,
        -- Digest of the input: the same key with another input is a conflict, not a repeat.
        input_digest text NOT NULL,
        result_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (project_id, operation, key)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
