import type {
  ClassificationHead,
  MultiLabelHead,
  RegressionHead,
  TargetHead,
  TokenClassificationHead,
} from '../../src/protocol/heads.js';
import { keptLabels, type noTokens, type ScoredExample } from '../../src/protocol/scored-example.js';
import { restore } from '../data/target-standardization.js';
import { noTarget } from '../losses/cross-entropy.js';
import { argmaxOfRow, softmaxRow } from '../metrics/cross-entropy.js';
import { sigmoid } from '../metrics/sigmoid.js';
import { spansOf } from '../metrics/tag-spans.js';
import { type Targets, type TargetsOf, targetsOf } from './head-kind.js';

/** What is said of an example, `example` counting from 0 among those that were scored. */
export type JudgedExample = Omit<ScoredExample, 'task' | 'row' | keyof typeof noTokens> & { readonly example: number };

const nothing: Omit<JudgedExample, 'example' | 'isRight' | 'confidence' | 'error'> = {
  trueLabels: [],
  predictedLabels: [],
  missedLabels: [],
  falseLabels: [],
  labels: [],
  probabilities: [],
  words: [],
  trueValues: [],
  predictedValues: [],
};

/**
 * Compares a head's outputs with the targets, example by example; those without a target are left out. The decisions
 * are those that `scoreHead` counts.
 *
 * @param outputs [N,K], or [tokens,K] of a head that reads tokens
 * @param firstOfWord [tokens] the word whose first token it is, else −1; only heads that read tokens need it
 */
export function judgeHead(
  head: TargetHead,
  outputs: Float32Array,
  targets: Targets,
  firstOfWord: Int32Array | null,
): Iterable<JudgedExample> {
  switch (head.kind) {
    case 'classification':
      return judgeClassification(head, outputs, targetsOf(targets, 'classification'));
    case 'multiLabel':
      return judgeMultiLabel(head, outputs, targetsOf(targets, 'multiLabel'));
    case 'regression':
      return judgeRegression(head, outputs, targetsOf(targets, 'regression'));
    case 'tokenClassification':
      return judgeTags(head, outputs, targetsOf(targets, 'tokenClassification'), firstOfWord);
    default:
      return head satisfies never;
  }
}

function* judgeClassification(
  { labels }: ClassificationHead,
  logits: Float32Array,
  { classes, unknown }: TargetsOf<'classification'>,
): Generator<JudgedExample> {
  const C = labels.length;
  for (const [example, target] of classes.entries()) {
    if (target === noTarget) continue;
    const probabilities = softmaxRow(logits, example, C);
    const predicted = argmaxOfRow(logits, example, C);
    const isRight = predicted === target;
    const [trueLabel, predictedLabel] = [labels[target] ?? unknown[target - C] ?? '', labels[predicted] ?? ''];
    const shown = likeliest(probabilities, target < C ? [target, predicted] : [predicted]);
    yield {
      ...nothing,
      example,
      isRight,
      confidence: probabilities[predicted] ?? 0,
      error: 1 - (probabilities[target] ?? 0),
      trueLabels: [trueLabel],
      predictedLabels: [predictedLabel],
      missedLabels: isRight ? [] : [trueLabel],
      falseLabels: isRight ? [] : [predictedLabel],
      labels: shown.map((c) => labels[c] ?? ''),
      probabilities: shown.map((c) => probabilities[c] ?? 0),
    };
  }
}

function* judgeMultiLabel(
  { labels, thresholds }: MultiLabelHead,
  logits: Float32Array,
  { values, present, unknown }: TargetsOf<'multiLabel'>,
): Generator<JudgedExample> {
  const C = labels.length;
  const namesOf = (classes: readonly number[]) => classes.map((c) => labels[c] ?? '');
  for (const [example, isPresent] of present.entries()) {
    if (isPresent === 0) continue;
    const probabilities = Float64Array.from(labels, (_, c) => sigmoid(logits[example * C + c] ?? Number.NaN));
    const isTrue = (c: number) => values[example * C + c] === 1;
    const isPredicted = (c: number) => probabilities[c]! >= (thresholds[c] ?? Number.NaN);
    const classes = [...labels.keys()];
    const [actual, predicted] = [classes.filter(isTrue), classes.filter(isPredicted)];
    const strange = unknown.get(example) ?? [];
    const missed = [...namesOf(actual.filter((c) => !isPredicted(c))), ...strange];
    const falsely = predicted.filter((c) => !isTrue(c));
    let confidence = 1;
    let error = strange.length > 0 ? 1 : 0;
    for (const c of classes) {
      const p = probabilities[c]!;
      confidence = Math.min(confidence, isPredicted(c) ? p : 1 - p);
      error = Math.max(error, isTrue(c) ? 1 - p : p);
    }
    const shown = likeliest(probabilities, [...actual, ...falsely]);
    yield {
      ...nothing,
      example,
      isRight: missed.length === 0 && falsely.length === 0,
      confidence,
      error,
      trueLabels: [...namesOf(actual), ...strange],
      predictedLabels: namesOf(predicted),
      missedLabels: missed,
      falseLabels: namesOf(falsely),
      labels: namesOf(shown),
      probabilities: shown.map((c) => probabilities[c] ?? 0),
    };
  }
}

function* judgeRegression(
  head: RegressionHead,
  given: Float32Array,
  { values }: TargetsOf<'regression'>,
): Generator<JudgedExample> {
  const K = head.outputs.length;
  const restored = restore(given, head);
  for (let example = 0; example < values.length / K; example++) {
    const [actual, predicted] = [values, restored].map((all) => [...all.subarray(example * K, (example + 1) * K)]);
    const distances = actual!.flatMap((value, k) =>
      Number.isNaN(value) ? [] : [Math.abs(predicted![k]! - value) / (head.scales[k] ?? 1)],
    );
    if (distances.length === 0) continue;
    yield {
      ...nothing,
      example,
      isRight: null,
      confidence: null,
      error: distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
      trueValues: actual!.map((value) => (Number.isNaN(value) ? null : value)),
      predictedValues: predicted!,
    };
  }
}

function* judgeTags(
  { labels, scheme }: TokenClassificationHead,
  logits: Float32Array,
  { tags, offsets, unknown }: TargetsOf<'tokenClassification'>,
  firstOfWord: Int32Array | null,
): Generator<JudgedExample> {
  const C = labels.length;
  for (const [example, start] of offsets.subarray(0, -1).entries()) {
    const said = {
      words: [] as number[],
      actual: [] as string[],
      predicted: [] as string[],
      probabilities: [] as number[],
    };
    let confidence = 1;
    let error = 0;
    for (let token = start; token < (offsets[example + 1] ?? start); token++) {
      const tag = tags[token] ?? noTarget;
      if (tag === noTarget) continue;
      const probabilities = softmaxRow(logits, token, C);
      const predicted = argmaxOfRow(logits, token, C);
      said.words.push(firstOfWord?.[token] ?? said.words.length);
      said.actual.push(labels[tag] ?? unknown[tag - C] ?? '');
      said.predicted.push(labels[predicted] ?? '');
      said.probabilities.push(probabilities[predicted] ?? 0);
      confidence = Math.min(confidence, probabilities[predicted] ?? 0);
      error = Math.max(error, 1 - (probabilities[tag] ?? 0));
    }
    if (said.words.length === 0) continue;
    const parts = (names: readonly string[]) => partsOf(names, scheme);
    const [actual, predicted] = [parts(said.actual), parts(said.predicted)];
    const missing = (from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>) => [
      ...new Set([...from].filter(([part]) => !to.has(part)).map(([, label]) => label)),
    ];
    const [missedLabels, falseLabels] = [missing(actual, predicted), missing(predicted, actual)];
    yield {
      ...nothing,
      example,
      isRight: missedLabels.length === 0 && falseLabels.length === 0,
      confidence,
      error,
      trueLabels: said.actual,
      predictedLabels: said.predicted,
      missedLabels,
      falseLabels,
      probabilities: said.probabilities,
      words: said.words,
    };
  }
}

/**
 * What has to be predicted of a sequence of tags, by where it is: the entities of IOB2 tags, or each plain tag. Values
 * are the entity's type, or the tag.
 */
function partsOf(tags: readonly string[], scheme: TokenClassificationHead['scheme']): ReadonlyMap<string, string> {
  switch (scheme) {
    case 'iob2':
      return new Map(spansOf(tags, 'iob2').map(({ label, first, last }) => [`${first} ${last} ${label}`, label]));
    case 'plain':
      return new Map(tags.map((tag, word) => [`${word} ${tag}`, tag]));
    default:
      return scheme satisfies never;
  }
}

/** The classes with the highest probabilities and the wanted ones, the likeliest first. */
function likeliest(probabilities: Float32Array | Float64Array, wanted: readonly number[]): number[] {
  const best: number[] = [];
  for (const [c, probability] of probabilities.entries()) {
    if (best.length === keptLabels && !(probability > probabilities[best.at(-1)!]!)) continue;
    let place = best.length;
    while (place > 0 && probability > probabilities[best[place - 1]!]!) place--;
    best.splice(place, 0, c);
    if (best.length > keptLabels) best.pop();
  }
  return [...new Set([...best, ...wanted])].sort((left, right) => probabilities[right]! - probabilities[left]!);
}
