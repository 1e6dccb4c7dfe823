import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks that want some statuses or experiments only, and what a success gave in its event. */
export class NarrowedWebhooks1764000026001 implements MigrationInterface {
  name = 'NarrowedWebhooks1764000026001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE webhooks
        -- Of events that have a status, those with one of these. Null: all.
        ADD COLUMN statuses text[] CHECK (cardinality(statuses) > 0),
        -- Of events about an experiment or its model, those of experiments with one of these tags. Null: all.
        ADD COLUMN experiment_tags text[] CHECK (cardinality(experiment_tags) > 0);

      CREATE OR REPLACE FUNCTION append_project_event(project uuid, event_kind text, event_payload jsonb) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
          next_seq bigint;
          event_status text := event_payload ->> CASE event_kind WHEN 'experiment.status_changed' THEN 'to' ELSE 'status' END;
          event_experiment uuid := event_payload ->> 'experimentId';
        BEGIN
          -- No key is changed, so whoever inserts rows that refer to the project is not held up.
          UPDATE projects SET last_event_seq = last_event_seq + 1 WHERE id = project RETURNING last_event_seq INTO next_seq;
          INSERT INTO project_events (project_id, seq, kind, payload) VALUES (project, next_seq, event_kind, event_payload);
          PERFORM pg_notify('attune_project_events', project || ':' || next_seq);
          IF event_experiment IS NULL AND event_payload ? 'modelId' THEN
            SELECT r.experiment_id INTO event_experiment FROM base_models m JOIN runs r ON r.id = m.produced_by_run_id
             WHERE m.id = (event_payload ->> 'modelId')::uuid;
          END IF;
          -- Locked, so that a webhook which is removed meanwhile is left out, where its key would be missed at the end.
          INSERT INTO webhook_deliveries (webhook_id, kind, event_seq)
            SELECT w.id, event_kind, next_seq FROM webhooks w
             WHERE w.project_id = project AND w.disabled_reason IS NULL AND event_kind = ANY (w.events)
               AND (w.statuses IS NULL OR event_status IS NULL OR event_status = ANY (w.statuses))
               AND (w.experiment_tags IS NULL OR event_experiment IS NULL
                    OR EXISTS (SELECT FROM experiments e WHERE e.id = event_experiment AND e.tags && w.experiment_tags))
               FOR KEY SHARE OF w;
          IF FOUND THEN
            PERFORM pg_notify('attune_webhooks', '');
          END IF;
        END $$;

      -- The newest value of each metric of a run; null where it is no finite number, which JSON can't write.
      CREATE FUNCTION event_summary(run uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
        SELECT coalesce(jsonb_object_agg(key, CASE WHEN value NOT IN ('NaN', 'Infinity', '-Infinity') THEN value END), '{}')
          FROM run_metrics WHERE run_id = run
      $$;

      CREATE OR REPLACE FUNCTION log_run_status() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          experiment record;
          succeeded boolean := NEW.status = 'SUCCEEDED';
        BEGIN
          SELECT id, project_id, name INTO experiment FROM experiments WHERE id = NEW.experiment_id;
          PERFORM append_project_event(experiment.project_id, 'experiment.status_changed', jsonb_build_object(
            'experimentId', experiment.id, 'name', experiment.name, 'from', OLD.status, 'to', NEW.status,
            'problem', CASE WHEN NEW.status = 'FAILED' THEN event_problem(NEW.problem) END,
            'modelId', CASE WHEN succeeded THEN (SELECT id FROM base_models WHERE produced_by_run_id = NEW.id LIMIT 1) END,
            'summary', CASE WHEN succeeded THEN event_summary(NEW.id) END));
          RETURN NULL;
        END $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
