import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, percent } from '../wording.js';
import { createFinding, showRows } from './finding.js';
import type { FrozenExamples } from './frozen-features.js';
import { inputColumns, type ReportedFile, type ReportTools } from './reported-file.js';

/** Modified z-scores of distances beyond which a text is unusual (Iglewicz and Hoaglin 1993 take 3.5). */
const unusual = 5;
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
  const scores = scoreDistances(examples.features, examples.dimensions);
  const far = [...scores.keys()].filter((i) => scores[i]! > unusual).sort((a, b) => scores[b]! - scores[a]! || a - b);
  if (far.length === 0) return [];
  return [
    createFinding({
      code: 'EMBEDDING_OUTLIERS',
      severity: 'NOTICE',
      message: `${counted(far.length, 'text')} of ${counted(count, 'text')} that were looked at (${percent(far.length / count)}) ${far.length === 1 ? 'is' : 'are'} far from all others by ${far.length === 1 ? 'its' : 'their'} features.`,
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

/**
 * By example, how many median deviations its distance from the mean vector is above the median distance, times 0.6745.
 *
 * @param features [N, D]
 */
export function scoreDistances(features: Float32Array, dimensions: number): Float64Array {
  const count = features.length / dimensions;
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < features.length; i++) mean[i % dimensions]! += features[i]! / count;
  const distances = Float64Array.from({ length: count }, (_, example) => {
    let squares = 0;
    for (let d = 0; d < dimensions; d++) squares += (features[example * dimensions + d]! - mean[d]!) ** 2;
    return Math.sqrt(squares);
  });
  const center = medianOf(distances);
  const deviation = medianOf(distances.map((distance) => Math.abs(distance - center)));
  return distances.map((distance) => (deviation > 0 ? (0.6745 * (distance - center)) / deviation : 0));
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
