import { availableParallelism } from 'node:os';
import { traitsOf } from '../protocol/architectures/index.js';
import { learnsTokens, lowestLayerReached } from '../protocol/count-parameters.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import { isLanguageModelTensor } from '../protocol/trained-layers.js';
import type { TokenCounts } from './experiment-plan.js';

/**
 * Floating-point operations a second of one processor, over whole trainings. Measured with MiniLM in full on processors
 * with AVX-512: 9 · 10¹⁰ (docs/performance.md); those with AVX2 alone do about half.
 */
const operationsPerSecond = 5e10;

/**
 * Seconds that training takes on processors alone, a rough guess: the products of all updates at a usual speed, without
 * loading, evaluations and checkpoints.
 *
 * @param tokens lengths of the texts, by a sample
 */
export function estimateSeconds(
  spec: RunSpec,
  model: Pick<ModelManifest, 'config' | 'layers'>,
  { trainExamples, tokens }: { readonly trainExamples: number; readonly tokens: TokenCounts },
  processors: number = availableParallelism(),
): number {
  const { epochs } = spec.hyperparameters;
  const isLanguage = learnsTokens(spec);
  // Documents of language modelling are divided, and read whole.
  const length = spec.method === 'languageModelling' ? tokens.mean : tokens.meanAfterTruncation;
  const perToken = operationsPerToken(spec, model, Math.min(length, spec.hyperparameters.maxLength), isLanguage);
  const { once, eachEpoch } = perToken;
  return (trainExamples * length * (once + epochs * eachEpoch)) / (operationsPerSecond * processors);
}

/** Operations for a token: those that are made once, under heads over a frozen encoder, and those of each epoch. */
function operationsPerToken(
  spec: RunSpec,
  model: Pick<ModelManifest, 'config' | 'layers'>,
  length: number,
  isLanguage: boolean,
): { readonly once: number; readonly eachEpoch: number } {
  const { config, layers } = model;
  const { hiddenSize, vocabularySize } = config;
  const ofLayer = layers.map(({ index, parameterCount, tensors }) => {
    const isLayer = index > 0 && index <= config.layers && !tensors.some(isLanguageModelTensor);
    return isLayer ? 2 * parameterCount + 4 * length * hiddenSize : 0;
  });
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const forward = sum(ofLayer);
  const lowest = lowestLayerReached(spec.hyperparameters, model);
  if (lowest > config.layers) return { once: forward, eachEpoch: 0 };
  // Towards inputs as much as forward, and towards weights again, unless an adapter leaves them as they are.
  const backward = spec.hyperparameters.adapter === null ? 2 : 1;
  const reached = sum(ofLayer.filter((_, at) => layers[at]!.index >= lowest));
  const predicted = isLanguage ? predictedShare(spec, config) : 0;
  const logits = predicted * (1 + backward) * 2 * hiddenSize * vocabularySize;
  return { once: 0, eachEpoch: forward + backward * reached + logits };
}

/** Share of the tokens that are predicted. */
function predictedShare(spec: RunSpec, config: ModelManifest['config']): number {
  if (traitsOf(config).isCausal) return 1;
  return 'masking' in spec && spec.masking !== null ? spec.masking.share : 1;
}
