import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, percent } from '../wording.js';
import { createFinding, showRows } from './finding.js';
import type { FrozenExamples } from './frozen-features.js';
import { mostOutliers } from './outliers.js';
import { inputColumns, type ReportedFile, type ReportTools } from './reported-file.js';

/** Modified z-scores of distances beyond which a text is unusual (Iglewicz and Hoaglin 1993 take 3.5). */
const unusual = 5;

/**
 * Times the median distance from which on a text is far: where all distances are nearly equal, any other is unusual. Of
 * glosses of WordNet, texts of one word again and again have 1.33 to 1.35 times the median by hashed words, and of
 * 2,000 others one has more than 1.25.
 */
const farther = 1.25;
const leastExamples = 30;

/** Texts that are far from the mean of all in a frozen model's space. */
export async function findEmbeddingOutliers(
  tools: ReportTools,
  file: ReportedFile,
  examples: FrozenExamples,
): Promise<ReportFinding[]> {
  const [text] = inputColumns(file);
  const count = examples.rows.length;
  if (text === undefined || count < leastExamples) return [];
  const distances = distancesFromMean(examples.features, examples.dimensions);
  const scores = scoreDistances(distances);
  const least = farther * medianOf(distances);
  const far = [...scores.keys()]
    .filter((i) => scores[i]! > unusual && distances[i]! >= least)
    .sort((a, b) => scores[b]! - scores[a]! || a - b);
  if (far.length === 0 || far.length / count > mostOutliers) return [];
  return [
    createFinding({
      code: 'EMBEDDING_OUTLIERS',
      severity: 'NOTICE',
      message: `${counted(far.length, 'text')} of ${counted(count, 'text')} that were looked at (${percent(far.length / count)}) ${far.length === 1 ? 'is' : 'are'} much farther from the middle of all than the others by ${far.length === 1 ? 'its' : 'their'} features.`,
      columns: inputColumns(file).map(({ name }) => name),
      count: far.length,
      of: count,
      examples: await showRows(
        tools,
        file,
        text,
        far.map((i) => ({ row: examples.rows[i]! })),
      ),
    }),
  ];
}

/** By example, its distance from the mean vector. @param features [N, D] */
export function distancesFromMean(features: Float32Array, dimensions: number): Float64Array {
  const count = features.length / dimensions;
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < features.length; i++) mean[i % dimensions]! += features[i]! / count;
  return Float64Array.from({ length: count }, (_, example) => {
    let squares = 0;
    for (let d = 0; d < dimensions; d++) squares += (features[example * dimensions + d]! - mean[d]!) ** 2;
    return Math.sqrt(squares);
  });
}

/** How many median deviations each distance is above the median distance, times 0.6745. */
export function scoreDistances(distances: Float64Array): Float64Array {
  const center = medianOf(distances);
  const deviation = medianOf(distances.map((distance) => Math.abs(distance - center)));
  return distances.map((distance) => (deviation > 0 ? (0.6745 * (distance - center)) / deviation : 0));
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
