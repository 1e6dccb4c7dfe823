import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { LengthDistribution } from '../../../src/protocol/preparation/report.js';
import { contentColumns, type ReportedFile, type ReportTools, rowsOf, split, textOf } from './reported-file.js';

const quantilePositions = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1] as const;

/** Lower bounds of the bins; the same in all reports, so that histograms can be laid over one another. */
const binBounds = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000] as const;

/** Characters of all texts, by column and split, measured by the database. */
export async function measureCharacters(
  { database, beat }: ReportTools,
  file: ReportedFile,
): Promise<LengthDistribution[]> {
  const all: LengthDistribution[] = [];
  for (const column of contentColumns(file)) {
    beat();
    const lengths = `SELECT ${split} AS split, length(${textOf(column)}) AS length FROM ${rowsOf(file)}
      WHERE ${identifier(column.name)} IS NOT NULL`;
    const bins = binBounds.map((from, i) => {
      const to = binBounds[i + 1];
      return `count(*) FILTER (length >= ${from}${to === undefined ? '' : ` AND length < ${to}`})::DOUBLE AS bin${i}`;
    });
    const quantiles = quantilePositions.map((at, i) => `quantile_cont(length, ${at}) AS quantile${i}`);
    const splits = await database.query<{ split: string; texts: number; mean: number } & Record<string, number>>(
      `SELECT split, count(*)::DOUBLE AS texts, avg(length) AS mean, ${[...quantiles, ...bins].join(', ')}
       FROM (${lengths}) GROUP BY split ORDER BY split`,
    );
    for (const each of splits) {
      all.push({
        columns: [column.name],
        unit: 'CHARACTERS',
        split: each.split,
        texts: each.texts,
        mean: each.mean,
        quantiles: quantilePositions.map((at, i) => ({ at, length: each[`quantile${i}`] ?? 0 })),
        histogram: histogramOf(binBounds.map((_, i) => each[`bin${i}`] ?? 0)),
        truncation: null,
      });
    }
  }
  return all;
}

function histogramOf(counts: readonly number[]): LengthDistribution['histogram'] {
  return counts.map((texts, i) => ({ from: binBounds[i]!, to: binBounds[i + 1] ?? null, texts }));
}
