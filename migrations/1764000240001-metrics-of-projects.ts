import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, dropIndexOnline, setNotNullOnline, updateInBatches } from './online.js';

/** Some fifty rows lie on a page. */
const pagesOfBatch = 200;

/** The newest values of metrics know their project, so that an index has the order of a project's values (ADR 0064). */
export class MetricsOfProjects1764000240001 implements MigrationInterface {
  name = 'MetricsOfProjects1764000240001';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- The project of the run's experiment, which never changes.
      ALTER TABLE run_metrics ADD COLUMN IF NOT EXISTS project_id uuid;
      CREATE OR REPLACE FUNCTION set_project_of_metric() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          SELECT e.project_id INTO NEW.project_id
            FROM runs r JOIN experiments e ON e.id = r.experiment_id WHERE r.id = NEW.run_id;
          RETURN NEW;
        END $$;
      CREATE OR REPLACE TRIGGER run_metrics_project BEFORE INSERT ON run_metrics
        FOR EACH ROW WHEN (NEW.project_id IS NULL) EXECUTE FUNCTION set_project_of_metric();
    `);
    await updateInBatches(queryRunner, {
      table: 'run_metrics',
      row: 'm',
      pages: pagesOfBatch,
      update: `UPDATE run_metrics m SET project_id = e.project_id FROM runs r JOIN experiments e ON e.id = r.experiment_id
                WHERE r.id = m.run_id AND m.project_id IS NULL`,
    });
    await setNotNullOnline(queryRunner, 'run_metrics', 'project_id');
    await createIndexOnline(queryRunner, 'run_metrics_of_project', 'ON run_metrics (project_id, key, value, run_id)');
    // Ranges of values are looked for within a project, too: one index has to follow each new value, as before.
    await dropIndexOnline(queryRunner, 'run_metrics_by_value');
    await queryRunner.query('ANALYZE run_metrics');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
