import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { TokenClassificationScores } from '../../src/protocol/evaluation-scores.js';
import type { TokenClassificationHead, TokenClassificationSpec } from '../../src/protocol/heads.js';
import type { TaskPrediction } from '../../src/protocol/job.js';
import { weighClasses } from '../data/class-weights.js';
import { collateTokenTargets } from '../data/collate.js';
import { classesOf, requireKnown, type UnknownLabels } from '../data/labels.js';
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
 * Turns lists of tags into tag numbers at the first tokens of the words. A word that has no tag, or whose first token
 * was cut off, has no target. Errors: ProblemError UNKNOWN_LABEL, also where the head knows none of the tags;
 * UNEQUAL_LENGTHS; `keep` throws EMPTY_SPLIT where the texts, once cut, have no word left with a tag that it knows.
 *
 * @param words of each row
 */
export function readTargets(
  values: readonly (readonly (string | null)[] | null)[],
  { head, columns }: TargetSource,
  words: readonly (readonly WordSpan[])[],
  unknownLabels: UnknownLabels,
): RowTargets<TargetsOf<'tokenClassification'>> {
  const [column] = columns;
  const unequal = values.findIndex((tags, row) => tags !== null && tags.length !== words[row]?.length);
  if (unequal !== -1) throw unequalLengths(column!, words[unequal]?.length ?? 0, values[unequal]?.length ?? 0);
  const different = [...new Set(values.flatMap((tags) => tags ?? []))];
  const read = classesOf(different, head.outputs, column!, unknownLabels);
  requireKnown(different, read, head.outputs, column!);
  const { classes, unknown } = read;
  const tagOf = new Map(different.map((tag, i) => [tag, classes[i]!]));
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
      const isKnown = (tag: number) => tag !== noTarget && tag < head.outputs.length;
      if (rows.some((row) => isPresent(row)) && !tags.some(isKnown)) throw allCutOff(column!);
      return { kind: 'tokenClassification', tags, offsets, unknown };
    },
  };
}

/** @param path of the head in the spec. Errors: ProblemError UNKNOWN_LABEL (of a class weight). */
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

/** The tags and spans that a head predicts for the words of a text that the model read. */
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
    hint: 'Each word needs one tag. In a column of plain texts, white space separates the words.',
  });
}

/** The error of a split without a tagged word: scores over no word would be 0, and a loss of 0 would look perfect. */
function allCutOff({ name, path }: TargetSource['columns'][number]): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'EMPTY_SPLIT',
    message: `no word with a known tag in column “${name}” is left after the texts are cut to maxLength`,
    hint: 'Let the model read more of each text, by a larger maxLength, or its other end, by truncationSide.',
  });
}
