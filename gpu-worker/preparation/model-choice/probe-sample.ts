import { targetUses } from '../../../src/protocol/methods/common.js';
import { type HeadsSpec, headsOf } from '../../../src/protocol/methods/index.js';
import { readSplitRows } from '../../data/split-rows.js';
import type { WordSpan } from '../../data/word-spans.js';
import { wordsOf } from '../../forward/examples.js';
import {
  headToTrain,
  type RowTargets,
  readsTokens,
  readTargets,
  type TargetSource,
  targetColumnsOf,
} from '../../heads/index.js';
import { partOf } from '../../training/load-training.js';

/** Examples of the training split that all models are measured on. */
export interface ProbeSample {
  readonly texts: readonly string[];
  readonly pairs: readonly string[] | null;
  /** Where the words of each text are, for heads that read tokens; else null. */
  readonly words: readonly (readonly WordSpan[])[] | null;
  readonly heads: readonly { readonly source: TargetSource; readonly targets: RowTargets }[];
}

/** Characters of a text that are read: a hundred pages say no more of a model than ten. */
const mostCharacters = 20_000;

/**
 * Reads a sample of the rows that a training would learn from: rows with equal texts once, since a probe must not see
 * what it is scored on. Errors: those of `readExamples`.
 */
export async function readProbeSample(path: string, spec: HeadsSpec, most: number): Promise<ProbeSample> {
  const sources = headsOf(spec).map(
    ({ path: at, ...each }): TargetSource => ({ head: headToTrain(each), columns: targetUses(each.head, at) }),
  );
  const wantsWords = sources.some(({ head }) => readsTokens(head));
  const columns = sources.map(targetColumnsOf);
  const { truncationSide } = spec.hyperparameters;
  const rows = await readSplitRows({
    path,
    split: { name: spec.trainSplit, path: ['trainSplit'] },
    part: partOf(spec, false),
    most,
    textColumn: { name: spec.textColumn, path: ['textColumn'] },
    pairColumn: spec.pairColumn === null ? null : { name: spec.pairColumn, path: ['pairColumn'] },
    targetColumns: columns.flat(),
    wantsWords,
    maxCharacters: mostCharacters,
    truncationSide,
  });
  const words = wantsWords ? wordsOf(rows, truncationSide) : null;
  let read = 0;
  const heads = sources.map((source, i) => {
    const first = read;
    read += columns[i]!.length;
    return { source, targets: readTargets(source, rows.targets.slice(first, read), words, 'count') };
  });
  const seen = new Set<string>();
  const kept = [...rows.texts.keys()].filter((row) => {
    const key = JSON.stringify([rows.texts[row], rows.pairs?.[row] ?? null]);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew && heads.some(({ targets }) => targets.isPresent(row));
  });
  const keep = <Value>(values: readonly Value[] | null) => values && kept.map((row) => values[row]!);
  return {
    texts: keep(rows.texts)!,
    pairs: keep(rows.pairs),
    words: keep(words),
    heads: heads.map(({ source, targets }) => ({
      source,
      targets: {
        isPresent: (example) => targets.isPresent(kept[example]!),
        keep: (examples, texts) =>
          targets.keep(
            examples.map((example) => kept[example]!),
            texts,
          ),
      },
    })),
  };
}
