import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Access rights: users, members, API keys, and the audit log. */
export class Access1764000008000 implements MigrationInterface {
  name = 'Access1764000008000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        -- Lower case.
        email text UNIQUE,
        -- Who the OpenID provider says this is; null until a first sign-in.
        issuer text,
        subject text,
        -- An administrator of the server is an owner of every project.
        administrator boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        -- Set when nobody may act as this user any more.
        deactivated_at timestamptz,
        UNIQUE (issuer, subject),
        CHECK ((issuer IS NULL) = (subject IS NULL))
      );
      -- Whoever works on the server's own machine, and the holder of the key that the first start prints.
      INSERT INTO users (id, name, administrator) VALUES ('00000000-0000-4000-8000-000000000001', 'owner', true);

      CREATE TABLE members (
        project_id uuid NOT NULL REFERENCES projects,
        user_id uuid NOT NULL REFERENCES users,
        role text NOT NULL CHECK (role IN ('OWNER', 'MAINTAINER', 'ANNOTATOR', 'VIEWER')),
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (project_id, user_id)
      );
      CREATE INDEX members_by_user ON members (user_id);

      CREATE TABLE api_keys (
        id uuid PRIMARY KEY,
        -- Acts as this user, within the scopes.
        user_id uuid NOT NULL REFERENCES users,
        -- Null: in every project of the user's.
        project_id uuid REFERENCES projects,
        name text NOT NULL,
        -- SHA-256 of the key, which itself is shown once and not kept.
        digest text NOT NULL UNIQUE CHECK (digest ~ '^[0-9a-f]{64}$'),
        -- The key's beginning, to tell keys apart by.
        hint text NOT NULL,
        scopes text[] NOT NULL CHECK (scopes <@ ARRAY['READ', 'TRAIN', 'ANNOTATE', 'ADMINISTER'] AND cardinality(scopes) > 0),
        created_by uuid NOT NULL REFERENCES users,
        created_at timestamptz NOT NULL DEFAULT now(),
        -- Null: never.
        expires_at timestamptz,
        revoked_at timestamptz,
        -- To within a minute.
        last_used_at timestamptz
      );
      CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at DESC, id DESC);
      CREATE INDEX api_keys_by_project ON api_keys (project_id, created_at DESC, id DESC);

      CREATE TABLE audit_log (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- Null: the server as a whole.
        project_id uuid REFERENCES projects,
        user_id uuid REFERENCES users,
        credential text NOT NULL CHECK (credential IN ('LOCAL', 'API_KEY', 'SESSION')),
        api_key_id uuid REFERENCES api_keys,
        -- The mutation's name.
        action text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('DONE', 'REFUSED')),
        -- Type and row id of what it was done to.
        target_type text,
        target_id uuid,
        -- Those values of the input that say what was done: never a secret, never a text of a user's data.
        details json NOT NULL DEFAULT '{}'
      );
      CREATE INDEX audit_log_by_project ON audit_log (project_id, id DESC);

      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '% only grows: what is in it is neither changed nor removed', TG_TABLE_NAME;
        END $$;
      CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

      -- Open connections of this user are looked at again, in every API process.
      CREATE FUNCTION announce_access() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('attune_access', to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[0]);
          RETURN NULL;
        END $$;
      CREATE TRIGGER api_keys_access AFTER UPDATE OF revoked_at, expires_at, scopes OR DELETE ON api_keys
        FOR EACH ROW EXECUTE FUNCTION announce_access('user_id');
      CREATE TRIGGER members_access AFTER INSERT OR UPDATE OR DELETE ON members
        FOR EACH ROW EXECUTE FUNCTION announce_access('user_id');
      CREATE TRIGGER users_access AFTER UPDATE OF administrator, deactivated_at OR DELETE ON users
        FOR EACH ROW EXECUTE FUNCTION announce_access('id');

      -- Keys of calls that are about no project are their user's.
      ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_project_id_fkey;
      ALTER TABLE idempotency_keys RENAME COLUMN project_id TO owner_id;

      -- Who made it; null for what was there before there were users, or came with the server.
      ALTER TABLE datasets ADD COLUMN created_by uuid REFERENCES users;
      ALTER TABLE dataset_versions ADD COLUMN created_by uuid REFERENCES users;
      ALTER TABLE base_models ADD COLUMN created_by uuid REFERENCES users;
      ALTER TABLE experiments ADD COLUMN created_by uuid REFERENCES users;
      ALTER TABLE evaluations ADD COLUMN created_by uuid REFERENCES users;
      ALTER TABLE model_imports ADD COLUMN created_by uuid REFERENCES users;
      ALTER TABLE model_exports ADD COLUMN created_by uuid REFERENCES users;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
