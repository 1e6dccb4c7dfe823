import type pg from 'pg';
import utils from 'pg/lib/utils.js';
import { columnTypes } from './column-types.js';

/** A prepared statement with its parameters. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** How a prepared statement's rows are read: it is the same as long as the connection lasts. */
interface RowForm {
  readonly names: readonly string[];
  readonly parsers: readonly ((text: string) => unknown)[];
  /** A row without values, of which each row is a copy. */
  readonly blank: Readonly<Record<string, unknown>>;
}

/** What a connection has prepared, by name: null until the server has said what its rows are like. */
export type PreparedForms = Map<string, RowForm | null>;

type Row = Record<string, unknown>;

/** What the types of the driver leave out of a connection. */
interface Connection {
  readonly stream: { cork(): void; uncork(): void };
  readonly parsedStatements: Record<string, string>;
  parse(message: { name: string; text: string; types: readonly number[] }): void;
  bind(message: { statement: string; values: readonly (string | Buffer | null)[] }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: object): void;
  sync(): void;
}

/** Is told of each statement, and by what it returns of its end (observability/followed-client.ts). */
type OnStatement = (sql: string) => (error: unknown) => void;

/**
 * Prepared statements that go to one connection in one piece, and whose rows come back in one: as the driver's `Query`
 * for each of them, with one Sync for all, and without the description of rows that the connection knows. The server
 * carries out one after the other. When one fails, those behind it are not carried out.
 */
export class PreparedBurst implements pg.Submittable {
  /** Rows of those that have been carried out. */
  readonly rows: Row[][];
  /** Milliseconds that each of them took. */
  readonly took: number[] = [];
  /** Whether it prepares a statement. If it fails, nobody knows whether the connection has that. */
  prepares = false;
  private readonly values: readonly (string | Buffer | null)[][];
  private readonly ends: ((error: unknown) => void)[] = [];
  private onStatement: OnStatement | null = null;
  private at = 0;
  private form: RowForm | null = null;
  private failure: unknown = null;
  private isSettled = false;
  private since = 0;

  /**
   * @param forms those of the connection
   * @param settled is called once: when all have been carried out, or with an error
   * @throws TypeError for a value that can't be a parameter
   */
  constructor(
    readonly statements: readonly NamedStatement[],
    private readonly forms: PreparedForms,
    private readonly settled: (error: unknown) => void,
  ) {
    this.values = statements.map(({ values }) => values.map((value) => utils.prepareValue(value)));
    this.rows = statements.map(() => []);
  }

  follow(onStatement: OnStatement): void {
    this.onStatement = onStatement;
  }

  submit(given: pg.Connection): void {
    const connection = given as unknown as Connection;
    this.since = performance.now();
    connection.stream.cork();
    try {
      this.statements.forEach(({ name, text }, i) => {
        if (this.onStatement !== null) this.ends.push(this.onStatement(text));
        if (connection.parsedStatements[name] === undefined) {
          this.prepares = true;
          connection.parse({ name, text, types: [] });
          connection.parsedStatements[name] = text;
        }
        connection.bind({ statement: name, values: this.values[i]! });
        if (!this.forms.has(name)) connection.describe({ type: 'P', name: '' });
        connection.execute({});
      });
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
    this.begin();
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    const names = fields.map(({ name }) => name);
    this.form = {
      names,
      parsers: fields.map(({ dataTypeID }) => columnTypes.getTypeParser(dataTypeID, 'text')),
      blank: Object.fromEntries(names.map((name) => [name, null])),
    };
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const { form } = this;
    if (form === null || this.failure !== null) return;
    const { names, parsers, blank } = form;
    const row: Row = { ...blank };
    try {
      for (let i = 0; i < fields.length; i += 1) {
        const value = fields[i]!;
        if (value !== null) row[names[i]!] = parsers[i]!(value);
      }
    } catch (error) {
      this.failure = error;
    }
    this.rows[this.at]!.push(row);
  }

  handleCommandComplete(): void {
    this.forms.set(this.statements[this.at]!.name, this.form);
    this.ends[this.at]?.(null);
    const now = performance.now();
    this.took.push(now - this.since);
    this.since = now;
    this.at += 1;
    this.begin();
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handleReadyForQuery(): void {
    this.settle(this.failure);
  }

  handleError(error: unknown): void {
    this.settle(error);
  }

  /** No statement of a burst has pages of rows, or copies. */
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}

  /** Takes up the rows of the next statement. */
  private begin(): void {
    const next = this.statements[this.at];
    this.form = next === undefined ? null : (this.forms.get(next.name) ?? null);
  }

  private settle(error: unknown): void {
    if (this.isSettled) return;
    this.isSettled = true;
    for (const end of this.ends.slice(this.at)) end(error);
    this.settled(error);
  }
}
