import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Other models than a loop's own may write or judge in it: they are used until it ends. */
export class ModelsOfLoops1764000084001 implements MigrationInterface {
  name = 'ModelsOfLoops1764000084001';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [view] = (await queryRunner.query("SELECT pg_get_viewdef('object_uses'::regclass) AS definition")) as [
      { readonly definition: string },
    ];
    await queryRunner.query(`
      ALTER TABLE feedback_loops ADD COLUMN model_ids uuid[] NOT NULL DEFAULT '{}';

      -- A loop uses what it reads until it ends.
      CREATE OR REPLACE VIEW object_uses AS
        ${view.definition.trim().replace(/;$/, '')}
        UNION ALL
        SELECT DISTINCT used.id, 'FeedbackLoop', l.id, l.name, l.created_at, NULL::uuid
          FROM feedback_loops l,
               unnest(l.version_ids || l.model_ids || ARRAY[l.base_model_id, l.start_model_id, l.current_model_id]) AS used(id)
         WHERE l.status <> 'ENDED' AND used.id IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
