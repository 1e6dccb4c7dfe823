import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, queryOnce } from './online.js';

/** Language modelling measures texts of another dataset version too: that version is used by the experiment. */
export class ControlTexts1764000050000 implements MigrationInterface {
  name = 'ControlTexts1764000050000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'experiments.control_version_id',
      `
      ALTER TABLE experiments ADD COLUMN control_version_id uuid REFERENCES dataset_versions;

      -- beside_id: another object that (kind, id) uses in a row of its own. Lists of the users of both name it once.
      CREATE OR REPLACE VIEW object_uses AS
        SELECT e.dataset_version_id AS used_id, 'Experiment' AS kind, e.id, e.name, e.created_at, NULL::uuid AS beside_id
          FROM experiments e
        UNION ALL
        SELECT e.base_model_id, 'Experiment', e.id, e.name, e.created_at, NULL FROM experiments e
        UNION ALL
        SELECT e.control_version_id, 'Experiment', e.id, e.name, e.created_at, e.dataset_version_id
          FROM experiments e WHERE e.control_version_id <> e.dataset_version_id
        UNION ALL
        SELECT v.dataset_version_id, 'Evaluation', v.id, m.name || ' on ' || v.split, v.created_at, NULL
          FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
        UNION ALL
        SELECT v.base_model_id, 'Evaluation', v.id, m.name || ' on ' || v.split, v.created_at, NULL
          FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
        UNION ALL
        SELECT x.base_model_id, 'ModelExport', x.id, m.name || ' as ' || x.format, x.created_at, NULL
          FROM model_exports x JOIN base_models m ON m.id = x.base_model_id
        UNION ALL
        SELECT i.adapter_base_model_id, 'ModelImport', i.id, i.name, i.created_at, NULL
          FROM model_imports i WHERE i.adapter_base_model_id IS NOT NULL
        UNION ALL
        SELECT a.base_model_id, 'ModelAlias', a.id, a.name, a.created_at, NULL FROM model_aliases a
        UNION ALL
        SELECT r.experiment_id, 'BaseModel', m.id, m.name, m.created_at, NULL
          FROM base_models m JOIN runs r ON r.id = m.produced_by_run_id
        UNION ALL
        SELECT b.base_model_id, 'BatchPrediction', b.id, b.file_name, b.created_at, NULL FROM batch_predictions b
        UNION ALL
        SELECT b.dataset_version_id, 'BatchPrediction', b.id, b.file_name, b.created_at, NULL
          FROM batch_predictions b WHERE b.dataset_version_id IS NOT NULL;
    `,
    );
    await createIndexOnline(
      queryRunner,
      'experiments_by_control',
      'ON experiments (control_version_id) WHERE control_version_id IS NOT NULL',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
