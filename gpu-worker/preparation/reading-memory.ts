import { type InputProblem, problem } from '../../src/problems/problem.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { predictedTokensOf } from '../../src/protocol/predicts-tokens.js';
import { estimateTrainingBytes } from '../../src/protocol/training-memory.js';
import { formatBytes } from '../hugging-face/problems.js';

/** Tokens of a batch that a frozen model reads: `batchForward`. */
const tokensPerBatch = 1024;

/**
 * OUT_OF_MEMORY of a model that the memory cannot hold, with both figures; null: it can. Asked before weights are
 * read. What a frozen model takes at its peak is what a training of heads alone takes: weights and graphs, a batch's
 * activations, the runtime.
 *
 * @param maxLength tokens of the longest text that it reads
 * @param use whether texts become vectors, or masked tokens are guessed
 * @param path of the model in the input
 */
export function readingMemoryProblem(
  manifest: ModelManifest,
  maxLength: number,
  use: 'vectors' | 'guesses',
  availableBytes: number,
  path: readonly string[],
): InputProblem | null {
  const needed = estimateTrainingBytes({
    config: manifest.config,
    batchSize: Math.max(1, Math.floor(tokensPerBatch / maxLength)),
    maxLength,
    lowestTrainedLayer: manifest.config.layers + 1,
    trainable: 0,
    frozen: manifest.parameterCount,
    predictsTokens: use === 'guesses' && predictedTokensOf(manifest) !== null,
  });
  if (needed <= availableBytes) return null;
  const message = `To read texts with this model takes about ${formatBytes(needed)} of memory, and the worker has ${formatBytes(availableBytes)} left.`;
  return problem(path, 'OUT_OF_MEMORY', message, 'Choose a smaller model, or give the worker more memory.');
}
