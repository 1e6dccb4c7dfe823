import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ParityCheck, ParityOutput, ParityPrecision } from '../../src/protocol/parity-certificate.js';
import { compareAnswers } from './answers.js';
import type { Computed } from './certified-model.js';
import type { RowsToCheck } from './checked-rows.js';
import { adapterShareOf, type Difference, differenceOf } from './compare-outputs.js';
import { failed } from './parity-failed.js';
import type { RanFiles } from './run-files.js';
import { compareScores } from './scores.js';

/**
 * The largest difference that an export may have, by how it keeps numbers. float32 differs by the order of sums alone,
 * and a half by 2⁻¹¹ in each number, which adds up over layers. Where products are of integers, a row with large
 * activations may be far off while its answer is the same: the tolerance tells a rounded model from a wrong one, whose
 * differences are beyond 1.
 */
const tolerances: Readonly<Record<ParityPrecision, number>> = {
  float32: 1e-4,
  float16: 5e-2,
  int8: 0.5,
  q8_0: 0.2,
};

/** Less of an adapter than this is none: see `AdapterShare`. */
const leastShare = 0.5;

/**
 * Judges what files gave beside what the trained model gives.
 *
 * @param outputs `base`: those of the model without its adapter; null: it has none
 * @throws ProblemError PARITY_FAILED
 */
export function judge(
  { heads }: ModelManifest,
  rows: RowsToCheck,
  outputs: {
    readonly trained: readonly Computed[];
    readonly base: readonly Computed[] | null;
    readonly found: readonly Computed[];
  },
  { file, precision, runner }: Omit<RanFiles, 'outputs'>,
): ParityCheck {
  const { trained, base, found } = outputs;
  requireSameShape(file, trained, found);
  const tolerance = tolerances[precision];
  const compared = trained.map((expected, k): ParityOutput => {
    const difference = differenceOf(expected, found[k]!);
    if (!(difference.largest <= tolerance)) throw tooFar(file, expected, difference, tolerance, rows);
    return {
      name: expected.name,
      task: expected.task,
      count: expected.values.length,
      largestDifference: difference.largest,
      answers: compareAnswers(heads[k] ?? null, expected, found[k]!, rows),
    };
  });
  return {
    file,
    precision,
    runner,
    tolerance,
    outputs: compared,
    scores: compareScores(heads, trained, found, rows),
    base: base === null ? null : besideBase(file, base, trained, found),
  };
}

/** An adapter that is not merged may change less than the tolerance: it is looked for by itself. */
function besideBase(
  file: string,
  base: readonly Computed[],
  trained: readonly Computed[],
  found: readonly Computed[],
): NonNullable<ParityCheck['base']> {
  const { share, isLost } = adapterShareOf(base, trained, found);
  if (share !== null && share < leastShare && !isLost) {
    throw failed(file, `it computes what the base model does: ${percent(share)} of what the adapter changes is there`);
  }
  const differences = base.map((from, k) => differenceOf(from, found[k]!).largest);
  return { largestDifference: Math.min(Math.max(...differences), Number.MAX_VALUE), adapterShare: share };
}

function requireSameShape(file: string, trained: readonly Computed[], found: readonly Computed[]): void {
  const shapes = (outputs: readonly Computed[]) =>
    outputs.map(({ width, values }) => `${values.length}/${width}`).join();
  if (shapes(trained) === shapes(found)) return;
  const named = (outputs: readonly Computed[]) =>
    outputs.map(({ name, width, values }) => `${name} [${values.length / width},${width}]`).join(', ');
  throw failed(file, `it gives ${named(found)}, where the model gives ${named(trained)}`);
}

function tooFar(
  file: string,
  { name }: Computed,
  { largest, row, at, expected, found }: Difference,
  tolerance: number,
  { note }: RowsToCheck,
) {
  const where = note.split === null ? 'of the texts that Attune brings along' : `of split “${note.split}”`;
  const by = Number.isFinite(largest) ? `a difference of ${largest.toExponential(1)}` : 'no number';
  return failed(
    file,
    `${name}, number ${at} of row ${row}, is ${found} where the model gives ${expected}: ${by}, where ${tolerance} is allowed (${note.rows.length} rows ${where})`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
