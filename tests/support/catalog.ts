import type pg from 'pg';

/** What PostgreSQL's catalogs say of the schema `public`, sorted: equal of two databases if their schemas are equal. */
export async function readCatalog(client: pg.ClientBase): Promise<Record<string, string[]>> {
  const catalog: Record<string, string[]> = {};
  for (const [kind, sql] of Object.entries(questions)) {
    const { rows } = await client.query<{ line: string }>(`${sql} ORDER BY 1`);
    catalog[kind] = rows.map(({ line }) => line);
  }
  return catalog;
}

const inPublic = `= 'public'::regnamespace`;

/** Columns are told in their order, without the gaps that removed ones leave. */
const questions = {
  tables: `SELECT concat_ws(' ', c.relkind, c.relname, c.relpersistence, c.reloptions) AS line
             FROM pg_class c WHERE c.relnamespace ${inPublic} AND c.relkind IN ('r', 'v', 'S')`,
  columns: `SELECT concat_ws(' ', c.relname, lpad(row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum)::text, 3, '0'),
                     a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                     'generated ' || nullif(a.attgenerated::text, ''), 'identity ' || nullif(a.attidentity::text, ''),
                     pg_get_expr(d.adbin, d.adrelid)) AS line
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                   LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
             WHERE c.relnamespace ${inPublic} AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped`,
  constraints: `SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid),
                         CASE WHEN NOT convalidated THEN 'not validated' END) AS line
                  FROM pg_constraint WHERE connamespace ${inPublic}`,
  indexes: `SELECT concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'invalid' END) AS line
              FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace ${inPublic}`,
  triggers: `SELECT concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled) AS line
               FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace ${inPublic} AND NOT t.tgisinternal`,
  functions: `SELECT pg_get_functiondef(oid) AS line FROM pg_proc WHERE pronamespace ${inPublic}`,
  views: `SELECT concat_ws(' ', c.relname, pg_get_viewdef(c.oid)) AS line
            FROM pg_class c WHERE c.relnamespace ${inPublic} AND c.relkind = 'v'`,
};
