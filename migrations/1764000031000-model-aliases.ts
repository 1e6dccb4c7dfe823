import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Aliases of models, such as `production`, and where each has pointed. */
export class ModelAliases1764000031000 implements MigrationInterface {
  name = 'ModelAliases1764000031000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE model_aliases (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        name text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
        base_model_id uuid NOT NULL REFERENCES base_models,
        created_by uuid REFERENCES users,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (project_id, name)
      );
      CREATE INDEX model_aliases_by_model ON model_aliases (base_model_id, name);

      -- The history outlives aliases and models, so it has their names and no references.
      CREATE TABLE model_alias_moves (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        alias text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        moved_by uuid REFERENCES users,
        -- Null: the alias was new.
        from_model_id uuid,
        from_model_name text,
        -- Null: the alias was removed.
        to_model_id uuid,
        to_model_name text
      );
      CREATE INDEX model_alias_moves_by_alias ON model_alias_moves (project_id, alias, id DESC);
      CREATE INDEX model_alias_moves_by_project ON model_alias_moves (project_id, id DESC);

      CREATE FUNCTION log_model_alias_moved() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'model_alias.moved', jsonb_build_object(
            'alias', NEW.alias, 'fromModelId', NEW.from_model_id, 'fromModelName', NEW.from_model_name,
            'toModelId', NEW.to_model_id, 'toModelName', NEW.to_model_name));
          RETURN NULL;
        END $$;
      CREATE CONSTRAINT TRIGGER model_alias_moves_log AFTER INSERT ON model_alias_moves
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_model_alias_moved();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
