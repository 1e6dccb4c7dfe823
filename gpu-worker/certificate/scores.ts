import type { TaskScores } from '../../src/protocol/evaluation-scores.js';
import type { ModelHead } from '../../src/protocol/heads.js';
import type { ParityScore } from '../../src/protocol/parity-certificate.js';
import { scoreHead } from '../heads/index.js';
import { argmaxOfRow, crossEntropyOfRow } from '../metrics/cross-entropy.js';
import { exp } from '../portable-math.js';
import type { Computed } from './certified-model.js';
import type { RowsToCheck } from './checked-rows.js';
import { standardized } from './data-unit.js';
import type { PickedPlaces } from './picked-places.js';

type Measures = Readonly<Record<string, number>>;

/** Scores of the trained model and of an export on the rows, where these have targets. */
export function compareScores(
  heads: readonly ModelHead[],
  expected: readonly Computed[],
  found: readonly Computed[],
  { targets, picked }: RowsToCheck,
): ParityScore[] {
  if (picked !== null) {
    const scored = (outputs: readonly Computed[]) => scoresOfTokens(outputs[0]!, picked);
    return sideBySide(null, scored(expected), scored(found));
  }
  return heads.flatMap((head, k) => {
    const known = targets?.[k];
    if (known === undefined || head.kind === 'reward') return [];
    const scored = (outputs: readonly Computed[]) =>
      mainMeasures(scoreHead(head, standardized(head, outputs[k]!.values), known));
    return sideBySide(head.task, scored(expected), scored(found));
  });
}

/** Scores that are no numbers, such as a loss of NaN, are left out: the difference of the outputs tells of them. */
function sideBySide(task: string | null, trained: Measures, exported: Measures): ParityScore[] {
  return Object.keys(trained)
    .map((measure) => ({ task, measure, trained: trained[measure]!, exported: exported[measure]! }))
    .filter((score) => Number.isFinite(score.trained) && Number.isFinite(score.exported));
}

/** What a task is mostly judged by, and its loss. */
function mainMeasures(scores: TaskScores): Measures {
  const { loss } = scores;
  switch (scores.kind) {
    case 'classification':
      return { accuracy: scores.accuracy, loss };
    case 'multiLabel':
      return { 'micro.f1': scores.micro.f1, loss };
    case 'regression':
      return { 'average.rmse': scores.average.rmse, loss };
    case 'tokenClassification':
      return scores.entities === null
        ? { accuracy: scores.accuracy, loss }
        : { 'entities.micro.f1': scores.entities.micro.f1, loss };
    default:
      return scores satisfies never;
  }
}

/** Of the picked tokens. */
function scoresOfTokens({ values, width }: Computed, { targets, counts, perRow: K }: PickedPlaces): Measures {
  let [at, nats, right] = [0, 0, 0];
  for (const [row, count] of counts.entries()) {
    for (let k = 0; k < count; k++, at++) {
      const target = targets[row * K + k]!;
      nats += crossEntropyOfRow(values, at, width, target);
      if (argmaxOfRow(values, at, width) === target) right += 1;
    }
  }
  const loss = nats / Math.max(1, at);
  return { perplexity: exp(loss), loss, tokenAccuracy: right / Math.max(1, at) };
}
