import type { ModelHead } from '../../src/protocol/heads.js';
import type { ParityOutput } from '../../src/protocol/parity-certificate.js';
import { argmaxOfRow } from '../metrics/cross-entropy.js';
import { sigmoid } from '../metrics/sigmoid.js';
import type { Computed } from './certified-model.js';
import type { RowsToCheck } from './checked-rows.js';

/**
 * Compares what a person reads off the numbers: labels, sets of labels, tags of words, most probable tokens. Null for
 * outputs that are numbers alone.
 *
 * @param head null: logits of tokens where places are picked
 */
export function compareAnswers(
  head: ModelHead | null,
  expected: Computed,
  found: Computed,
  { tokens, picked }: RowsToCheck,
): ParityOutput['answers'] {
  const rows = expected.values.length / expected.width;
  const best = (of: Computed) => (row: number) => argmaxOfRow(of.values, row, of.width);
  switch (head?.kind) {
    case undefined:
      return picked === null ? null : count(rows, best(expected), best(found));
    case 'classification':
      return count(rows, best(expected), best(found));
    case 'tokenClassification': {
      const { firstOfWord } = tokens;
      const isAnswer = (row: number) => firstOfWord === null || firstOfWord[row] !== -1;
      return count(rows, best(expected), best(found), isAnswer);
    }
    case 'multiLabel': {
      const { thresholds } = head;
      const labels = (of: Computed) => (row: number) =>
        thresholds.map((threshold, c) => Number(sigmoid(of.values[row * of.width + c]!) >= threshold)).join('');
      return count(rows, labels(expected), labels(found));
    }
    case 'regression':
    case 'reward':
      return null;
    default:
      return head satisfies never;
  }
}

function count<Answer>(
  rows: number,
  expected: (row: number) => Answer,
  found: (row: number) => Answer,
  isAnswer: (row: number) => boolean = () => true,
): { count: number; same: number } {
  const answers = { count: 0, same: 0 };
  for (let row = 0; row < rows; row++) {
    if (!isAnswer(row)) continue;
    answers.count += 1;
    if (expected(row) === found(row)) answers.same += 1;
  }
  return answers;
}
