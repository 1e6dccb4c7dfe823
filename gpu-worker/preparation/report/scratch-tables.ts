import { randomUUID } from 'node:crypto';
import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { DuckDb } from '../../../src/storage/duckdb.js';

/** Tables that one computation fills and reads, and that go with it. */
export interface ScratchTables {
  /** Fills a new table with what a query gives, and returns its name as SQL. */
  create(purpose: string, query: string): Promise<string>;
  /** Gives the memory of a table back before the others. @param table its name as SQL */
  drop(table: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** They are no temporary tables: those belong to one connection, and statements take any of several. */
export function openScratchTables(database: DuckDb): ScratchTables {
  const tables: string[] = [];
  return {
    async create(purpose, query) {
      const table = identifier(`${purpose} ${randomUUID()}`);
      tables.push(table);
      await database.query(`CREATE TABLE ${table} AS ${query}`);
      return table;
    },
    async drop(table) {
      await database.query(`DROP TABLE ${table}`);
    },
    async [Symbol.asyncDispose]() {
      for (const table of tables) await database.query(`DROP TABLE IF EXISTS ${table}`);
    },
  };
}
