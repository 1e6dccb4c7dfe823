import { traitsOf } from '../../src/protocol/architectures/index.js';
import { answerColumns, type PreferenceForm, preferenceColumns } from '../../src/protocol/preference-form.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { TruncationSide } from '../../src/tokenizer/index.js';
import type { JudgementRow } from '../data/judgement-values.js';
import type { AnswerReading } from '../data/preferences.js';
import { type NamedInput, readSplitRows, type SplitPart } from '../data/split-rows.js';
import { readsTokenTypes } from '../data/token-types.js';
import type { LoadedModel } from '../models/load-model.js';
import { writingOf } from './conversation-rows.js';

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

/**
 * How a model reads a prompt and an answer: a decoder by its chat template, an encoder as a pair of texts.
 *
 * @param how a chat template in place of the model's own, and the present for templates that ask for it
 * @throws ProblemError MISSING_ARTIFACT, INVALID_VALUE
 */
export async function answerReadingOf(
  model: Pick<LoadedModel, 'manifest' | 'tokenizer'>,
  store: ArtifactStore,
  how: { readonly chatTemplate: string | null; readonly templateTime: string },
  length: { readonly maxLength: number; readonly truncationSide: TruncationSide },
): Promise<AnswerReading> {
  const { manifest, tokenizer } = model;
  const { isCausal, readsPairs } = traitsOf(manifest.config);
  if (isCausal) {
    const writing = await writingOf({ ...how, learned: 'assistantTurns' }, model, store);
    return { kind: 'written', tokenizer, writing, ...length };
  }
  const readsTypes = readsTokenTypes(model, readsPairs, 'preference');
  return { kind: 'pair', tokenizer, readsPairs, readsTypes, ...length };
}
