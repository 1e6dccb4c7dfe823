import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks, the deliveries that project events queue for them, and events about members. */
export class Webhooks1764000013001 implements MigrationInterface {
  name = 'Webhooks1764000013001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE webhooks (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        url text NOT NULL,
        description text NOT NULL,
        -- Kinds of project events.
        events text[] NOT NULL CHECK (cardinality(events) > 0),
        -- Null: enabled.
        disabled_reason text CHECK (disabled_reason IN ('BY_USER', 'GONE', 'FAILING')),
        -- Sealed with a key that is not in the database (src/webhooks/sealed-secrets.ts).
        secret bytea NOT NULL,
        previous_secret bytea,
        previous_secret_until timestamptz,
        CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL)),
        -- Attempts since one succeeded.
        failures_in_a_row int NOT NULL DEFAULT 0,
        failing_since timestamptz,
        created_by uuid REFERENCES users,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX webhooks_by_project ON webhooks (project_id, created_at DESC, id DESC);

      -- The outbox. A row is made by the transaction that makes the event, and stays as the log of its delivery.
      CREATE TABLE webhook_deliveries (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
        -- Kind of the event, or 'ping'.
        kind text NOT NULL,
        -- Null for a ping.
        event_seq bigint,
        -- What is sent: from the first attempt on the same bytes.
        body text,
        state text NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'DELIVERED', 'FAILED')),
        -- Counts claims. The fencing token: an outcome that carries an older attempt decides nothing.
        attempt int NOT NULL DEFAULT 0,
        -- Failed attempts since it was last queued: its place in the schedule of retries.
        failures int NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        -- Until then its attempt is a server's; after that the server is taken for dead.
        claimed_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        settled_at timestamptz,
        UNIQUE (webhook_id, event_seq)
      );
      CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (webhook_id, created_at DESC, id DESC);
      CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at) WHERE state = 'PENDING';
      CREATE INDEX webhook_deliveries_settled ON webhook_deliveries (settled_at) WHERE state <> 'PENDING';

      CREATE TABLE webhook_attempts (
        delivery_id uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
        number int NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- Null until it is known how it went: for good when the server died meanwhile.
        duration_ms int,
        status_code int,
        failure text CHECK (failure IN ('BLOCKED', 'UNREACHABLE', 'TIMED_OUT', 'REFUSED', 'INTERRUPTED', 'SECRET_UNREADABLE')),
        message text,
        response_excerpt text,
        PRIMARY KEY (delivery_id, number)
      );

      CREATE OR REPLACE FUNCTION append_project_event(project uuid, event_kind text, event_payload jsonb) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
          next_seq bigint;
        BEGIN
          -- No key is changed, so whoever inserts rows that refer to the project is not held up.
          UPDATE projects SET last_event_seq = last_event_seq + 1 WHERE id = project RETURNING last_event_seq INTO next_seq;
          INSERT INTO project_events (project_id, seq, kind, payload) VALUES (project, next_seq, event_kind, event_payload);
          PERFORM pg_notify('attune_project_events', project || ':' || next_seq);
          -- Locked, so that a webhook which is removed meanwhile is left out, where its key would be missed at the end.
          INSERT INTO webhook_deliveries (webhook_id, kind, event_seq)
            SELECT id, event_kind, next_seq FROM webhooks
             WHERE project_id = project AND disabled_reason IS NULL AND event_kind = ANY (events) FOR KEY SHARE;
          IF FOUND THEN
            PERFORM pg_notify('attune_webhooks', '');
          END IF;
        END $$;

      CREATE FUNCTION log_member_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          member members;
          former_role text;
          new_role text;
        BEGIN
          IF TG_OP <> 'INSERT' THEN
            member := OLD;
            former_role := OLD.role;
          END IF;
          IF TG_OP <> 'DELETE' THEN
            member := NEW;
            new_role := NEW.role;
          END IF;
          IF former_role IS DISTINCT FROM new_role THEN
            PERFORM append_project_event(member.project_id, 'member.changed', jsonb_build_object(
              'userId', member.user_id, 'userName', (SELECT name FROM users WHERE id = member.user_id),
              'from', former_role, 'to', new_role));
          END IF;
          RETURN NULL;
        END $$;
      CREATE CONSTRAINT TRIGGER members_log AFTER INSERT OR UPDATE OF role OR DELETE ON members
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_member_changed();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
