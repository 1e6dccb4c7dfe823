import pg from 'pg';

/** Called when a statement begins; returns what is called when it has ended. */
export type OnStatement = (sql: string) => (error: unknown) => void;

const verbs: ReadonlySet<string> = new Set([
  ...['select', 'insert', 'update', 'delete', 'with', 'begin', 'start', 'commit', 'rollback', 'listen', 'copy'],
]);

/** The verb that a statement begins with, as a label; `other` for rare ones. */
export function verbOf(sql: string): string {
  const verb = /^[\s(]*(\w+)/.exec(sql)?.[1]?.toLowerCase() ?? '';
  return verbs.has(verb) ? verb : 'other';
}

/**
 * A class of connections that calls `onStatement` for each statement, whoever sends it and however: with a promise or a
 * callback. A cursor or stream that answers in pieces is passed through. It is given to a pool as `Client`.
 */
export function followedClient(onStatement: OnStatement): typeof pg.Client {
  return class FollowedClient extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: pg’s method has a signature for each of its forms.
    override query(...args: any[]): any {
      const query = super.query as (...args: unknown[]) => unknown;
      if (tellsItself(args[0])) args[0].follow(onStatement);
      const sql = textOf(args[0]);
      if (sql === null) return query.apply(this, args);
      const ended = onStatement(sql);
      const last = args.length - 1;
      const callback: unknown = args[last];
      if (typeof callback === 'function') {
        return query.call(this, ...args.slice(0, last), (error: unknown, ...results: unknown[]) => {
          ended(error);
          callback(error, ...results);
        });
      }
      const result = query.apply(this, args);
      if (result instanceof Promise) result.then(() => ended(null), ended);
      return result;
    }
  };
}

/** Several statements in one piece (database/prepared-burst.ts). */
function tellsItself(statement: unknown): statement is { follow(onStatement: OnStatement): void } {
  return typeof statement === 'object' && statement !== null && 'follow' in statement;
}

/** The text of a statement; null for an object that pg is to submit itself. */
function textOf(statement: unknown): string | null {
  if (typeof statement === 'string') return statement;
  if (typeof statement !== 'object' || statement === null || 'submit' in statement) return null;
  return 'text' in statement && typeof statement.text === 'string' ? statement.text : null;
}
