import { maxNesting } from '../../../src/preparation/json-text.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import { looksLikeConll } from './looks-like-conll.js';

/** What a file's name says of its format. */
const byName: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.(csv|txt|dat)$/i, 'CSV'],
  [/\.(tsv|tab)$/i, 'TSV'],
  [/\.(jsonl|ndjson|jsonlines|jl)$/i, 'JSONL'],
  [/\.json$/i, 'JSON'],
  [/\.(conll|conllu|conllx|iob|iob2|bio|bioes)$/i, 'CONLL'],
  [/\.(parquet|pq|parq)$/i, 'PARQUET'],
  [/\.xlsx?m?$/i, 'EXCEL'],
];

function formatByName(name: string): FileFormat | null {
  return byName.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/**
 * Detects the format of a file of text or Parquet from its beginning. What the bytes show counts more than the name:
 * people call JSON Lines `.json`, and tables `.txt`.
 *
 * @param head the beginning of the file, in UTF-8 if it is text, without byte order mark
 * @param isWholeFile whether the head is all of it
 */
export function detectFormat(head: Uint8Array, isWholeFile: boolean, name: string): FileFormat {
  if (Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PAR1') return 'PARQUET';
  const named = formatByName(name);
  const text = Buffer.from(head).toString('utf8').trimStart();
  const json = jsonOf(text, isWholeFile);
  if (json !== null) return json;
  if (named === 'CONLL' || looksLikeConll(head)) return 'CONLL';
  if (named !== 'TSV') return 'CSV';
  return hasQuotedValues(text) ? 'CSV' : 'TSV';
}

/**
 * Whether tab-separated text has values in quotes, and so is read as CSV: TSV has no quotes (IANA). A quote that begins
 * a value and does not end it is a character like any other.
 */
function hasQuotedValues(text: string): boolean {
  const begun = text.match(/(?:^|[\t\n])"/g)?.length ?? 0;
  const ended = text.match(/(?:^|(?<=[\t\n]))"(?:[^"\n]|"")*"(?=[\t\r\n]|$)/g)?.length ?? 0;
  return begun > 0 && begun === ended;
}

/** Whether a text is JSON Lines or one JSON document; null: it is neither. */
function jsonOf(text: string, isWholeFile: boolean): 'JSONL' | 'JSON' | null {
  if (text.startsWith('[')) {
    // A list in the first line of a table is as likely as a list of lists, but is followed by a comma.
    return /^\[\s*(?:[[{"\]\d-]|true|false|null)/.test(text) && !isTableRow(text) ? 'JSON' : null;
  }
  if (!/^\{\s*["}]/.test(text)) return null;
  const end = text.indexOf('\n');
  const first = (end === -1 ? text : text.slice(0, end)).trim();
  const isWholeLine = end !== -1 || isWholeFile;
  if (!isWholeLine || !isObject(first)) return 'JSON';
  const rest = text.slice(first.length).trimStart();
  // A document in one line is read as such: its only row may hold all rows.
  return rest.startsWith('{') ? 'JSONL' : rest === '' && isWholeFile ? oneObject(first) : 'JSON';
}

/** A single object is a row where its values are single, and a document where they hold rows. */
function oneObject(line: string): 'JSONL' | 'JSON' {
  const values = Object.values(JSON.parse(line) as object);
  const holdsRows = values.some((value) => Array.isArray(value) && value.some((item) => typeof item === 'object'));
  const areColumns = values.length > 0 && values.every((value) => typeof value === 'object' && value !== null);
  return holdsRows || areColumns ? 'JSON' : 'JSONL';
}

function isObject(line: string): boolean {
  // Parsing nests as deeply as the line does; its reader rejects such a row.
  if (line.length > maxNesting && /[[{]{500}/.test(line)) return line.endsWith('}');
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function isTableRow(text: string): boolean {
  const line = text.slice(0, text.indexOf('\n') === -1 ? undefined : text.indexOf('\n')).trim();
  return /^\[[^\]]*\]\s*[,;\t|]\s*[^[{\s]/.test(line) && !line.endsWith(',');
}
