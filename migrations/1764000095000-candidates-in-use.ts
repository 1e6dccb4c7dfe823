import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The model that a round of a loop made is used by the loop until the round is decided. */
export class CandidatesInUse1764000095000 implements MigrationInterface {
  name = 'CandidatesInUse1764000095000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [view] = (await queryRunner.query("SELECT pg_get_viewdef('object_uses'::regclass) AS definition")) as [
      { readonly definition: string },
    ];
    await queryRunner.query(`
      CREATE OR REPLACE VIEW object_uses AS
        ${view.definition.trim().replace(/;$/, '')}
        UNION ALL
        SELECT r.model_id, 'FeedbackLoop', l.id, l.name, l.created_at, NULL
          FROM feedback_loop_rounds r JOIN feedback_loops l ON l.id = r.loop_id
         WHERE l.status <> 'ENDED' AND r.outcome IS NULL AND r.model_id IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
