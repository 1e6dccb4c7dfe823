import type { QueryRunner } from 'typeorm';

/**
 * Ways to change large tables while others read and write them. A migration that uses them has `transaction = false`:
 * what it did stays when it is interrupted, so each of its statements can be repeated.
 */

/**
 * Builds an index beside reads and writes. What an interrupted build left is removed first.
 * @param definition what follows the name in CREATE INDEX, e.g. `ON runs (status)`
 */
export async function createIndexOnline(
  queryRunner: QueryRunner,
  name: string,
  definition: string,
  kind: 'UNIQUE' | '' = '',
): Promise<void> {
  const [found] = await queryRunner.query(
    'SELECT i.indisvalid AS valid FROM pg_index i WHERE i.indexrelid = to_regclass($1)',
    [name],
  );
  if (found?.valid === true) return;
  // It waits for transactions that began earlier, and keeps nobody waiting meanwhile.
  await withoutLockTimeout(queryRunner, async () => {
    if (found !== undefined) await queryRunner.query(`DROP INDEX CONCURRENTLY ${name}`);
    await queryRunner.query(`CREATE ${kind} INDEX CONCURRENTLY ${name} ${definition}`);
  });
}

/** Drops an index beside reads and writes. */
export async function dropIndexOnline(queryRunner: QueryRunner, name: string): Promise<void> {
  await withoutLockTimeout(queryRunner, () => queryRunner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`));
}

/**
 * Gives an index another definition beside reads and writes: the new one is built under another name first, so that
 * reads have one of both all the time.
 */
export async function replaceIndexOnline(queryRunner: QueryRunner, name: string, definition: string): Promise<void> {
  await createIndexOnline(queryRunner, `${name}_anew`, definition);
  await dropIndexOnline(queryRunner, name);
  await queryRunner.query(`ALTER INDEX ${name}_anew RENAME TO ${name}`);
}

/**
 * Carries out a statement for the pages of a table, some at a time as they lie on the disk, each time committed for
 * itself; also for pages that come meanwhile.
 * @param row the table's name in the statement
 * @param statement for the condition that the rows of some pages meet
 */
export async function inBatches(
  queryRunner: QueryRunner,
  options: { table: string; row: string; pages: number; statement: (within: string) => string },
): Promise<void> {
  const { table, row, pages, statement } = options;
  for (let from = 0; from < (await pagesOf(queryRunner, table)); from += pages) {
    await queryRunner.query(
      statement(`${row}.ctid >= '(${from},0)'::tid AND ${row}.ctid < '(${from + pages},0)'::tid`),
    );
  }
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
  const count = await pagesOf(queryRunner, table);
  for (let from = 0; from < count; from += pages) {
    const within = `${row}.ctid >= '(${from},0)'::tid AND ${row}.ctid < '(${from + pages},0)'::tid`;
    await queryRunner.query(`${update} AND ${within}`);
  }
  await queryRunner.query(update);
}

async function pagesOf(queryRunner: QueryRunner, table: string): Promise<number> {
  const [{ count }] = await queryRunner.query(
    `SELECT (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int AS count`,
    [table],
  );
  return count;
}

/**
 * Forbids null in a column whose rows all have a value, without a scan that keeps writers out: the check is validated
 * beside them, and then spares SET NOT NULL the scan.
 */
export async function setNotNullOnline(queryRunner: QueryRunner, table: string, column: string): Promise<void> {
  const check = `${table}_${column}_is_set`;
  await alter(
    queryRunner,
    table,
    `DROP CONSTRAINT IF EXISTS ${check}, ADD CONSTRAINT ${check} CHECK (${column} IS NOT NULL) NOT VALID`,
  );
  await queryRunner.query(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${check}`);
  await alter(queryRunner, table, `ALTER COLUMN ${column} SET NOT NULL, DROP CONSTRAINT ${check}`);
}

/** Checks a column beside reads and writes, in place of a former check of the same name. */
export async function setCheckOnline(
  queryRunner: QueryRunner,
  { table, column, condition }: { table: string; column: string; condition: string },
): Promise<void> {
  const check = `${table}_${column}_check`;
  await alter(
    queryRunner,
    table,
    `DROP CONSTRAINT IF EXISTS ${check}, ADD CONSTRAINT ${check} CHECK (${condition}) NOT VALID`,
  );
  await queryRunner.query(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${check}`);
}

/** Forbids two rows to have the same value of a column, beside reads and writes. */
export async function addUniqueOnline(queryRunner: QueryRunner, table: string, column: string): Promise<void> {
  const unique = `${table}_${column}_key`;
  const found = await queryRunner.query('SELECT FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2', [
    table,
    unique,
  ]);
  if (found.length > 0) return;
  await createIndexOnline(queryRunner, unique, `ON ${table} (${column})`, 'UNIQUE');
  await alter(queryRunner, table, `ADD CONSTRAINT ${unique} UNIQUE USING INDEX ${unique}`);
}

/**
 * Carries out statements that commit together, unless it was done before.
 * @param made a table (`runs`) or a column (`runs.status`) that they make, and nothing else does
 */
export async function queryOnce(queryRunner: QueryRunner, made: string, statements: string): Promise<void> {
  const [table, column] = made.split('.');
  const found = await queryRunner.query(
    `SELECT FROM pg_class c WHERE c.oid = to_regclass($1)
        AND ($2::text IS NULL
             OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped))`,
    [table, column ?? null],
  );
  if (found.length === 0) await queryRunner.query(statements);
}

/**
 * Changes a table's definition. Whoever comes after ALTER TABLE waits with it for all who use the table, and autovacuum
 * uses it for minutes, after rows were changed in batches most of all. It gives way to a lock that keeps out nothing
 * but another of its kind, for which nobody waits: that lock is taken first.
 */
async function alter(queryRunner: QueryRunner, table: string, change: string): Promise<void> {
  const [{ lock_timeout: former }] = await queryRunner.query('SHOW lock_timeout');
  await queryRunner.query(`
    SET LOCAL lock_timeout = 0;
    LOCK TABLE ${table} IN SHARE UPDATE EXCLUSIVE MODE;
    SET LOCAL lock_timeout = '${former}';
    ALTER TABLE ${table} ${change}`);
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
