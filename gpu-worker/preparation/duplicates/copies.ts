import type { TextPlaces } from './read-texts.js';

/**
 * Rows that are copies of others, as the columns of a table: each with its source, its number, and the number of the
 * set of copies that it is in. A set has two rows or more.
 */
export interface Copies {
  readonly source: number[];
  readonly row: number[];
  readonly cluster: number[];
}

export function noCopies(): Copies {
  return { source: [], row: [], cluster: [] };
}

/** @param clusters of each text the number of its set, −1 where it is in none */
export function copiesOf(clusters: Int32Array, { sources, rows }: TextPlaces): Copies {
  const copies = noCopies();
  for (let text = 0; text < clusters.length; text++) {
    if (clusters[text] === -1) continue;
    copies.source.push(sources[text]!);
    copies.row.push(rows[text]!);
    copies.cluster.push(clusters[text]!);
  }
  return copies;
}
