import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createRandom, shuffle } from '../../gpu-worker/data/random.js';
import { type Row, shuffled } from '../heads/data.js';

/** Abstracts of five conditions, divided once for all trainings. */
export interface Abstracts {
  /** Learned as texts; labels of some are used by classifiers too. */
  readonly texts: readonly Row[];
  /** Never learned, as texts or with labels: perplexity and accuracy are theirs. */
  readonly heldOut: readonly Row[];
  /** What labelled examples are drawn from. */
  readonly labelled: readonly Row[];
}

/**
 * The Medical Abstracts TC Corpus (Schopf et al. 2022): abstracts.csv with `condition_label` and `medical_abstract`.
 *
 * @throws Error when there are too few
 */
export async function readAbstracts(
  folder: string,
  { texts, heldOut }: { readonly texts: number; readonly heldOut: number },
): Promise<Abstracts> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const file = join(folder, 'abstracts.csv').replaceAll("'", "''");
    const reader = await connection.runAndReadAll(
      `SELECT medical_abstract AS text, condition_label AS label
         FROM read_csv('${file}', header = true, all_varchar = true)`,
    );
    const rows = shuffled(reader.getRowObjects() as unknown as Row[]);
    if (rows.length < texts + heldOut) throw new Error(`${file} has ${rows.length} rows, too few.`);
    return {
      heldOut: rows.slice(0, heldOut),
      texts: rows.slice(heldOut, heldOut + texts),
      labelled: rows.slice(heldOut),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** As many examples of each label, which a seed draws. @throws Error where a label has fewer */
export function drawLabelled(rows: readonly Row[], perLabel: number, seed: number): Row[] {
  const order = shuffle(Int32Array.from(rows.keys()), createRandom(seed, 0x6c61626c));
  const drawn = new Map<unknown, Row[]>();
  for (const index of order) {
    const row = rows[index]!;
    const ofLabel = drawn.get(row.label) ?? [];
    if (ofLabel.length < perLabel) drawn.set(row.label, [...ofLabel, row]);
  }
  for (const [label, ofLabel] of drawn) {
    if (ofLabel.length < perLabel)
      throw new Error(`Label ${label} has ${ofLabel.length} rows, ${perLabel} are wanted.`);
  }
  return [...drawn.values()].flat();
}
