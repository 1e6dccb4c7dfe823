import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose answers became rows of a dataset version. */
export class PeopleOfFeedbackVersions1764000140000 implements MigrationInterface {
  name = 'PeopleOfFeedbackVersions1764000140000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- How many people the answers are of; null: the version is older than this column.
      ALTER TABLE dataset_version_feedback ADD COLUMN people_count int;

      CREATE TABLE dataset_version_people (
        dataset_version_id uuid NOT NULL,
        position int NOT NULL,
        place int NOT NULL,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        -- Those of the person that counted and were read.
        answer_count bigint NOT NULL,
        PRIMARY KEY (dataset_version_id, position, place, user_id),
        FOREIGN KEY (dataset_version_id, position, place) REFERENCES dataset_version_feedback ON DELETE CASCADE
      );
      CREATE INDEX dataset_version_people_by_user ON dataset_version_people (user_id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
