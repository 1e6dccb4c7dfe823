import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Datasets, uploads, immutable versions and the rows that ingestion rejected. */
export class Datasets1764000001000 implements MigrationInterface {
  name = 'Datasets1764000001000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE datasets (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        name text NOT NULL,
        description text,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (project_id, name)
      );

      CREATE TABLE uploads (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        file_name text NOT NULL,
        format text NOT NULL CHECK (format IN ('CSV', 'TSV', 'JSONL', 'PARQUET')),
        -- SHA-256 of the secret in the upload URL.
        token_digest text NOT NULL,
        status text NOT NULL CHECK (status IN ('WAITING', 'RECEIVED', 'CONSUMED', 'FAILED')),
        artifact_digest text REFERENCES artifacts,
        size_bytes bigint,
        expires_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE dataset_versions (
        id uuid PRIMARY KEY,
        dataset_id uuid NOT NULL REFERENCES datasets,
        number int NOT NULL,
        -- Digest of the Parquet file: same rows, same splits, same digest.
        digest text NOT NULL REFERENCES artifacts,
        source_digest text NOT NULL REFERENCES artifacts,
        format text NOT NULL,
        example_count bigint NOT NULL,
        rejected_count bigint NOT NULL,
        columns jsonb NOT NULL,
        splits jsonb NOT NULL,
        split_plan jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (dataset_id, number)
      );

      CREATE TABLE rejected_rows (
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions ON DELETE CASCADE,
        position int NOT NULL,
        line bigint NOT NULL,
        code text NOT NULL,
        reason text NOT NULL,
        excerpt text NOT NULL,
        PRIMARY KEY (dataset_version_id, position)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
