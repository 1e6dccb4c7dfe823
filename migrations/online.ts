import type { QueryRunner } from 'typeorm';

/**
 * Ways to change large tables while others read and write them. A migration that uses them has `transaction = false`:
 * what it did stays when it is interrupted, so each of its statements can be repeated.
 */

/**
 * Builds an index beside reads and writes. What an interrupted build left is removed first.
 * @param definition what follows the name in CREATE INDEX, e.g. `ON runs (status)`
 */
export async function createIndexOnline(queryRunner: QueryRunner, name: string, definition: string): Promise<void> {
  const [found] = await queryRunner.query(
    'SELECT i.indisvalid AS valid FROM pg_index i WHERE i.indexrelid = to_regclass($1)',
    [name],
  );
  if (found?.valid === true) return;
  // It waits for transactions that began earlier, and keeps nobody waiting meanwhile.
  await withoutLockTimeout(queryRunner, async () => {
    if (found !== undefined) await queryRunner.query(`DROP INDEX CONCURRENTLY ${name}`);
    await queryRunner.query(`CREATE INDEX CONCURRENTLY ${name} ${definition}`);
  });
}

/** Drops an index beside reads and writes. */
export async function dropIndexOnline(queryRunner: QueryRunner, name: string): Promise<void> {
  await withoutLockTimeout(queryRunner, () => queryRunner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`));
}

/**
 * Changes the rows of a table in batches that commit each for itself, page after page as they lie on the disk. Rows
 * that come meanwhile have to be right already, by a trigger or a default; rows that others move meanwhile, to pages
 * behind those that there were, are changed at the end.
 * @param update an UPDATE with a condition that a changed row no longer meets, so that `AND …` can follow
 * @param row the table's name in it
 */
export async function updateInBatches(
  queryRunner: QueryRunner,
  { table, row, update, pages }: { table: string; row: string; update: string; pages: number },
): Promise<void> {
  const [{ count }] = await queryRunner.query(
    `SELECT (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int AS count`,
    [table],
  );
  for (let from = 0; from < count; from += pages) {
    const within = `${row}.ctid >= '(${from},0)'::tid AND ${row}.ctid < '(${from + pages},0)'::tid`;
    await queryRunner.query(`${update} AND ${within}`);
  }
  await queryRunner.query(update);
}

/**
 * Forbids null in a column whose rows all have a value, without a scan that keeps writers out: the check is validated
 * beside them, and then spares SET NOT NULL the scan.
 */
export async function setNotNullOnline(queryRunner: QueryRunner, table: string, column: string): Promise<void> {
  const check = `${table}_${column}_is_set`;
  await queryRunner.query(`ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${check}`);
  await queryRunner.query(`ALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${column} IS NOT NULL) NOT VALID`);
  await queryRunner.query(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${check}`);
  await queryRunner.query(`ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL, DROP CONSTRAINT ${check}`);
}

async function withoutLockTimeout(queryRunner: QueryRunner, work: () => Promise<unknown>): Promise<void> {
  const [{ lock_timeout: former }] = await queryRunner.query('SHOW lock_timeout');
  await queryRunner.query('SET lock_timeout = 0');
  try {
    await work();
  } finally {
    await queryRunner.query(`SET lock_timeout = '${former}'`);
  }
}
