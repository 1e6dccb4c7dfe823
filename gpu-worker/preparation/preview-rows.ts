import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { containerOf, readByteOrderMark, utf16Of, withoutByteOrderMark } from '../../src/preparation/file-signature.js';
import type { UploadFormat } from '../../src/protocol/datasets/split-request.js';
import type { PreparationPreview, PreviewJob } from '../../src/protocol/preparation/preview.js';
import { maxExamples, maxExcerptLength } from '../../src/protocol/preparation/step-report.js';
import { storableText } from '../../src/protocol/storable-text.js';
import { openDuckDb } from '../../src/storage/duckdb.js';
import { unpackBeginning } from './formats/decompress.js';
import { createFreshNames } from './fresh-names.js';
import { detectFormatOf } from './ingestion/detect-format.js';
import { readEnds } from './ingestion/file-passes.js';
import type { IngestionSettings } from './ingestion/ingest.js';
import { maxRowBytes } from './ingestion/staging.js';
import type { RecipeTools, RowTable } from './row-table.js';
import { type OpenedSource, rowsOfSources } from './rows-of-sources.js';
import { runRecipe } from './run-recipe.js';

/** A larger file is cut, where its format allows that, and read to here at most. */
const maxFileBytes = 16 * 2 ** 20;
/** Lines that are read for each row that is wanted: rows may be rejected, and their values may have line breaks. */
const linesPerRow = 2;
/** So far lines behind a row are looked for that is longer than any may be. */
const beyondLongRows = 4 * maxFileBytes;
/** More than what the first columns of a row take. */
const margin = 2 ** 16;
type UploadSource = Extract<OpenedSource, { readonly kind: 'upload' }>;

/** Formats of lines, whose first lines are a file of that format. */
const formatsOfLines: ReadonlySet<string> = new Set(['CSV', 'TSV', 'JSONL']);

/**
 * Takes a sample of rows through a recipe: evenly spaced rows of versions, the first of files. Of a file of lines that
 * is larger than 16 MiB, only the beginning is read: twice as many lines as rows are wanted, and 16 MiB at most.
 * @throws ProblemsError for what is wrong with sources or recipe; StorageError; RunStopped
 */
export async function previewRows(
  request: Pick<PreviewJob, 'recipe' | 'maxRows'> &
    Pick<RecipeTools, 'versionPath' | 'tokenCounter' | 'maskedModel'> & {
      readonly sources: readonly OpenedSource[];
      readonly folder: string;
    },
  settings: IngestionSettings,
  beat: () => void,
): Promise<PreparationPreview> {
  const { recipe, maxRows, folder, versionPath, tokenCounter, maskedModel } = request;
  const share = Math.max(1, Math.floor(maxRows / request.sources.length));
  const sources = await Promise.all(
    request.sources.map((source, i) => beginningOf(source, join(folder, `cut${i}`), share)),
  );
  const database = await openDuckDb({ ...settings, path: ':memory:', temporaryFolder: join(folder, 'spill') }, 1);
  try {
    const tools: RecipeTools = { database, names: createFreshNames(), beat, versionPath, tokenCounter, maskedModel };
    const read = await rowsOfSources(
      sources.map(({ source }) => source),
      null,
      folder,
      tools,
      share,
    );
    const sampled = await countRows(tools, read.table);
    const { table, reports } = await runRecipe(recipe, read.table, tools);
    return {
      rowCount: sources.some(({ isCut }) => isCut) ? null : read.rowCount,
      sampledCount: sampled,
      formats: [...read.facts.formats],
      notices: [...read.facts.notices],
      rejectedCount: read.facts.rejectedCount,
      rejectedRows: read.facts.rejectedRows.slice(0, maxExamples),
      columns: table.columns.map(({ name, type }) => ({ name, type })),
      steps: [...reports],
      rows: await firstRows(tools, table),
    };
  } finally {
    database.close();
  }
}

async function countRows({ database }: RecipeTools, { name }: RowTable): Promise<number> {
  const [found] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${name}`);
  return found!.rows;
}

async function firstRows({ database }: RecipeTools, { name, columns }: RowTable): Promise<PreparationPreview['rows']> {
  const values = columns.map(({ field }, i) => `left(CAST(${field} AS VARCHAR), ${maxExcerptLength}) AS v${i}`);
  const rows = await database.query<Record<string, unknown>>(
    `SELECT ${['row', ...values].join(', ')} FROM ${name} ORDER BY row LIMIT ${maxExamples}`,
  );
  return rows.map((row) => ({
    row: Number(row.row),
    values: columns.map((_, i) => {
      const text = row[`v${i}`] as string | null;
      return text === null ? null : storableText(text);
    }),
  }));
}

interface Beginning {
  readonly source: OpenedSource;
  readonly isCut: boolean;
}

/** A source of which not more is read than a preview needs. */
async function beginningOf(source: OpenedSource, folder: string, rows: number): Promise<Beginning> {
  if (source.kind !== 'upload') return { source, isCut: false };
  const { head } = await readEnds(source.path);
  const container = containerOf(head);
  if (container === 'GZIP' || container === 'ZSTD') return beginningOfPacked(source, container, folder, rows);
  const isLong = (await stat(source.path)).size > maxFileBytes;
  const format = isLong ? await formatOfLines(source, head) : null;
  if (format === null) return { source, isCut: false };
  const end = await endOfLines(source.path, linesPerRow * rows, format === 'CSV');
  const path = await beginning(source.path, end, folder);
  return { source: { ...source, path, isBeginning: true }, isCut: true };
}

/** Of a compressed file, its first lines; a file that does not end with one within 16 MiB is unpacked whole. */
async function beginningOfPacked(
  source: UploadSource,
  compression: 'GZIP' | 'ZSTD',
  folder: string,
  rows: number,
): Promise<Beginning> {
  const whole = { source, isCut: false };
  // Who names files of an archive is told that there is none.
  if (source.fileOptions?.archivedFiles != null) return whole;
  await mkdir(folder, { recursive: true });
  const unpacked = join(folder, 'unpacked');
  if (!(await unpackBeginning(source.path, unpacked, compression, maxFileBytes))) return whole;
  const fileName = source.fileName.replace(/\.(gz|gzip|zst|zstd)$/i, '');
  const inner = { ...source, fileName, path: unpacked };
  const format = await formatOfLines(inner, (await readEnds(unpacked)).head);
  if (format === null) return whole;
  const lines = linesPerRow * rows;
  const end = await endOfLine(unpacked, maxFileBytes, lines, format === 'CSV');
  if (isWithinLongRow(end, lines)) return whole;
  const path = await beginning(unpacked, end.at, folder);
  return { source: { ...inner, path, isBeginning: true }, isCut: true };
}

/** The format of a file whose first lines are a file of its format; null: its format is another. */
async function formatOfLines(source: UploadSource, head: Uint8Array): Promise<UploadFormat | null> {
  const encoding = readByteOrderMark(head)?.name ?? utf16Of(head) ?? 'utf-8';
  // A line of UTF-16 does not end where a byte is 0x0a.
  if (containerOf(head) !== null || encoding !== 'utf-8') return null;
  const asked = source.fileOptions?.format ?? source.format;
  const format =
    asked === 'AUTO' ? await detectFormatOf(source.path, withoutByteOrderMark(head), false, source.fileName) : asked;
  return formatsOfLines.has(format) ? format : null;
}

async function beginning(path: string, end: number, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const to = join(folder, 'beginning');
  await pipeline(createReadStream(path, { end: end - 1 }), createWriteStream(to));
  return to;
}

interface EndOfLine {
  /** Behind the last line; 0: none has ended. */
  readonly at: number;
  readonly lines: number;
}

/**
 * Where the lines end that are read. Where a row is longer than any may be, lines behind it are looked for further on;
 * if there are none, so much of it is read that this can be said.
 */
async function endOfLines(path: string, lines: number, hasQuotes: boolean): Promise<number> {
  const end = await endOfLine(path, maxFileBytes, lines, hasQuotes);
  if (!isWithinLongRow(end, lines)) return end.at;
  const next = await endOfLine(path, beyondLongRows, lines, hasQuotes);
  return next.at > end.at ? next.at : end.at + maxRowBytes + margin;
}

/** Whether fewer lines ended than are wanted because one goes on for long. */
function isWithinLongRow(end: EndOfLine, lines: number): boolean {
  return end.lines < lines && 2 * end.at < maxFileBytes;
}

/**
 * Where the last of so many lines within so many bytes has ended, and how many have.
 * @param hasQuotes whether a line can go on in a quoted value: then it ends where the quotes before are even in number,
 *   which is so outside of values, as quotes within are doubled. After a stray quote no line ends any more.
 */
async function endOfLine(path: string, bytes: number, lines: number, hasQuotes: boolean): Promise<EndOfLine> {
  let [at, before, ended, isQuoted] = [0, 0, 0, false];
  for await (const chunk of createReadStream(path, { end: bytes - 1 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let found = chunk.indexOf(0x0a); found !== -1 && ended < lines; found = chunk.indexOf(0x0a, from)) {
      if (hasQuotes) isQuoted = isQuoted !== hasOddQuotes(chunk.subarray(from, found));
      from = found + 1;
      if (isQuoted) continue;
      at = before + from;
      ended += 1;
    }
    if (ended === lines) break;
    if (hasQuotes) isQuoted = isQuoted !== hasOddQuotes(chunk.subarray(from));
    before += chunk.length;
  }
  return { at, lines: ended };
}

function hasOddQuotes(bytes: Buffer): boolean {
  let isOdd = false;
  for (let at = bytes.indexOf(0x22); at !== -1; at = bytes.indexOf(0x22, at + 1)) isOdd = !isOdd;
  return isOdd;
}
