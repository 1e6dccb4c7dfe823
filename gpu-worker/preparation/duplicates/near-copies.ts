import type { NearMatch } from '../../../src/protocol/preparation/steps/duplicates.js';
import type { StepTools } from '../row-table.js';
import type { ComparedRows } from './compared-rows.js';
import { copiesOf } from './copies.js';
import { clusterNearCopies } from './near-clusters.js';
import { createNearIndex, type NearIndex } from './near-index.js';
import { matchNearCopies } from './near-matches.js';
import { readTexts, type TextPlaces } from './read-texts.js';
import { writeNumbers } from './write-numbers.js';

/** Texts that were read for near copies. */
export interface ReadForNearCopies {
  readonly index: NearIndex;
  readonly places: TextPlaces;
}

export async function readForNearCopies(
  compared: ComparedRows,
  match: NearMatch,
  tools: StepTools,
): Promise<ReadForNearCopies> {
  const { shingleUnit: unit, shingleSize: size, ...parameters } = match;
  const index = createNearIndex(compared.count, { ...parameters, shingles: { unit, size } });
  const places = await readTexts(compared, tools, (text) => index.add(text));
  return { index, places };
}

/** Makes the table of rows that hang together with another by near copies: `source`, `row`, `cluster`. */
export async function findNearCopies({ index, places }: ReadForNearCopies, tools: StepTools): Promise<string> {
  const clusters = clusterNearCopies(index, tools.beat);
  const sizes = new Uint32Array(index.count);
  for (let text = 0; text < index.count; text++) {
    const cluster = clusters.find(text);
    sizes[cluster] = sizes[cluster]! + 1;
  }
  const sets = Int32Array.from({ length: index.count }, (_, text) => {
    const cluster = clusters.find(text);
    return sizes[cluster]! > 1 ? cluster : -1;
  });
  const copies = tools.names.table();
  await writeNumbers(tools.database, copies, { ...copiesOf(sets, places) });
  return copies;
}

/** Makes the table of own rows that are near copies of rows of other sources: `row`, `other_source`, `other_row`. */
export async function findNearMatches(
  { index, places }: ReadForNearCopies,
  own: number,
  { database, names, beat }: StepTools,
): Promise<string> {
  const columns = { row: [] as number[], other_source: [] as number[], other_row: [] as number[] };
  const matches = matchNearCopies(index, own, beat);
  for (let text = 0; text < own; text++) {
    const other = matches[text]!;
    if (other === -1) continue;
    columns.row.push(places.rows[text]!);
    columns.other_source.push(places.sources[other]!);
    columns.other_row.push(places.rows[other]!);
  }
  const found = names.table();
  await writeNumbers(database, found, columns);
  return found;
}
