import pg from 'pg';
import type { DataSource } from 'typeorm';
import { vi } from 'vitest';
import { type NamedStatement, PreparedBurst } from '../../src/database/prepared-burst.js';

/** Statements that the server sends by itself at any moment: the search for due webhook deliveries. */
const ofTheServer = /\bwebhook_deliveries\b/;

interface Api {
  readonly dataSource: DataSource;
}

interface StatementSpy {
  /** The statements that were sent so far, without those of transactions. */
  texts(): string[];
  restore(): void;
}

/**
 * Notes the statements that loaders and services send: through the data source, or past it to the driver as an object
 * (database/cancellable-query.ts).
 * @param counts whether a statement counts, asked when it is sent
 */
export function spyOnStatements({ dataSource }: Api, counts: () => boolean = () => true): StatementSpy {
  const texts: string[] = [];
  const note = (text: string): void => {
    if (counts()) texts.push(text);
  };
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  const ofDriver = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: unknown,
    ...args: unknown[]
  ) {
    const [statement] = args;
    for (const { text } of sentTogether(statement)) note(text);
    if (isSentAsObject(statement)) note(statement.text);
    return send.apply(this, args);
  } as typeof pg.Client.prototype.query);
  const query = dataSource.query.bind(dataSource);
  const ofDataSource = vi.spyOn(dataSource, 'query').mockImplementation((...statement) => {
    note(statement[0]);
    return query(...statement);
  });
  return {
    texts: () => texts,
    restore() {
      ofDriver.mockRestore();
      ofDataSource.mockRestore();
    },
  };
}

/** Lets the statements of loaders and services fail, until the mocks are restored. */
export function failStatements({ dataSource }: Api, error: Error): void {
  vi.spyOn(dataSource, 'query').mockRejectedValue(error);
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: unknown, ...args: unknown[]) {
    if (args[0] instanceof PreparedBurst) {
      const burst = args[0];
      process.nextTick(() => burst.handleError(error));
      return burst;
    }
    return isSentAsObject(args[0]) ? Promise.reject(error) : send.apply(this, args);
  } as typeof pg.Client.prototype.query);
}

/** How many SQL statements `work` sends, without the server's own. */
export async function countStatements(api: Api, work: () => Promise<unknown>): Promise<number> {
  const spy = spyOnStatements(api);
  await work();
  const statements = spy.texts().filter((sql) => !ofTheServer.test(sql));
  spy.restore();
  return statements.length;
}

/** The prepared statements that go to a connection in one piece; none: it is another statement. */
function sentTogether(statement: unknown): readonly NamedStatement[] {
  return statement instanceof PreparedBurst ? statement.statements : [];
}

function isSentAsObject(statement: unknown): statement is { readonly text: string } {
  return typeof statement === 'object' && statement !== null && 'text' in statement && !('submit' in statement);
}
