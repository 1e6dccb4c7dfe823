import type { LengthDistribution, LengthUnit } from '../../../src/protocol/preparation/report.js';
import type { ReportTools } from './reported-file.js';
import type { TextSurvey } from './text-survey.js';

const quantilePositions = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1] as const;

/** Lower bounds of the bins; the same in all reports, so that histograms can be laid over one another. */
const binBounds = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000] as const;

/** Characters of all texts, by column and split, by the survey of the texts. */
export async function measureCharacters(
  { database, beat }: ReportTools,
  { table, columns }: TextSurvey,
): Promise<LengthDistribution[]> {
  const all: LengthDistribution[] = [];
  const bins = binBounds.map((from, i) => {
    const to = binBounds[i + 1];
    return `count(*) FILTER (length >= ${from}${to === undefined ? '' : ` AND length < ${to}`})::DOUBLE AS bin${i}`;
  });
  for (const [column, { name }] of columns.entries()) {
    beat();
    const splits = await database.query<
      { split: string; texts: number; mean: number; quantiles: number[] } & Record<string, number>
    >(
      `SELECT split, count(*)::DOUBLE AS texts, avg(length) AS mean,
         quantile_cont(length, [${quantilePositions.join(', ')}]) AS quantiles, ${bins.join(', ')}
       FROM (SELECT split, length${column} AS length FROM ${table}) WHERE length IS NOT NULL GROUP BY split ORDER BY split`,
    );
    for (const each of splits) {
      all.push({
        columns: [name],
        unit: 'CHARACTERS',
        split: each.split,
        texts: each.texts,
        mean: each.mean,
        quantiles: quantilePositions.map((at, i) => ({ at, length: each.quantiles[i]! })),
        histogram: histogramOf(binBounds.map((_, i) => each[`bin${i}`] ?? 0)),
        truncation: null,
      });
    }
  }
  return all;
}

/** The same of lengths in memory. @param lengths sorted; at least one */
export function distributeLengths(
  place: { readonly columns: readonly string[]; readonly unit: LengthUnit; readonly split: string },
  lengths: Int32Array,
  maxLength: number | null,
): LengthDistribution {
  const counts = binBounds.map(() => 0);
  let sum = 0;
  let bin = 0;
  let truncated = 0;
  for (const length of lengths) {
    while (bin + 1 < binBounds.length && length >= binBounds[bin + 1]!) bin++;
    counts[bin]!++;
    sum += length;
    if (maxLength !== null && length > maxLength) truncated++;
  }
  return {
    ...place,
    columns: [...place.columns],
    texts: lengths.length,
    mean: sum / lengths.length,
    quantiles: quantilePositions.map((at) => ({ at, length: quantileOf(lengths, at) })),
    histogram: histogramOf(counts),
    truncation: maxLength === null ? null : { maxLength, texts: truncated, share: truncated / lengths.length },
  };
}

/** By linear interpolation between the two neighbours, as NumPy and DuckDB's `quantile_cont` do. */
function quantileOf(sorted: Int32Array, at: number): number {
  const position = at * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}

function histogramOf(counts: readonly number[]): LengthDistribution['histogram'] {
  return counts.map((texts, i) => ({ from: binBounds[i]!, to: binBounds[i + 1] ?? null, texts }));
}
