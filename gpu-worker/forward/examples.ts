import type { UnknownTargets } from '../../src/protocol/evaluation-scores.js';
import { type Finding, findTruncated } from '../../src/protocol/findings.js';
import { wordsBetweenSpaces } from '../../src/protocol/words-between-spaces.js';
import { maxCharactersPerToken, type Tokenizer, type TruncationSide } from '../../src/tokenizer/index.js';
import type { UnknownLabels } from '../data/labels.js';
import { type NamedInput, readSplitRows, type SplitPart, type SplitRows } from '../data/split-rows.js';
import { type TokenizedTexts, tokenizeTexts } from '../data/tokenize.js';
import { placeWords, type WordSpan } from '../data/word-spans.js';
import type { TargetSource, Targets } from '../heads/head-kind.js';
import { readsTokens, readTargets, targetColumnsOf, unknownIn } from '../heads/index.js';
import { ProblemError } from '../problem-error.js';

/** The examples of one split: its rows that have a text and a target of at least one head. */
export interface Examples {
  readonly texts: TokenizedTexts;
  /** One for each head. */
  readonly targets: readonly Targets[];
  readonly count: number;
  /** [count] the number of each example's row in the dataset version. */
  readonly rows: readonly number[];
  /** Rows that were left out because a text is missing. */
  readonly rowsWithoutText: number;
  /** Rows with a text that were left out because no head has a target there. */
  readonly rowsWithoutLabel: number;
  /** Of each head, what it does not know of its targets; null when it knows all. */
  readonly unknown: readonly (UnknownTargets | null)[];
}

export interface ExampleQuery {
  /** The dataset version's Parquet file. */
  readonly path: string;
  readonly split: NamedInput;
  /** Reads a part of the split alone. Default: all of it. */
  readonly part?: SplitPart | null;
  /** Reads no more rows with all texts than these: see `SplitQuery`. Default: all. */
  readonly most?: number | null;
  /** Problems with this column have the path `textColumn`, in specs and jobs alike. */
  readonly textColumn: string;
  /** Problems with this column have the path `pairColumn`. */
  readonly pairColumn: string | null;
  readonly sources: readonly TargetSource[];
  readonly unknownLabels: UnknownLabels;
  readonly maxLength: number;
  readonly truncationSide: TruncationSide;
  /** Whether the model reads the types of tokens. */
  readonly readsTypes: boolean;
}

/**
 * Reads and tokenizes the rows of a split that have a text and a target of at least one head.
 * Errors: ProblemError UNKNOWN_COLUMN, WRONG_COLUMN_TYPE, EMPTY_SPLIT, UNKNOWN_LABEL, UNEQUAL_LENGTHS (of words and
 * tags).
 *
 * @param onProgress called after the rows are read and then every 128 texts: it can give a sign of life, or throw in
 * order to stop
 */
export async function readExamples(
  query: ExampleQuery,
  tokenizer: Tokenizer,
  onProgress: () => void,
): Promise<Examples> {
  const {
    path,
    split,
    part = null,
    most = null,
    textColumn,
    pairColumn,
    sources,
    unknownLabels,
    maxLength,
    truncationSide,
    readsTypes,
  } = query;
  const columns = sources.map(targetColumnsOf);
  const wantsWords = sources.some(({ head }) => readsTokens(head));
  const rows = await readSplitRows({
    path,
    split,
    part,
    most,
    textColumn: { name: textColumn, path: ['textColumn'] },
    pairColumn: pairColumn === null ? null : { name: pairColumn, path: ['pairColumn'] },
    targetColumns: columns.flat(),
    wantsWords,
    maxCharacters: maxLength * maxCharactersPerToken,
    truncationSide,
  });
  onProgress();
  const words = wantsWords ? wordsOf(rows, truncationSide) : null;
  let read = 0;
  const targets = sources.map((source, index) => {
    const first = read;
    read += columns[index]?.length ?? 0;
    return readTargets(source, rows.targets.slice(first, read), words, unknownLabels);
  });
  const kept = Int32Array.from(rows.texts.keys()).filter((row) => targets.some((each) => each.isPresent(row)));
  if (kept.length === 0) throw noTargets(split, sources);
  const keep = <Value>(values: readonly Value[] | null) => values && Array.from(kept, (row) => values[row]!);
  const texts = tokenizeTexts(
    tokenizer,
    { texts: keep(rows.texts)!, pairs: keep(rows.pairs), words: keep(words), readsTypes },
    { maxLength, truncationSide },
    onProgress,
  );
  const keptTargets = targets.map((each) => each.keep(kept, texts));
  return {
    texts,
    targets: keptTargets,
    count: kept.length,
    rows: keep(rows.rows)!,
    rowsWithoutText: rows.rowsWithoutText,
    rowsWithoutLabel: rows.texts.length - kept.length,
    unknown: sources.map(({ head }, k) => unknownIn(head, keptTargets[k]!)),
  };
}

/**
 * Where the words of each text are: the items of a list, or the runs of characters between white space in a plain text.
 */
export function wordsOf(
  { texts, words }: Pick<SplitRows, 'texts' | 'words'>,
  truncationSide: TruncationSide,
): WordSpan[][] {
  return texts.map((text, row) =>
    words === null ? wordsBetweenSpaces(text) : placeWords(words[row] ?? [], text.length, truncationSide),
  );
}

/** A finding where most of the texts of a split are cut to `maxLength` tokens. */
export function judgeLengths({ texts, count }: Examples, split: string, maxLength: number): Finding[] {
  const truncatedCount = texts.truncated.reduce((total, truncated) => total + truncated, 0);
  return findTruncated({ split, maxLength }, { exampleCount: count, truncatedCount });
}

function noTargets(split: NamedInput, sources: readonly TargetSource[]): ProblemError {
  const names = sources.flatMap(({ columns }) => columns.map(({ name }) => `“${name}”`));
  return new ProblemError({
    path: [...(sources[0]?.columns[0]?.path ?? [])],
    code: 'EMPTY_SPLIT',
    message: `no row of split “${split.name}” has a label in ${names.join(' or ')}`,
    hint: 'Choose another label column or split.',
  });
}
