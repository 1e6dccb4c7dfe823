import { answerColumns, type PreferenceForm, preferenceColumns } from '../../src/protocol/preference-form.js';
import type { PromptsDrawn } from '../data/drawn-rows.js';
import type { JudgementRow } from '../data/preferences.js';
import { type NamedInput, readSplitRows, type SplitPart } from '../data/split-rows.js';

/** More characters than an answer may have: a longer one is refused with its length. */
const mostCharacters = 2 ** 32 - 1;

/** Rows of a split that may hold judgements. */
export interface PreferenceRows {
  readonly rows: readonly JudgementRow[];
  /** Rows of the split that lack an answer. */
  readonly rowsWithoutText: number;
}

/**
 * Reads the columns of judgements.
 * @param from the file, the split and its part, and the path of the form in the input
 * @throws ProblemError UNKNOWN_COLUMN, WRONG_COLUMN_TYPE, EMPTY_SPLIT
 */
export async function readPreferenceRows(
  form: PreferenceForm,
  from: {
    readonly path: string;
    readonly split: NamedInput;
    readonly part: SplitPart | null;
    /** See `SplitQuery`. */
    readonly most?: number | null;
    /** See `SplitQuery`. */
    readonly mostBy?: PromptsDrawn | null;
    readonly formPath: readonly string[];
  },
): Promise<PreferenceRows> {
  const at = (name: string): NamedInput => ({ name, path: from.formPath });
  const [first, second] = answerColumns(form);
  const others = preferenceColumns(form).filter((column) => column !== first && column !== second);
  const read = await readSplitRows({
    path: from.path,
    split: from.split,
    part: from.part,
    most: from.most ?? null,
    mostBy: from.mostBy ?? null,
    textColumn: at(first!),
    pairColumn: second === undefined ? null : at(second),
    targetColumns: others.map((name) => ({ ...at(name), as: 'text' })),
    wantsWords: false,
    maxCharacters: mostCharacters,
    truncationSide: 'right',
  });
  const textsOf = (index: number): Record<string, string | null> => ({
    [first!]: read.texts[index]!,
    ...(second === undefined ? {} : { [second]: read.pairs?.[index] ?? null }),
    ...Object.fromEntries(
      others.map((name, column) => [name, (read.targets[column]?.values[index] ?? null) as string | null]),
    ),
  });
  return {
    rows: read.rows.map((row, index) => ({ row, texts: textsOf(index) })),
    rowsWithoutText: read.rowsWithoutText,
  };
}
