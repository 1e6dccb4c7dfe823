import { type ConversationForm, optionalColumns, requiredColumns } from '../../src/protocol/conversation-form.js';
import { type NamedInput, readSplitRows, type SplitPart } from '../data/split-rows.js';

/** More characters than a conversation may have: a longer one is refused with its length. */
const mostCharacters = 2 ** 32 - 1;

/** Rows of a split that may be conversations. */
export interface ConversationRows {
  /** Numbers of the rows in the dataset version, and their texts by column. */
  readonly rows: readonly { readonly row: number; readonly texts: Readonly<Record<string, string | null>> }[];
  /** Rows of the split that lack a text in a column that is needed. */
  readonly rowsWithoutText: number;
}

/**
 * Reads the columns of conversations.
 * @param from the file, the split and its part, and the path of the form in the input
 * @throws ProblemError UNKNOWN_COLUMN, EMPTY_SPLIT
 */
export async function readConversationRows(
  form: ConversationForm,
  from: {
    readonly path: string;
    readonly split: NamedInput;
    readonly part: SplitPart | null;
    /** See `SplitQuery`. */
    readonly most?: number | null;
    readonly formPath: readonly string[];
  },
): Promise<ConversationRows> {
  const at = (name: string): NamedInput => ({ name, path: from.formPath });
  const [required, optional] = [requiredColumns(form), optionalColumns(form)];
  const [first, second] = required;
  const { rows, texts, pairs, targets, rowsWithoutText } = await readSplitRows({
    path: from.path,
    split: from.split,
    part: from.part,
    most: from.most ?? null,
    textColumn: at(first!),
    pairColumn: second === undefined ? null : at(second),
    targetColumns: optional.map((name) => ({ ...at(name), as: 'text' })),
    wantsWords: false,
    maxCharacters: mostCharacters,
    truncationSide: 'right',
  });
  const textsOf = (index: number) =>
    Object.fromEntries([
      [first!, texts[index]!],
      ...(second === undefined ? [] : [[second, pairs?.[index] ?? null]]),
      ...optional.map((name, column) => [name, (targets[column]?.values[index] ?? null) as string | null]),
    ]) as Record<string, string | null>;
  return { rows: rows.map((row, index) => ({ row, texts: textsOf(index) })), rowsWithoutText };
}
