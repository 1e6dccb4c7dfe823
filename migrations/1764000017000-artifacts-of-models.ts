import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addComputedColumnOnline, filesOfModels } from './computed.js';
import { createIndexOnline } from './online.js';

/**
 * The files of a model as a column beside the manifest that names them, to find the references to a file and to sum up
 * a project's storage.
 */
export class ArtifactsOfModels1764000017000 implements MigrationInterface {
  name = 'ArtifactsOfModels1764000017000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION artifacts_of_model(digest text, manifest jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_remove(
          ARRAY[digest, manifest #>> '{weights,digest}', manifest #>> '{tokenizer,digest}', manifest #>> '{adapter,weights,digest}']
            || ARRAY(SELECT file ->> 'digest' FROM jsonb_array_elements(manifest -> 'files') AS file),
          NULL)
      $$;
    `);
    await addComputedColumnOnline(queryRunner, filesOfModels);
    await createIndexOnline(queryRunner, 'base_models_by_artifact', 'ON base_models USING gin (artifact_digests)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
