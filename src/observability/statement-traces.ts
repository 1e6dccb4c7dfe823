import type { OnStatement } from './followed-client.js';
import { verbOf } from './followed-client.js';
import type { TracedRequest } from './tracing.js';

const maxSummaries = 1_000;
const maxTables = 3;
const nothing = (): void => undefined;

/**
 * A span for each statement of a request that is traced: what it does with which tables, never its text or values.
 * @param current the request that the running code works for
 */
export function statementTraces(current: () => TracedRequest | null): OnStatement {
  const summaries = new Map<string, string>();
  return (sql) => {
    const traced = current();
    if (traced?.current?.isRecorded !== true) return nothing;
    let summary = summaries.get(sql);
    if (summary === undefined) {
      summary = summaryOf(sql);
      if (summaries.size < maxSummaries) summaries.set(sql, summary);
    }
    const span = traced.beginStatement(summary, {
      'db.system.name': 'postgresql',
      'db.operation.name': verbOf(sql),
      'db.query.summary': summary,
    });
    if (span === null) return nothing;
    return (error) => {
      if (error != null) span.fail(sqlStateOf(error));
      span.end();
    };
  };
}

/** A table that is written, or read: what is read with arguments is a function. */
const named = /\b(?:INTO|UPDATE)\s+"?([a-z_]\w*)|\b(?:FROM|JOIN)\s+"?([a-z_]\w*)\b(?!\s*\()/g;

/** The verb of a statement and the first tables that it names: `SELECT experiments runs`. */
export function summaryOf(sql: string): string {
  const verb = verbOf(sql).toUpperCase();
  // What a WITH names stands before `AS (`, and is no table.
  const made = new Set([...sql.matchAll(/(\w+)\s+AS\s+(?:(?:NOT\s+)?MATERIALIZED\s+)?\(/gi)].map(([, name]) => name));
  const tables = new Set<string>();
  for (const [, written, read] of sql.replace(/'[^']*'/g, "''").matchAll(named)) {
    const table = written ?? read!;
    if (!made.has(table) && tables.size < maxTables) tables.add(table);
  }
  return [verb, ...tables].join(' ');
}

function sqlStateOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : 'connection';
}

/** All of these are told of each statement. */
export function onStatements(all: readonly OnStatement[]): OnStatement {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  return (sql) => {
    const ended = all.map((each) => each(sql));
    return (error) => {
      for (const each of ended) each(error);
    };
  };
}
