import type pg from 'pg';
import { DatabaseError } from './errors.js';

/** From this version on PostgreSQL brings a UTF-8 locale of its own; before it takes those of the operating system. */
const firstVersionWithBuiltinLocales = 170_000;

/**
 * Checks that a database holds texts of every language, and finds names in them whatever their case. Both are chosen
 * when a database is made and can't be changed later. Which letters belong together is asked for, not read from the
 * name of a locale, because these names differ between systems.
 *
 * @throws DatabaseError UNSUITABLE
 */
export async function requireSuitableText(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; encoding: string; version: number }>(
    `SELECT current_database() AS name, current_setting('server_encoding') AS encoding,
            current_setting('server_version_num')::int AS version`,
  );
  const { name, encoding, version } = rows[0]!;
  if (encoding !== 'UTF8') {
    throw unsuitable(
      `The database "${name}" has the encoding ${encoding}, which can't hold texts of every language: it must be UTF8.`,
      version,
    );
  }
  // Ä, Ж and Γ: code points have no collation of their own, so that the database's is asked.
  const letters = await client.query<{ known: boolean }>(
    'SELECT lower(chr(196) || chr(1046) || chr(915)) = chr(228) || chr(1078) || chr(947) AS known',
  );
  if (letters.rows[0]?.known !== true) {
    throw unsuitable(
      `The character type (LC_CTYPE) of the database "${name}" knows no letters beyond ASCII: to every search "Ä" and ` +
        '"ä" would be different letters.',
      version,
    );
  }
}

function unsuitable(what: string, version: number): DatabaseError {
  const locale =
    version >= firstVersionWithBuiltinLocales
      ? "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
      : "LOCALE 'C.UTF-8'";
  return new DatabaseError(
    'UNSUITABLE',
    `${what} Nothing was written.`,
    `Make another one, "CREATE DATABASE attune ENCODING 'UTF8' ${locale} TEMPLATE template0", and name it in DATABASE_URL.`,
  );
}
