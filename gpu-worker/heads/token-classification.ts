import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { TokenClassificationScores } from '../../src/protocol/evaluation-scores.js';
import type { TokenClassificationHead, TokenClassificationSpec } from '../../src/protocol/heads.js';
import type { TaskPrediction } from '../../src/protocol/job.js';
import { weighClasses } from '../data/class-weights.js';
import { collateTokenTargets } from '../data/collate.js';
import { classesOf } from '../data/labels.js';
import { charactersOf, type WordSpan } from '../data/word-spans.js';
import { crossEntropy, noTarget } from '../losses/cross-entropy.js';
import { argmaxOfRow, softmaxRow } from '../metrics/cross-entropy.js';
import { spansOf } from '../metrics/tag-spans.js';
import { scoreTags } from '../metrics/token-scores.js';
import { ProblemError } from '../problem-error.js';
import type { RowTargets, TargetSource, TargetsOf, TrainedHead } from './head-kind.js';
import { headToTrain } from './linear-head.js';

/** Token classification: a tag for each word, softmax over C tags at the word's first token, cross-entropy. */

/**
 * Lists of tags → tag numbers at the first tokens of the words. A word without a tag, or that was cut off, has none.
 * Errors: ProblemError UNKNOWN_LABEL, UNEQUAL_LENGTHS; and when rows are kept, EMPTY_SPLIT where no tagged word is left
 * of their texts.
 *
 * @param words of each row
 */
export function readTargets(
  values: readonly (readonly (string | null)[] | null)[],
  { head, columns }: TargetSource,
  words: readonly (readonly WordSpan[])[],
): RowTargets<TargetsOf<'tokenClassification'>> {
  const [column] = columns;
  const unequal = values.findIndex((tags, row) => tags !== null && tags.length !== words[row]?.length);
  if (unequal !== -1) throw unequalLengths(column!, words[unequal]?.length ?? 0, values[unequal]?.length ?? 0);
  const tagOf = new Map(head.outputs.map((tag, c) => [tag, c]));
  classesOf([...new Set(values.flatMap((tags) => tags ?? []))], head.outputs, column!);
  const isPresent = (row: number) => values[row]?.some((tag) => tag !== null) === true;
  return {
    isPresent,
    keep(rows, { firstOfWord, offsets }) {
      if (firstOfWord === null) throw new RangeError('texts were tokenized without their words');
      const tags = new Int32Array(firstOfWord.length).fill(noTarget);
      for (const [example, row] of rows.entries()) {
        for (let token = offsets[example] ?? 0; token < (offsets[example + 1] ?? 0); token++) {
          const tag = values[row]?.[firstOfWord[token] ?? -1];
          if (tag != null) tags[token] = tagOf.get(tag) ?? noTarget;
        }
      }
      if (rows.some((row) => isPresent(row)) && tags.every((tag) => tag === noTarget)) throw allCutOff(column!);
      return { kind: 'tokenClassification', tags, offsets };
    },
  };
}

/** @param path of the head in the spec. Errors: ProblemError UNKNOWN_LABEL (a class weight's). */
export function prepare(
  task: string,
  spec: TokenClassificationSpec,
  { tags, offsets }: TargetsOf<'tokenClassification'>,
  path: readonly string[],
): TrainedHead {
  const { labels, scheme } = spec;
  const classWeights = weighClasses(spec.classWeights, labels, tags, [...path, 'classWeights']);
  return {
    head: headToTrain({ task, head: spec }),
    modelHead: { kind: 'tokenClassification', task, labels, scheme },
    inputs: (at, batchSize, length) => ({
      [`targets${at}`]: { shape: [batchSize, length], dtype: 'int32' },
      [`classWeights${at}`]: { shape: [labels.length], dtype: 'float32' },
    }),
    feeds: (at, batch, batchSize) => ({
      [`targets${at}`]: collateTokenTargets(tags, offsets, batch, batchSize, noTarget),
      [`classWeights${at}`]: classWeights,
    }),
    loss: (at, logits, inputs) =>
      crossEntropy(logits, reshape(inputs[`targets${at}`] as Tensor, [-1]), {
        classWeights: inputs[`classWeights${at}`] as Tensor,
      }),
    weightOf(examples) {
      let sum = 0;
      for (const example of examples) {
        for (const tag of tags.subarray(offsets[example], offsets[example + 1])) {
          if (tag !== noTarget) sum += classWeights[tag] ?? 0;
        }
      }
      return sum;
    },
  };
}

/** @param logits [tokens,C] */
export function score(
  head: TokenClassificationHead,
  logits: Float32Array,
  targets: TargetsOf<'tokenClassification'>,
): TokenClassificationScores {
  return scoreTags(head, logits, targets);
}

/** What the model says of the words that it saw. */
export function predict(
  { task, labels, scheme }: TokenClassificationHead,
  logits: Float32Array,
  /** The first tokens of the text's words, as rows of the logits [tokens,C]. */
  words: readonly (WordSpan & { readonly token: number })[],
): TaskPrediction {
  const tagged = words.map(({ start, end, token }) => {
    const c = argmaxOfRow(logits, token, labels.length);
    return { start, end, tag: labels[c] ?? '', probability: softmaxRow(logits, token, labels.length)[c] ?? 0 };
  });
  const spans = spansOf(
    tagged.map(({ tag }) => tag),
    scheme,
  ).map(({ label, first, last }) => {
    const within = tagged.slice(first, last + 1);
    return {
      label,
      ...charactersOf({ first, last }, tagged),
      probability: within.reduce((sum, { probability }) => sum + probability, 0) / within.length,
    };
  });
  return { kind: 'tokenClassification', task, words: tagged, spans };
}

function unequalLengths({ name, path }: TargetSource['columns'][number], words: number, tags: number): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'UNEQUAL_LENGTHS',
    message: `a text of ${words} words has ${tags} tags in column “${name}”`,
    hint: 'Each word has one tag. Of a column of plain texts, words are what stands between white space.',
  });
}

/** Scores over no word would be 0, and a loss of 0 would look like the best. */
function allCutOff({ name, path }: TargetSource['columns'][number]): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'EMPTY_SPLIT',
    message: `no word with a tag in column “${name}” is left where the texts are cut off`,
    hint: 'Let the model read more of the texts, by a longer maxLength, or their other ends, by truncationSide.',
  });
}
