import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rows that items of a feedback task are made of stay until they are made, whatever is deleted meanwhile. */
export class FilesOfItemSources1764000085003 implements MigrationInterface {
  name = 'FilesOfItemSources1764000085003';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- What the view is before stays, whichever slice wrote it.
      DO $do$
        BEGIN
          EXECUTE 'CREATE OR REPLACE VIEW artifact_references AS '
            || rtrim(rtrim(pg_get_viewdef('artifact_references'::regclass)), ';')
            || $view$
              UNION ALL
              SELECT t.project_id, t.id, file.digest
                FROM feedback_item_sources s JOIN feedback_tasks t ON t.id = s.task_id,
                     LATERAL (SELECT s.request ->> 'dataDigest' UNION SELECT s.request #>> '{from,modelDigest}'
                              UNION SELECT variant ->> 'modelDigest'
                                      FROM jsonb_array_elements(s.request #> '{from,variants}') AS variant) AS file(digest)
               WHERE s.status IN ('QUEUED', 'RUNNING') AND file.digest IS NOT NULL
            $view$;
        END $do$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
