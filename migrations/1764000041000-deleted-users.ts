import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Personal data of a user can be deleted. Entries of the audit log stay, without the names that they hold. */
export class DeletedUsers1764000041000 implements MigrationInterface {
  name = 'DeletedUsers1764000041000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Set when the personal data were deleted: the row stays for what refers to it.
      ALTER TABLE users ADD COLUMN deleted_at timestamptz;

      DROP TRIGGER audit_log_only_grows ON audit_log;
      CREATE TRIGGER audit_log_only_grows BEFORE DELETE OR TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
      -- An entry may lose the name of its target, and the name and address among its details; nothing else ever changes.
      CREATE FUNCTION refuse_all_but_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.target_name IS NOT NULL
              OR NEW.details::jsonb <> OLD.details::jsonb - 'email' - 'name'
              OR to_jsonb(NEW) - 'target_name' - 'details' <> to_jsonb(OLD) - 'target_name' - 'details' THEN
            RAISE EXCEPTION '% only grows: what is in it is neither changed nor removed', TG_TABLE_NAME;
          END IF;
          RETURN NEW;
        END $$;
      CREATE TRIGGER audit_log_forgets_names BEFORE UPDATE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_forgetting();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
