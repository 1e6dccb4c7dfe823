import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, queryOnce } from './online.js';

/** What deleting needs: who uses what, which files each row needs, files to remove, a record of what was deleted. */
export class Deletion1764000040000 implements MigrationInterface {
  name = 'Deletion1764000040000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'deletions',
      `
      -- Which rows need a file, row by row: a file that a row needs twice is there twice.
      CREATE VIEW artifact_references AS
        SELECT d.project_id, v.id AS owner_id, file.digest
          FROM datasets d JOIN dataset_versions v ON v.dataset_id = d.id,
               unnest(ARRAY[v.digest, v.source_digest]) AS file(digest)
        UNION ALL
        SELECT u.project_id, u.id, u.artifact_digest FROM uploads u WHERE u.artifact_digest IS NOT NULL
        UNION ALL
        SELECT m.project_id, m.id, file.digest FROM base_models m, unnest(m.artifact_digests) AS file(digest)
        UNION ALL
        -- The manifest of a pruned checkpoint stays.
        SELECT e.project_id, e.id, file.digest
          FROM experiments e JOIN runs r ON r.experiment_id = e.id JOIN checkpoints c ON c.run_id = r.id,
               unnest(c.digest || CASE WHEN c.pruned_at IS NULL THEN c.artifact_digests ELSE '{}' END) AS file(digest)
        UNION ALL
        SELECT x.project_id, x.id, file ->> 'digest' FROM model_exports x, jsonb_array_elements(x.files) AS file;

      -- Which object (kind, id) uses another one (used_id), or came out of it. Versions are parts of their dataset, and not listed.
      CREATE VIEW object_uses AS
        SELECT e.dataset_version_id AS used_id, 'Experiment' AS kind, e.id, e.name, e.created_at FROM experiments e
        UNION ALL
        SELECT e.base_model_id, 'Experiment', e.id, e.name, e.created_at FROM experiments e
        UNION ALL
        SELECT v.dataset_version_id, 'Evaluation', v.id, m.name || ' on ' || v.split, v.created_at
          FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
        UNION ALL
        SELECT v.base_model_id, 'Evaluation', v.id, m.name || ' on ' || v.split, v.created_at
          FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
        UNION ALL
        SELECT x.base_model_id, 'ModelExport', x.id, m.name || ' as ' || x.format, x.created_at
          FROM model_exports x JOIN base_models m ON m.id = x.base_model_id
        UNION ALL
        SELECT i.adapter_base_model_id, 'ModelImport', i.id, i.name, i.created_at
          FROM model_imports i WHERE i.adapter_base_model_id IS NOT NULL
        UNION ALL
        SELECT a.base_model_id, 'ModelAlias', a.id, a.name, a.created_at FROM model_aliases a
        UNION ALL
        SELECT r.experiment_id, 'BaseModel', m.id, m.name, m.created_at
          FROM base_models m JOIN runs r ON r.id = m.produced_by_run_id;

      -- Files that nothing may need any more: noted by the transaction that deletes, looked at and removed after its COMMIT.
      CREATE TABLE artifact_removals (
        digest text PRIMARY KEY,
        noted_at timestamptz NOT NULL DEFAULT now()
      );

      -- What was deleted by request. No references: what they would lead to is gone, or may go.
      CREATE TABLE deletions (
        object_id uuid PRIMARY KEY,
        object_type text NOT NULL,
        project_id uuid NOT NULL,
        name text NOT NULL,
        -- How many objects of each type went with it, itself included.
        counts jsonb NOT NULL,
        freed_bytes bigint NOT NULL,
        -- Type and row id of the first of them.
        objects jsonb NOT NULL,
        deleted_by uuid REFERENCES users,
        deleted_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX deletions_by_project ON deletions (project_id);

      CREATE OR REPLACE FUNCTION append_project_event(project uuid, event_kind text, event_payload jsonb) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
          next_seq bigint;
          event_status text := event_payload ->> CASE event_kind WHEN 'experiment.status_changed' THEN 'to' ELSE 'status' END;
          event_experiment uuid := event_payload ->> 'experimentId';
        BEGIN
          -- No key is changed, so whoever inserts rows that refer to the project is not held up.
          UPDATE projects SET last_event_seq = last_event_seq + 1 WHERE id = project RETURNING last_event_seq INTO next_seq;
          IF NOT FOUND THEN
            -- The transaction deletes the project, and its log with it.
            RETURN;
          END IF;
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

      CREATE FUNCTION log_object_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'object.deleted', jsonb_build_object(
            'objectType', NEW.object_type, 'objectId', NEW.object_id, 'name', NEW.name, 'counts', NEW.counts, 'objects', NEW.objects));
          RETURN NULL;
        END $$;
      CREATE CONSTRAINT TRIGGER deletions_log AFTER INSERT ON deletions
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_object_deleted();

      -- The highest number of a version that was deleted: no other version gets it again.
      ALTER TABLE datasets ADD COLUMN last_deleted_version int NOT NULL DEFAULT 0;

      -- What is only told of another object, and does not need it.
      ALTER TABLE experiments DROP CONSTRAINT experiments_cloned_from_id_fkey,
        ADD CONSTRAINT experiments_cloned_from_id_fkey FOREIGN KEY (cloned_from_id) REFERENCES experiments ON DELETE SET NULL NOT VALID;
      ALTER TABLE model_imports DROP CONSTRAINT model_imports_base_model_id_fkey,
        ADD CONSTRAINT model_imports_base_model_id_fkey FOREIGN KEY (base_model_id) REFERENCES base_models ON DELETE SET NULL;
      CREATE INDEX model_imports_by_model ON model_imports (base_model_id) WHERE base_model_id IS NOT NULL;
      CREATE INDEX model_imports_by_adapted ON model_imports (adapter_base_model_id, created_at DESC, id DESC)
        WHERE adapter_base_model_id IS NOT NULL;

      -- The audit log outlives projects, and so do the keys that it names.
      ALTER TABLE audit_log DROP CONSTRAINT audit_log_project_id_fkey;
      ALTER TABLE api_keys DROP CONSTRAINT api_keys_project_id_fkey;
    `,
    );
    await queryRunner.query('ALTER TABLE experiments VALIDATE CONSTRAINT experiments_cloned_from_id_fkey');
    await createIndexOnline(
      queryRunner,
      'experiments_by_source',
      'ON experiments (cloned_from_id) WHERE cloned_from_id IS NOT NULL',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
