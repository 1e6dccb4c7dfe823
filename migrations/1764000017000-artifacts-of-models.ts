import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The files of a model as a column beside the manifest that names them, to find the references to a file and to sum up
 * a project's storage.
 */
export class ArtifactsOfModels1764000017000 implements MigrationInterface {
  name = 'ArtifactsOfModels1764000017000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION artifacts_of_model(digest text, manifest jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_remove(
          ARRAY[digest, manifest #>> '{weights,digest}', manifest #>> '{tokenizer,digest}', manifest #>> '{adapter,weights,digest}']
            || ARRAY(SELECT file ->> 'digest' FROM jsonb_array_elements(manifest -> 'files') AS file),
          NULL)
      $$;
      ALTER TABLE base_models
        ADD COLUMN artifact_digests text[] NOT NULL GENERATED ALWAYS AS (artifacts_of_model(digest, manifest)) STORED;
      CREATE INDEX base_models_by_artifact ON base_models USING gin (artifact_digests);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
