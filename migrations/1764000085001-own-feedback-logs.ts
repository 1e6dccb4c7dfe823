import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who answers has a log of their own, which is read and counted without the events of others. */
export class OwnFeedbackLogs1764000085001 implements MigrationInterface {
  name = 'OwnFeedbackLogs1764000085001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE INDEX feedback_events_of_person ON feedback_events (task_id, (payload ->> 'userId'), seq)
        WHERE payload ->> 'userId' IS NOT NULL;
      CREATE INDEX feedback_events_of_all ON feedback_events (task_id, seq)
        WHERE payload ->> 'kind' IN ('itemsAdded', 'statusChanged');
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
