import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';
import { StorageError } from '../../../src/storage/storage-error.js';
import { RunStopped } from '../../run-stopped.js';

/** Of DuckDB's errors, which have no codes: what the file has that can not be read, and what helps. */
const causes: readonly (readonly [
  message: RegExp,
  cause: (match: RegExpExecArray) => { readonly what: string; readonly hint: string },
])[] = [
  [
    /Unsupported compression codec "([^"]*)"/,
    ([, codec]) => ({
      what: `is compressed with ${codec}, which can not be read${codec === 'LZ4' ? ': it is the framing of Hadoop, not LZ4_RAW' : ''}`,
      hint: 'Write the file with another compression: zstd, snappy, gzip, brotli, LZ4_RAW, or none.',
    }),
  ],
  [
    /(\w[\w ]*?) encoding is only supported for ([\w/ ]+?)(?: data)?$/i,
    ([, encoding, types]) => ({
      what: `has the encoding ${encoding}, which can be read of ${types} alone`,
      hint: 'Write the file with the encoding PLAIN or with dictionaries, which are the usual ones.',
    }),
  ],
  [
    /Unsupported page encoding|Unsupported encoding|unsupported byte width/i,
    () => ({
      what: 'has an encoding that can not be read',
      hint: 'Write the file with the encoding PLAIN or with dictionaries, which are the usual ones.',
    }),
  ],
  [
    /value "(.*)" is not valid UTF8/s,
    ([, value]) => ({
      what: `holds a text that is not UTF-8: “${excerptOf(value ?? '')}”`,
      hint: 'Write its texts in UTF-8, or leave the column out.',
    }),
  ],
  [
    /Invalid JSON found in Parquet file/,
    () => ({
      what: 'is declared to hold JSON, but a value is none',
      hint: 'Write valid JSON, or declare the column as one of strings.',
    }),
  ],
  [
    /MAP_KEY_VALUE requires two children/,
    () => ({
      what: 'has a map whose entries lack their keys or their values',
      hint: 'Write it as a list, or leave the column out.',
    }),
  ],
  [
    /Out of Memory Error/,
    () => ({
      what: 'needs more memory to be read than the server gives to one file',
      hint: 'Write the file with smaller row groups, or leave out what has very long values.',
    }),
  ],
  [
    /Conversion Error: (.*)/,
    ([, reason]) => ({
      what: `holds a value that can not be stored: ${excerptOf(reason ?? '')}`,
      hint: 'Correct the value, or write the column as one of strings.',
    }),
  ],
];

const excerptCharacters = 100;

function excerptOf(text: string): string {
  return Array.from(text.replaceAll('\0', '␀')).slice(0, excerptCharacters).join('');
}

/**
 * Why a Parquet file, whose schema was read, can not be read: named by the column where one or several alone can not
 * be. Reads the columns one by one, until it is known.
 */
export async function explainUnreadable(
  database: DuckDb,
  path: string,
  columns: readonly string[],
  error: unknown,
  problemPath: readonly string[],
): Promise<unknown> {
  if (!isDuckDbError(error)) return error;
  for (const name of columns) {
    const failure = await failureOf(database, path, name);
    if (failure === null) continue;
    if (!isDuckDbError(failure)) return failure;
    const cause = causeOf(failure);
    if (cause === null) break;
    return new ProblemsError([problem(problemPath, 'INVALID_FILE', `The column “${name}” ${cause.what}.`, cause.hint)]);
  }
  return unreadable(error, problemPath);
}

/** The problem of a Parquet file that can not be read at all; errors of the storage are returned unchanged. */
export function unreadable(error: unknown, problemPath: readonly string[]): unknown {
  if (!isDuckDbError(error)) return error;
  const cause = causeOf(error);
  const message = cause === null ? 'The file is not readable as Parquet.' : `The file ${cause.what}.`;
  const hint = cause === null ? 'It may have been damaged: upload it again.' : cause.hint;
  return new ProblemsError([problem(problemPath, 'INVALID_FILE', message, hint)]);
}

function causeOf(error: Error): { readonly what: string; readonly hint: string } | null {
  for (const [message, cause] of causes) {
    const match = message.exec(error.message);
    if (match !== null) return cause(match);
  }
  return null;
}

async function failureOf(database: DuckDb, path: string, name: string): Promise<unknown> {
  try {
    // A hash needs every value, at any depth.
    await database.query(`SELECT max(hash(${identifier(name)})) FROM read_parquet(${literal(path)})`);
    return null;
  } catch (error) {
    return error;
  }
}

function isDuckDbError(error: unknown): error is Error {
  const isOther = error instanceof ProblemsError || error instanceof StorageError || error instanceof RunStopped;
  return error instanceof Error && !isOther;
}
