import { beatByCharacters } from '../beat-by-characters.js';
import type { StepTools } from '../row-table.js';
import type { ComparedRows } from './compared-rows.js';

/** The sources and rows of texts, in the order in which they were read. */
export interface TextPlaces {
  readonly sources: Uint8Array;
  readonly rows: Float64Array;
}

/** Gives each text to `take`, ordered by source and row; an empty text for a missing one. */
export async function readTexts(
  { sql, count }: ComparedRows,
  { database, beat }: StepTools,
  take: (text: string) => void,
): Promise<TextPlaces> {
  const sources = new Uint8Array(count);
  const rows = new Float64Array(count);
  let read = 0;
  const beatBefore = beatByCharacters(beat);
  for await (const chunk of database.stream(`SELECT source, row, text FROM (${sql}) ORDER BY source, row`)) {
    for (const [source, row, text] of chunk) {
      sources[read] = Number(source);
      rows[read] = Number(row);
      read++;
      const present = (text as string | null) ?? '';
      beatBefore(present.length);
      take(present);
    }
  }
  return { sources, rows };
}
