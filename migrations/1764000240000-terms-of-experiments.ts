import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline } from './online.js';

/** An index of what experiments of a project can be found by: parts of words, tags and labels (ADR 0064). */
export class TermsOfExperiments1764000240000 implements MigrationInterface {
  name = 'TermsOfExperiments1764000240000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Numbers that stand for what is searched within a scope: each two and each three characters of the texts that
      -- follow one another, but for those with white space, which no word has; tags and labels as a whole. Different
      -- terms may have the same number, so that what is found has to be looked at.
      CREATE OR REPLACE FUNCTION search_terms(scope uuid, texts text[], tags text[], labels text[]) RETURNS int[]
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN (
          SELECT coalesce(array_agg(DISTINCT hashtext(scope::text || kind || term)), '{}')
            FROM (SELECT 'text' AS kind, unnest(ARRAY[a || b, a || b || c]) AS term
                    FROM (SELECT a, lead(a, 1) OVER place AS b, lead(a, 2) OVER place AS c
                            FROM unnest(texts) WITH ORDINALITY AS words (word, text_nr),
                                 unnest(string_to_array(lower(word), NULL)) WITH ORDINALITY AS characters (a, nr)
                          WINDOW place AS (PARTITION BY text_nr ORDER BY nr)) AS following
                  UNION ALL SELECT 'tag', unnest(tags)
                  UNION ALL SELECT 'label', unnest(labels)) AS terms
           WHERE term IS NOT NULL AND (kind <> 'text' OR term !~ '[ \\t\\n\\r]'));
    `);
    await createIndexOnline(
      queryRunner,
      'experiments_by_term',
      'ON experiments USING gin (search_terms(project_id, ARRAY[name, notes], tags, labels)) WITH (fastupdate = off)',
    );
    await queryRunner.query('ANALYZE experiments');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
