import type { MigrationInterface, QueryRunner } from 'typeorm';

const ended = `OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED')`;

/** A project's log tells when preparations, reports, recommendations and exports of datasets end. */
export class EventsOfData1764000070000 implements MigrationInterface {
  name = 'EventsOfData1764000070000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION log_preparation_finished() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'preparation.finished', jsonb_build_object(
            'preparationId', NEW.id,
            'datasetVersionId', (SELECT dataset_version_id FROM preparations WHERE id = NEW.id),
            'status', NEW.status, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_dataset_report_finished() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'dataset_report.finished', jsonb_build_object(
            'datasetReportId', NEW.id, 'datasetVersionId', NEW.dataset_version_id,
            'comparedWithId', NEW.compared_with_id, 'status', NEW.status, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_model_recommendation_finished() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'model_recommendation.finished', jsonb_build_object(
            'recommendationId', NEW.id, 'datasetVersionId', NEW.dataset_version_id,
            'status', NEW.status, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_dataset_export_finished() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'dataset_export.finished', jsonb_build_object(
            'datasetExportId', NEW.id, 'datasetVersionId', NEW.dataset_version_id, 'name', NEW.name,
            'status', NEW.status, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;

      -- Rows alone are a step of another call, which nobody follows.
      CREATE CONSTRAINT TRIGGER preparations_log AFTER UPDATE OF status ON preparations
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (${ended} AND NEW.target ->> 'kind' <> 'rows')
        EXECUTE FUNCTION log_preparation_finished();
      CREATE CONSTRAINT TRIGGER dataset_reports_log AFTER UPDATE OF status ON dataset_reports
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (${ended})
        EXECUTE FUNCTION log_dataset_report_finished();
      CREATE CONSTRAINT TRIGGER model_recommendations_log AFTER UPDATE OF status ON model_recommendations
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (${ended})
        EXECUTE FUNCTION log_model_recommendation_finished();
      CREATE CONSTRAINT TRIGGER dataset_exports_log AFTER UPDATE OF status ON dataset_exports
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (${ended})
        EXECUTE FUNCTION log_dataset_export_finished();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
