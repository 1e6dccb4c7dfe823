import type { Problem } from '../../src/protocol/run-event.js';
import { maxCharactersPerToken, type Tokenizer, type TruncationSide } from '../../src/tokenizer/index.js';
import { noTarget } from '../losses/cross-entropy.js';
import { ProblemError } from '../problem-error.js';
import { targetsOf } from './labels.js';
import { type NamedInput, readSplitRows } from './split-rows.js';
import { type TokenizedTexts, tokenizeTexts } from './tokenize.js';

/** A label column that a head is trained on or scored against. */
export interface LabelledTask {
  readonly task: string;
  /** In the order of the logits. */
  readonly labels: readonly string[];
  readonly labelColumn: string;
  /** Where the column is named in the spec or job. */
  readonly path: Problem['path'];
}

/** The labelled examples of one split. */
export interface Examples {
  readonly texts: TokenizedTexts;
  /** One [N] a task: class numbers, `noTarget` where the label is missing. */
  readonly targets: readonly Int32Array[];
  readonly count: number;
  /** Rows of the split that had to be left out. */
  readonly rowsWithoutText: number;
  readonly rowsWithoutLabel: number;
}

export interface ExampleQuery {
  /** The dataset version's Parquet file. */
  readonly path: string;
  readonly split: NamedInput;
  /** Its path is `textColumn` in specs and jobs alike, that of the next `pairColumn`. */
  readonly textColumn: string;
  readonly pairColumn: string | null;
  readonly tasks: readonly LabelledTask[];
  readonly maxLength: number;
  readonly truncationSide: TruncationSide;
}

/**
 * Reads and tokenizes the rows of a split that have a text and a label of at least one task.
 * Errors: ProblemError UNKNOWN_COLUMN, EMPTY_SPLIT, UNKNOWN_LABEL.
 *
 * @param onProgress called every few hundred texts: the place for a sign of life, and to throw when stopping
 */
export async function readExamples(
  query: ExampleQuery,
  tokenizer: Tokenizer,
  onProgress: () => void,
): Promise<Examples> {
  const { path, split, textColumn, pairColumn, tasks, maxLength, truncationSide } = query;
  const labelColumns = tasks.map(({ labelColumn, path }) => ({ name: labelColumn, path }));
  const maxCharacters = maxLength * maxCharactersPerToken;
  const rows = await readSplitRows({
    path,
    split,
    textColumn: { name: textColumn, path: ['textColumn'] },
    pairColumn: pairColumn === null ? null : { name: pairColumn, path: ['pairColumn'] },
    labelColumns,
    maxCharacters,
    truncationSide,
  });
  onProgress();
  const allTargets = tasks.map((task, index) =>
    targetsOf(rows.labels[index] ?? [], task.labels, { path: task.path, column: task.labelColumn }),
  );
  const isLabelled = (_: unknown, row: number) => allTargets.some((targets) => targets[row] !== noTarget);
  const labelled = { texts: rows.texts.filter(isLabelled), pairs: rows.pairs?.filter(isLabelled) ?? null };
  const count = labelled.texts.length;
  if (count === 0) {
    throw new ProblemError({
      path: tasks[0]?.path ?? [],
      code: 'EMPTY_SPLIT',
      message: `no row of split “${split.name}” has a label in ${labelColumns.map(({ name }) => `“${name}”`).join(' or ')}`,
      hint: 'Choose another label column or split.',
    });
  }
  return {
    texts: tokenizeTexts(tokenizer, labelled, { maxLength, truncationSide }, onProgress),
    targets: allTargets.map((targets) => targets.filter(isLabelled)),
    count,
    rowsWithoutText: rows.rowsWithoutText,
    rowsWithoutLabel: rows.texts.length - count,
  };
}
