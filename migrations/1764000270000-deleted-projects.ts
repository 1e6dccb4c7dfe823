import type { MigrationInterface, QueryRunner } from 'typeorm';

/** API processes remember projects for a moment (ADR 0070), and hear of one that is deleted. */
export class DeletedProjects1764000270000 implements MigrationInterface {
  name = 'DeletedProjects1764000270000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TRIGGER projects_access AFTER DELETE ON projects
        FOR EACH ROW EXECUTE FUNCTION announce_access('id')`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
