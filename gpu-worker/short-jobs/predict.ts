import type { PredictJob, TextPrediction } from '../../src/protocol/job.js';
import { standingBuckets } from '../data/buckets.js';
import { tokenizeTexts } from '../data/tokenize.js';
import { forwardAll } from '../forward/classify.js';
import { tokenSource } from '../forward/example-source.js';
import { softmaxRow } from '../metrics/cross-entropy.js';
import type { ReadyModel } from './ready-model.js';

/** Labels with probabilities of every head for each text, in the texts' order. */
export async function predict(
  model: ReadyModel,
  { texts, pairs }: Pick<PredictJob, 'texts' | 'pairs'>,
  onProgress: () => void,
): Promise<TextPrediction[]> {
  const { maxLength, manifest, tokenizer } = model;
  const cut = { maxLength, truncationSide: manifest.truncationSide };
  const tokens = tokenizeTexts(tokenizer, { texts, pairs }, cut, onProgress);
  const source = tokenSource(tokens, standingBuckets(maxLength));
  const logits = await forwardAll(model.classifier(source.inputs), source, onProgress);
  return texts.map((_, row) => ({
    tokenCount: tokens.lengths[row] ?? 0,
    truncated: tokens.truncated[row] === 1,
    tasks: manifest.heads.map(({ task, labels }) => ({
      task,
      labels: rank(labels, softmaxRow(logits.get(task) ?? new Float32Array(0), row, labels.length)),
    })),
  }));
}

/** Highest probability first; equal ones in the head's order. */
function rank(labels: readonly string[], probabilities: Float32Array) {
  return labels
    .map((label, c) => ({ label, probability: probabilities[c] ?? 0 }))
    .sort((left, right) => right.probability - left.probability);
}
