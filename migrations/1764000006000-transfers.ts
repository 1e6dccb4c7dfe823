import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addUniqueOnline, queryOnce, setCheckOnline } from './online.js';

/** Imports and exports of models, and the lane of their jobs. */
export class Transfers1764000006000 implements MigrationInterface {
  name = 'Transfers1764000006000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'model_imports',
      `
      CREATE TABLE model_imports (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        -- Of the base model to be.
        name text NOT NULL,
        -- ModelSource: a folder, or a repository of a hub at a revision.
        source jsonb NOT NULL,
        licence text,
        -- The model that an adapter is for; null for a whole model.
        adapter_base_model_id uuid REFERENCES base_models,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        -- TransferProgress.
        progress jsonb,
        problem jsonb,
        -- What it brought.
        base_model_id uuid REFERENCES base_models,
        -- Tensors of its files that are no part of that model.
        ignored_tensors text[] NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz
      );
      CREATE INDEX model_imports_by_project ON model_imports (project_id, created_at DESC, id DESC);
      -- Two imports of one name can't both succeed: the second is refused at once.
      CREATE UNIQUE INDEX model_imports_reserve_names ON model_imports (project_id, name) WHERE status IN ('QUEUED', 'RUNNING');

      CREATE TABLE model_exports (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        base_model_id uuid NOT NULL REFERENCES base_models,
        format text NOT NULL CHECK (format IN ('huggingFace', 'peft', 'onnx')),
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
        desired text NOT NULL DEFAULT 'RUN' CHECK (desired IN ('RUN', 'CANCEL')),
        progress jsonb,
        problem jsonb,
        -- Name, digest and size of each file; null until it has succeeded.
        files jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz
      );
      CREATE INDEX model_exports_by_project ON model_exports (project_id, created_at DESC, id DESC);
      CREATE INDEX model_exports_by_model ON model_exports (base_model_id, created_at DESC, id DESC);
      -- Which exports need an artifact.
      CREATE INDEX model_exports_by_artifact ON model_exports USING gin (files jsonb_path_ops);

      ALTER TABLE jobs
        ADD COLUMN import_id uuid REFERENCES model_imports,
        ADD COLUMN export_id uuid REFERENCES model_exports;
    `,
    );
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'kind',
      condition: `kind IN ('train', 'evaluate', 'predict', 'import', 'export')`,
    });
    await setCheckOnline(queryRunner, {
      table: 'jobs',
      column: 'lane',
      condition: `lane IN ('training', 'short', 'transfer')`,
    });
    await addUniqueOnline(queryRunner, 'jobs', 'import_id');
    await addUniqueOnline(queryRunner, 'jobs', 'export_id');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
