import { identifier } from '../../../src/protocol/duckdb-names.js';
import { beatByCharacters } from '../beat-by-characters.js';
import { clusterNearCopies } from '../duplicates/near-clusters.js';
import { createNearIndex, type NearParameters } from '../duplicates/near-index.js';
import { type FileColumn, type ReportedFile, type ReportTools, row, rowsOf, split, textOf } from './reported-file.js';
import type { ScratchTables } from './scratch-tables.js';

/**
 * A table (row, split, cluster) of the rows that have near copies: rows of one cluster hang together by them. Each
 * cluster has two rows at least.
 */
export type NearTable = string;

/** Rows that are written by a statement. */
const rowsAtOnce = 20_000;

/** Finds near copies by the texts of some columns, one after the other. @param rows how many the file has */
export async function fillNearTable(
  { database, beat }: ReportTools,
  scratch: ScratchTables,
  file: ReportedFile,
  columns: readonly FileColumn[],
  parameters: NearParameters,
  rows: number,
): Promise<NearTable> {
  const index = createNearIndex(rows, parameters);
  const numbers = new Float64Array(rows);
  const beatBefore = beatByCharacters(beat);
  const hasText = columns.map((column) => `${identifier(column.name)} IS NOT NULL`).join(' AND ');
  const sql = `SELECT ${row}::DOUBLE, concat_ws(chr(10), ${columns.map(textOf).join(', ')}) FROM ${rowsOf(file)} WHERE ${hasText}`;
  for await (const chunk of database.stream(sql)) {
    for (const [number, text] of chunk) {
      beatBefore((text as string).length);
      numbers[index.count] = number as number;
      index.add(text as string);
    }
  }
  const clusters = clusterNearCopies(index, beat);
  const sizes = new Uint32Array(index.count);
  for (let text = 0; text < index.count; text++) sizes[clusters.find(text)]!++;
  const copies = Array.from(sizes.keys()).filter((text) => sizes[clusters.find(text)]! > 1);
  const members = await scratch.create('near copies', 'SELECT 0::BIGINT AS row, 0::BIGINT AS cluster WHERE false');
  for (let first = 0; first < copies.length; first += rowsAtOnce) {
    beat();
    const part = copies.slice(first, first + rowsAtOnce).map((text) => [numbers[text]!, clusters.find(text)]);
    await database.query(
      `INSERT INTO ${members} SELECT pair[1], pair[2] FROM (SELECT unnest(from_json($pairs, '[["BIGINT"]]')) AS pair)`,
      { pairs: JSON.stringify(part) },
    );
  }
  return scratch.create(
    'near copies',
    `SELECT m.row, ${split} AS split, m.cluster FROM ${members} m JOIN ${rowsOf(file)} ON m.row = ${row}`,
  );
}
