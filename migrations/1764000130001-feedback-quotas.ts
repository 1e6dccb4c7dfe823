import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Quotas of feedback, and how much of it applications have recorded, so that no call counts all records. */
export class FeedbackQuotas1764000130001 implements MigrationInterface {
  name = 'FeedbackQuotas1764000130001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- No record comes or goes between the count and the triggers. Before projects, as whoever records locks them.
      LOCK TABLE recorded_feedback IN SHARE ROW EXCLUSIVE MODE;

      -- Null: no limit.
      ALTER TABLE projects
        ADD COLUMN max_feedback_tasks int,
        ADD COLUMN max_feedback_items bigint,
        ADD COLUMN max_recorded_feedback bigint;

      -- The sum over the shards of a project is how many records it has. Calls at once write to different shards.
      CREATE TABLE recorded_feedback_counts (
        project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
        shard int NOT NULL,
        count bigint NOT NULL,
        PRIMARY KEY (project_id, shard)
      );

      CREATE FUNCTION count_recorded_feedback() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO recorded_feedback_counts AS counted (project_id, shard, count)
          SELECT project_id, pg_backend_pid() % 16, count(*) * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
            FROM changed GROUP BY project_id ORDER BY project_id
          ON CONFLICT (project_id, shard) DO UPDATE SET count = counted.count + excluded.count;
          RETURN NULL;
        END $$;
      CREATE TRIGGER recorded_feedback_added AFTER INSERT ON recorded_feedback
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_recorded_feedback();
      CREATE TRIGGER recorded_feedback_removed AFTER DELETE ON recorded_feedback
        REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_recorded_feedback();

      INSERT INTO recorded_feedback_counts SELECT project_id, 0, count(*) FROM recorded_feedback GROUP BY 1;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
