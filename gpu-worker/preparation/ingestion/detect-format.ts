import { maxNesting } from '../../../src/preparation/json-text.js';
import { type InputProblem, problem } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import { chunksOf } from './file-passes.js';
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

/** Endings that text of any kind has. */
const ofAnyText = /\.(txt|dat)$/i;

/** What is told of a format that was found; null: the file's name says it, too. */
export function formatNotice(format: FileFormat, name: string): FileNotice | null {
  const named = ofAnyText.test(name) ? null : formatByName(name);
  if (named === format) return null;
  const instead = named === null ? '' : `, not as the ${named} that its name promises`;
  const message = `The file was read as ${format}${instead}: so its beginning looks. \`fileOptions: { format: … }\` names another format.`;
  return { code: 'FORMAT_FOUND', message };
}

/**
 * The problem of a text whose name is that of a workbook or of Parquet, and which does not look like a table either: it
 * is one line, or a document of tags. Null: there is none.
 * @param text the beginning of the file, in UTF-8 and without byte order mark
 */
export function checkNamedBinary(
  text: Uint8Array,
  isWholeFile: boolean,
  name: string,
  path: readonly string[],
): InputProblem | null {
  const named = formatByName(name);
  if (named !== 'EXCEL' && named !== 'PARQUET') return null;
  const beginning = Buffer.from(text).toString('utf8').trim();
  const isOneLine = isWholeFile && !/[\r\n]/.test(beginning);
  if (!isOneLine && !beginning.startsWith('<')) return null;
  const what = named === 'EXCEL' ? 'no Excel workbook (.xlsx)' : 'no Parquet file';
  const found = isOneLine ? 'a single line of text' : 'a text of tags, such as XML or HTML';
  const message = `The file is named like one, and is ${what}: it is ${found}.`;
  const hint =
    named === 'EXCEL'
      ? 'Save the table as .xlsx in the program that wrote it, or upload CSV.'
      : 'Upload the Parquet file itself: was a download refused, or does Git keep only a pointer to it?';
  return problem(path, 'WRONG_FORMAT', message, hint);
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
  if (json === 'LONG_LINE') return named === 'JSONL' ? 'JSONL' : 'JSON';
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

/**
 * The format of a file, as `detectFormat` finds it, and beyond its beginning where that does not suffice: an object
 * whose line does not end there is a row if its line ends later and another object follows, and else a document.
 * @throws StorageError
 */
export async function detectFormatOf(
  path: string,
  head: Uint8Array,
  isWholeFile: boolean,
  name: string,
): Promise<FileFormat> {
  const format = detectFormat(head, isWholeFile, name);
  const isOpen =
    format === 'JSON' && jsonOf(Buffer.from(head).toString('utf8').trimStart(), isWholeFile) === 'LONG_LINE';
  return isOpen && (await hasObjectLines(path)) ? 'JSONL' : format;
}

/**
 * Whether a text is JSON Lines or one JSON document; LONG_LINE: it begins with an object whose line goes on; null: it
 * is neither.
 */
function jsonOf(text: string, isWholeFile: boolean): 'JSONL' | 'JSON' | 'LONG_LINE' | null {
  if (text.startsWith('[')) {
    // A list in the first line of a table is as likely as a list of lists, but is followed by a comma.
    return /^\[\s*(?:[[{"\]\d-]|true|false|null)/.test(text) && !isTableRow(text) ? 'JSON' : null;
  }
  if (!/^\{\s*["}]/.test(text)) return null;
  const end = text.indexOf('\n');
  const first = (end === -1 ? text : text.slice(0, end)).trim();
  if (end === -1 && !isWholeFile) return 'LONG_LINE';
  if (!isObject(first)) return 'JSON';
  const rest = text.slice(first.length).trimStart();
  // A document in one line is read as such: its only row may hold all rows.
  return rest.startsWith('{') ? 'JSONL' : rest === '' && isWholeFile ? oneObject(first) : 'JSON';
}

const [lineFeed, openingBrace, closingBrace] = [0x0a, 0x7b, 0x7d];
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/**
 * Whether the first line of a file ends with the end of an object, and the next text begins another. Lines longer than
 * any row may be are looked at as well, so that they are told as such.
 */
async function hasObjectLines(path: string): Promise<boolean> {
  let [last, isFirstLine] = [0, true];
  for await (const chunk of chunksOf(path)) {
    const end = isFirstLine ? chunk.indexOf(lineFeed) : 0;
    const line = isFirstLine ? chunk.subarray(0, end === -1 ? chunk.length : end) : chunk.subarray(0, 0);
    last = line.findLast((byte) => !isSpace(byte)) ?? last;
    if (end === -1) continue;
    isFirstLine = false;
    if (last !== closingBrace) return false;
    const next = chunk.subarray(end).find((byte) => !isSpace(byte));
    if (next !== undefined) return next === openingBrace;
  }
  return false;
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
