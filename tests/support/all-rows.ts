import type pg from 'pg';

/** The rows of all tables as JSON, sorted; without columns that say when a row was written. */
export async function readRows(client: pg.ClientBase): Promise<Record<string, string[]>> {
  const tables = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migrations' ORDER BY 1`,
  );
  const all: Record<string, string[]> = {};
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ line: string }>(
      `SELECT (to_jsonb(t) - ARRAY(SELECT key FROM jsonb_object_keys(to_jsonb(t)) AS key
                                    WHERE key = 'at' OR right(key, 3) = '_at'))::text AS line FROM ${name} t ORDER BY 1`,
    );
    all[name] = rows.map(({ line }) => line);
  }
  return all;
}
