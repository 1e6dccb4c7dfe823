import type { TokenClassificationScores } from '../../src/protocol/evaluation-scores.js';
import type { TagScheme } from '../../src/protocol/heads.js';
import { noTarget } from '../losses/cross-entropy.js';
import { scoreClasses } from './classification-scores.js';
import { argmaxOfRow } from './cross-entropy.js';
import { scoreEntities, type TaggedExample } from './entity-scores.js';

export interface TaggingTask {
  readonly task: string;
  /** The tags, in the order of the logits. */
  readonly labels: readonly string[];
  readonly scheme: TagScheme;
}

/** The tags of N examples, token by token. */
export interface TagTargets {
  /** [tokens] tag numbers at the first token of each word, `noTarget` at all others. */
  readonly tags: Int32Array;
  /** [N+1] example i is tags[offsets[i]] … tags[offsets[i+1] − 1]. */
  readonly offsets: Int32Array;
  /** Tags that the head does not know: number C + i is `unknown[i]`. */
  readonly unknown?: readonly string[];
}

/**
 * Scores of one token classification task: logits [tokens,C], one tag for each word. Tokens without a target do not
 * count: special tokens, words without a tag, and all tokens of a word but its first. As in transformers' examples,
 * words that were cut off count nowhere: an entity whose words were partly cut off is shortened in the truth and in the
 * prediction alike. A word with an unknown tag is wrong, and left out of the loss; an entity of an unknown type is
 * missed.
 */
export function scoreTags(
  { task, labels, scheme }: TaggingTask,
  logits: Float32Array,
  { tags, offsets, unknown = [] }: TagTargets,
): TokenClassificationScores {
  const { scores, predictedCounts } = scoreClasses({ task, labels }, logits, tags, unknown);
  const examples = taggedExamples(labels, logits, { tags, offsets, unknown });
  const perTag = scores.perClass.map((tag, c) => ({
    ...tag,
    predicted: predictedCounts[c] ?? 0,
    truePositives: scores.confusionMatrix[c]?.[c] ?? 0,
  }));
  return {
    kind: 'tokenClassification',
    task,
    exampleCount: examples.length,
    wordCount: scores.exampleCount,
    accuracy: scores.accuracy,
    loss: scores.loss,
    macro: scores.macro,
    weighted: scores.weighted,
    perTag,
    entities: scheme === 'plain' ? null : scoreEntities(examples),
    ...(scores.unknown === undefined ? {} : { unknown: scores.unknown }),
  };
}

/** True and predicted tags of each example that has a tagged word. */
function taggedExamples(
  labels: readonly string[],
  logits: Float32Array,
  { tags, offsets, unknown = [] }: TagTargets,
): TaggedExample[] {
  const examples: TaggedExample[] = [];
  for (const [example, start] of offsets.subarray(0, -1).entries()) {
    const actual: string[] = [];
    const predicted: string[] = [];
    for (let token = start; token < (offsets[example + 1] ?? start); token++) {
      const tag = tags[token] ?? noTarget;
      if (tag === noTarget) continue;
      actual.push(labels[tag] ?? unknown[tag - labels.length] ?? '');
      predicted.push(labels[argmaxOfRow(logits, token, labels.length)] ?? '');
    }
    if (actual.length > 0) examples.push({ actual, predicted });
  }
  return examples;
}
