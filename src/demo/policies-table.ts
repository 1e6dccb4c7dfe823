import Table from 'cli-table3';
import type { WinRate } from './judged-definitions.js';

/** What a policy came to. */
export interface PolicyRow {
  readonly name: string;
  /** Against the start; null: it is the start. */
  readonly winRate: WinRate | null;
  /** From the start, in nats a definition; null: it was not measured. */
  readonly kl: number | null;
  /** Whether `kl` is what it is at most, by ln n − (n − 1) / n. */
  readonly isBound?: boolean;
  /** Words of a definition, as a mean. */
  readonly words: number;
  /** Of WordNet's own definitions. */
  readonly perplexity: number;
}

/** A row for each policy, in their order. */
export function policiesTable(rows: readonly PolicyRow[]): string {
  const table = new Table({
    head: ['policy', 'win rate', 'interval of 95 %', 'KL, nats', 'words', 'perplexity'],
    style: { head: [], border: [] },
  });
  for (const { name, winRate, kl, isBound = false, words, perplexity } of rows) {
    table.push([
      name,
      winRate === null ? '–' : percent(winRate.rate),
      winRate === null ? '–' : `${percent(winRate.lower)} to ${percent(winRate.upper)}`,
      kl === null ? '–' : `${isBound ? '≤ ' : ''}${kl.toFixed(2)}`,
      words.toFixed(1),
      perplexity.toFixed(1),
    ]);
  }
  return table.toString();
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
