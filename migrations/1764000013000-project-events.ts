import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A numbered log of a project's events, which triggers write whenever a row changes. */
export class ProjectEvents1764000013000 implements MigrationInterface {
  name = 'ProjectEvents1764000013000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE projects ADD COLUMN last_event_seq bigint NOT NULL DEFAULT 0;

      CREATE TABLE project_events (
        project_id uuid NOT NULL REFERENCES projects,
        -- Counts from 1 within the project, without gaps, in the order of commits.
        seq bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        kind text NOT NULL,
        -- Row ids, names and statuses as they were: what a reader needs who can't ask back.
        payload jsonb NOT NULL,
        PRIMARY KEY (project_id, seq)
      );

      CREATE FUNCTION append_project_event(project uuid, event_kind text, event_payload jsonb) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
          next_seq bigint;
        BEGIN
          -- No key is changed, so whoever inserts rows that refer to the project is not held up.
          UPDATE projects SET last_event_seq = last_event_seq + 1 WHERE id = project RETURNING last_event_seq INTO next_seq;
          INSERT INTO project_events (project_id, seq, kind, payload) VALUES (project, next_seq, event_kind, event_payload);
          PERFORM pg_notify('attune_project_events', project || ':' || next_seq);
        END $$;

      -- Code and message: the path of a problem leads into an input that readers of the log don't have.
      CREATE FUNCTION event_problem(problem jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE WHEN problem IS NOT NULL THEN jsonb_build_object('code', problem ->> 'code', 'message', problem ->> 'message') END
      $$;

      CREATE FUNCTION log_experiment_created() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'experiment.created', jsonb_build_object(
            'experimentId', NEW.id, 'name', NEW.name));
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_run_status() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          experiment record;
        BEGIN
          SELECT id, project_id, name INTO experiment FROM experiments WHERE id = NEW.experiment_id;
          PERFORM append_project_event(experiment.project_id, 'experiment.status_changed', jsonb_build_object(
            'experimentId', experiment.id, 'name', experiment.name, 'from', OLD.status, 'to', NEW.status,
            'problem', CASE WHEN NEW.status = 'FAILED' THEN event_problem(NEW.problem) END));
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_evaluation_finished() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'evaluation.finished', jsonb_build_object(
            'evaluationId', NEW.id, 'modelId', NEW.base_model_id,
            'modelName', (SELECT name FROM base_models WHERE id = NEW.base_model_id),
            'split', NEW.split, 'status', NEW.status, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_import_finished() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'model_import.finished', jsonb_build_object(
            'importId', NEW.id, 'name', NEW.name, 'modelId', NEW.base_model_id,
            'status', NEW.status, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_export_finished() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'model_export.finished', jsonb_build_object(
            'exportId', NEW.id, 'modelId', NEW.base_model_id,
            'modelName', (SELECT name FROM base_models WHERE id = NEW.base_model_id),
            'format', NEW.format, 'status', NEW.status, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_dataset_version_created() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          dataset record;
        BEGIN
          SELECT id, project_id, name INTO dataset FROM datasets WHERE id = NEW.dataset_id;
          PERFORM append_project_event(dataset.project_id, 'dataset_version.created', jsonb_build_object(
            'datasetVersionId', NEW.id, 'datasetId', dataset.id, 'datasetName', dataset.name, 'number', NEW.number));
          RETURN NULL;
        END $$;

      CREATE FUNCTION log_base_model_registered() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'base_model.registered', jsonb_build_object(
            'modelId', NEW.id, 'name', NEW.name,
            'experimentId', (SELECT experiment_id FROM runs WHERE id = NEW.produced_by_run_id)));
          RETURN NULL;
        END $$;

      -- Deferred to COMMIT: the project's row is the last one that a transaction locks, whatever it locked before, so that no two wait
      -- for each other; and it is held for no longer than the COMMIT takes. Seqs become visible in their order, without gaps.
      CREATE CONSTRAINT TRIGGER experiments_log AFTER INSERT ON experiments
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_experiment_created();
      CREATE CONSTRAINT TRIGGER runs_log AFTER UPDATE OF status ON runs
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION log_run_status();
      CREATE CONSTRAINT TRIGGER evaluations_log AFTER UPDATE OF status ON evaluations
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED')) EXECUTE FUNCTION log_evaluation_finished();
      CREATE CONSTRAINT TRIGGER model_imports_log AFTER UPDATE OF status ON model_imports
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED')) EXECUTE FUNCTION log_import_finished();
      CREATE CONSTRAINT TRIGGER model_exports_log AFTER UPDATE OF status ON model_exports
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED')) EXECUTE FUNCTION log_export_finished();
      CREATE CONSTRAINT TRIGGER dataset_versions_log AFTER INSERT ON dataset_versions
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_dataset_version_created();
      CREATE CONSTRAINT TRIGGER base_models_log AFTER INSERT ON base_models
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_base_model_registered();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
