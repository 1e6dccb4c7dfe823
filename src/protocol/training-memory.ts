import { type ArchitectureConfig, embeddingWidth, traitsOf } from './architectures/index.js';
import type { HeldSize } from './held-weights.js';

const floatBytes = 4;

/** The most logits of a language model that a step computes at a time. */
export const mostLogitsAtOnce = 2 ** 24;

/**
 * Frozen weights of more than this together stay where they are, and graphs read them there. Fewer become constants of
 * the graphs, which ONNX Runtime repacks for its products: training of 135 million frozen parameters took 3 % less time
 * with constants, and 5.1 GB instead of 2.4.
 */
export const mostConstantBytes = 2 ** 28;

/** What Node, ONNX Runtime, DuckDB and the tokenizer take before there is any tensor. */
const runtimeBytes = 230 * 2 ** 20;

/** The sizes of a training that its memory depends on. */
export interface TrainingSize {
  readonly config: ArchitectureConfig;
  readonly batchSize: number;
  /** Tokens of the longest batches. */
  readonly maxLength: number;
  /**
   * Index of the lowest layer that gradients reach: 0 for the embeddings and for an adapter; more than `layers` when
   * the encoder is frozen.
   */
  readonly lowestTrainedLayer: number;
  /** How many numbers training changes, and how many it only reads. */
  readonly trainable: number;
  readonly frozen: number;
  /** Whether the tokens of the texts are predicted. Default: no. */
  readonly predictsTokens?: boolean;
  /**
   * Whether frozen lower layers run once, and are gone when training begins: where there are several epochs.
   * Default: no.
   */
  readonly runsPrefixOnce?: boolean;
  /** Those of the frozen numbers that every graph reads from one place. Default: none. */
  readonly held?: HeldSize;
}

/**
 * Bytes that training takes at its peak, by which API and worker refuse a training. Weights stream from the disk, so
 * that loading takes no more than their place in memory. Trained weights have four places: values, gradient and two
 * moments. Frozen weights that are not too many lie in the graphs for training and validation as well, repacked for
 * products; an encoder that is frozen whole lies in one graph, which is gone before training begins.
 *
 * Measured with MiniLM-L6 (22.7 M parameters), estimate ÷ peak: all trained at 16 × 128 tokens 1.05 with a head on the
 * first token and 0.95 on the mean, at 32 × 128 0.99, at 8 × 256 1.02; a low-rank adapter 0.97; three layers frozen
 * 1.03; all frozen 0.96. Llama, Qwen3 and Gemma 3 (8 layers of 320 or 512, 7 to 27 M parameters, at 16 × 128 tokens),
 * with heads as wide as the states and wider, and as many of keys as of queries and fewer: 0.95 to 1.05.
 */
export function estimateTrainingBytes(size: TrainingSize): number {
  const { trainable, frozen, held = { weights: 0, bytes: 0, largest: 0 } } = size;
  const ofSteps = graphsOf(size) === 1 ? activations(size) : graphsOf(size) * shareOfLengths * activations(size);
  const numbers = 4 * trainable + frozenNumbers(size, frozen - held.weights) + ofSteps + logits(size);
  const writes = size.predictsTokens === true && traitsOf(size.config).isCausal && held.bytes === 0;
  const ofHeld = held.bytes === 0 ? 0 : heldGraphBytes(size.config.layers);
  const ofGraphs = (graphsOf(size) - 1 + (writes ? 2 : 0)) * graphBytes + ofHeld;
  return Math.ceil(runtimeBytes + ofGraphs + held.bytes + floatBytes * (numbers + transientMatrices * held.largest));
}

/**
 * Graphs that a training step is compiled to: one, or in families that need one for each length about as many as
 * buckets are chosen (gpu-worker/training/build-trainee.ts), each with buffers for its own length.
 */
function graphsOf(size: TrainingSize): number {
  return traitsOf(size.config).hasOneGraphForAllLengths ? 1 : isEncoderFrozen(size) ? 3 : 7;
}

/** The lengths of such graphs on average, by that of the longest. */
const shareOfLengths = 0.55;

/** What a graph takes beside its buffers: its file, its nodes, what Node keeps of its making. */
export const graphBytes = 25 * 2 ** 20;

/** What the nodes take that make float32 of held matrices, in two graphs. */
function heldGraphBytes(layers: number): number {
  return (30 + 3.5 * layers) * 2 ** 20;
}

/** What frozen weights take, which are not held: those that are only looked up have one place. */
function frozenNumbers(size: TrainingSize, frozen: number): number {
  // Store and graphs of the one pass.
  if (isEncoderFrozen(size)) return (1 + graphsOf(size)) * frozen;
  if (size.runsPrefixOnce === true) return 2 * frozen;
  const { config, predictsTokens = false } = size;
  const lookedUp = predictsTokens ? 0 : Math.min(frozen, config.vocabularySize * embeddingWidth(config));
  const multiplied = frozen - lookedUp;
  const ofGraphs = graphsOf(size) === 1 ? placesOfConstants : 1 + placesInAGraph * graphsOf(size);
  const places = floatBytes * multiplied <= mostConstantBytes ? ofGraphs : 1;
  return lookedUp + places * multiplied;
}

/** The store, and in the graphs for training and validation the file, the session, and what it repacks. */
const placesOfConstants = 9;

/** The same of one of several graphs. */
export const placesInAGraph = 2.6;

/**
 * What held matrices take while products read them as float32, in sizes of the largest: one at a time, in two sessions,
 * and between what else comes and goes in their memory.
 */
const transientMatrices = 15;

/** Share of the tokens that are masked, unless a spec is unusual. */
const mostMasked = 0.3;

/** Tokens of a batch of an evaluation: gpu-worker/forward/score-rows.ts. */
const scoredTokens = 1024;

/** Three arrays over the logits of a chunk, and what is added up of the gradient of their table. */
function logits({ config, batchSize, maxLength, trainable, predictsTokens = false }: TrainingSize): number {
  if (!predictsTokens) return 0;
  const table = config.vocabularySize * embeddingWidth(config);
  const { isCausal } = traitsOf(config);
  const targets = batchSize * maxLength * (isCausal ? 1 : mostMasked);
  const together = Math.min(targets * config.vocabularySize, mostLogitsAtOnce);
  // An evaluation has a graph of its own, of other batches.
  const scored = Math.min(scoredTokens * config.vocabularySize, mostLogitsAtOnce);
  return 3 * together + scored + (trainable >= table ? 3 * table : 0);
}

function isEncoderFrozen({ config, lowestTrainedLayer }: TrainingSize): boolean {
  return lowestTrainedLayer > config.layers;
}

/**
 * Numbers in memory at the peak of a step: what each trained layer keeps for its backward pass; without a trained
 * layer, what a single layer computes with.
 */
function activations({ config, batchSize, maxLength: T, lowestTrainedLayer }: TrainingSize): number {
  const { intermediateSize, attentionHeads, layers } = config;
  // What is between is computed again (gpu-worker/engine/passes/rematerialize.ts); a gate adds its own projection.
  const wide = traitsOf(config).hasGates ? 2 : 1;
  const perToken = ofStates(config) + wide * intermediateSize + 2.5 * attentionHeads * T;
  const trainedLayers = Math.max(0, layers + 1 - Math.max(1, lowestTrainedLayer));
  return batchSize * T * perToken * Math.max(1, trainedLayers);
}

/**
 * Numbers for each token and layer that are as many as states, queries, keys and values are wide. Heads of descendants
 * of Llama may be wider together than the states, and those of keys and values fewer than those of queries.
 */
function ofStates(config: ArchitectureConfig): number {
  if (!('headSize' in config)) return 6 * config.hiddenSize;
  const { hiddenSize, headSize, attentionHeads, keyValueHeads } = config;
  const [queries, keys] = [attentionHeads * headSize, keyValueHeads * headSize];
  const { moreNorms } = traitsOf(config);
  const ofHeadNorms = moreNorms === 'none' ? 0 : 2 * (queries + keys);
  const ofOutputNorms = moreNorms === 'ofHeadsAndOutputs' ? hiddenSize : 0;
  return 2 * hiddenSize + 5 * queries + 3 * keys + ofHeadNorms + ofOutputNorms;
}
