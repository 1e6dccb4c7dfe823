import { setImmediate as nextTurn } from 'node:timers/promises';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import {
  type FeedbackDatasetRules,
  type FeedbackFigures,
  type FeedbackReading,
  type LeftOutReason,
  leftOutReasons,
} from '../../protocol/feedback/dataset-rules.js';
import type { RowSource } from '../../protocol/preparation/prepare-job.js';
import type { ArtifactStore, StoredArtifact } from '../../storage/artifact-store.js';
import { jsonLineBlocks } from '../../storage/json-line-blocks.js';
import { StorageError } from '../../storage/storage-error.js';
import type { ItemRows } from './item-rows.js';
import type { FeedbackColumn } from './row-form.js';

export type FeedbackSource = Extract<RowSource, { readonly kind: 'feedback' }>;

/** Items and rows that are written before requests have their turn. */
const rowsATurn = 500;

/**
 * Writes what items became into a file of the store, as JSON Lines.
 * @param items what became of each, and the columns that all its rows have
 * @throws ProblemsError NO_ROWS_LEFT; then there is no file
 */
export async function writeRows(
  store: ArtifactStore,
  columns: readonly FeedbackColumn[],
  rules: FeedbackDatasetRules,
  items: () => AsyncIterable<{ readonly made: ItemRows; readonly own: Readonly<Record<string, unknown>> }>,
): Promise<{ readonly file: StoredArtifact; readonly figures: FeedbackFigures }> {
  const tally = newTally();
  let turn = 0;
  const file = await store
    .writeStream(
      jsonLineBlocks(async function* () {
        for await (const { made, own } of items()) {
          tally.add(made);
          for (const row of made.rows) yield written(columns, { ...row, ...own });
          // An item may become hundreds of rows.
          turn += 1 + made.rows.length;
          if (turn < rowsATurn) continue;
          turn = 0;
          await nextTurn();
        }
        if (tally.figures().rows === 0) throw new ProblemsError([noneLeft(tally.figures(), rules)]);
      }),
    )
    .catch((error: unknown) => {
      // The store tells of all that stops it as its own error.
      throw error instanceof StorageError && error.cause instanceof ProblemsError ? error.cause : error;
    });
  return { file, figures: tally.figures() };
}

/** @param split the one that all rows become; null: as the preparation says */
export function feedbackSource(
  file: StoredArtifact,
  columns: readonly FeedbackColumn[],
  reading: FeedbackReading,
  split: string | null = null,
): FeedbackSource {
  return {
    kind: 'feedback',
    digest: file.digest,
    columns: columns.map(({ name, type }) => ({ name, type })),
    exampleCount: reading.figures.rows,
    reading,
    split,
  };
}

function written(columns: readonly FeedbackColumn[], row: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
}

function newTally() {
  const leftOut = Object.fromEntries(leftOutReasons.map((reason) => [reason, 0])) as Record<LeftOutReason, number>;
  let [kept, rows, overlappingSpans] = [0, 0, 0];
  return {
    add(made: ItemRows): void {
      kept += made.kept;
      rows += made.rows.length;
      overlappingSpans += made.overlappingSpans;
      for (const reason of made.leftOut) leftOut[reason]++;
    },
    figures(): FeedbackFigures {
      const items = kept + Object.values(leftOut).reduce((sum, count) => sum + count, 0);
      return { items, kept, rows, leftOut: { ...leftOut }, overlappingSpans };
    },
  };
}

const whys: Readonly<Record<LeftOutReason, (rules: FeedbackDatasetRules) => string>> = {
  TOO_FEW_ANSWERS: ({ leastAnswers }) => `have fewer answers than ${leastAnswers}`,
  NOT_ADJUDICATED: () => 'are not adjudicated',
  TIED: () => 'are tied',
  TOO_LITTLE_AGREEMENT: ({ leastAgreement }) => `agree less than ${leastAgreement}`,
  NOT_SURE_ENOUGH: ({ policy }) => `are less probable than ${'atLeast' in policy ? policy.atLeast : 1}`,
  NOT_PREDICTED: () => 'have no prediction of a classifier',
  NO_PREFERENCE: () => 'prefer nothing',
};

function noneLeft({ items, leftOut }: FeedbackFigures, rules: FeedbackDatasetRules): InputProblem {
  if (items === 0) {
    return problem(['taskIds'], 'NO_ROWS_LEFT', 'There is no item beside those of gold, and no record.', 'Add items.');
  }
  const reasons = leftOutReasons.filter((reason) => (leftOut[reason] ?? 0) > 0);
  const told = reasons.map((reason) => `${leftOut[reason]} ${whys[reason](rules)}`).join(', ');
  const message = `None of ${items} items becomes a row: ${told}.`;
  return problem(['policy'], 'NO_ROWS_LEFT', message, 'Collect more answers, or choose a policy that leaves out less.');
}
