import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What reward models say of pairs of answers. The models stay until items are made, whatever is deleted meanwhile. */
export class RewardsOfItems1764000130000 implements MigrationInterface {
  name = 'RewardsOfItems1764000130000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- ItemRewards; null: no reward model ranked the item.
      ALTER TABLE feedback_items ADD COLUMN rewards jsonb;

      -- What the view is before stays, whichever slice wrote it.
      DO $do$
        BEGIN
          EXECUTE 'CREATE OR REPLACE VIEW artifact_references AS '
            || rtrim(rtrim(pg_get_viewdef('artifact_references'::regclass)), ';')
            || $view$
              UNION ALL
              SELECT t.project_id, t.id, model ->> 'modelDigest'
                FROM feedback_item_sources s JOIN feedback_tasks t ON t.id = s.task_id,
                     LATERAL jsonb_array_elements(s.request #> '{ranking,models}') AS model
               WHERE s.status IN ('QUEUED', 'RUNNING')
            $view$;
        END $do$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
