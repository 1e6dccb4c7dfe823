import { type ArchitectureConfig, traitsOf } from '../../src/protocol/architectures/index.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import { chooseBuckets, lengthsThatOccur } from '../../src/protocol/length-buckets.js';
import type { Engine, ParameterSpec, ParameterStore } from '../engine/types.js';
import {
  type ExampleSource,
  featureSource,
  type ReadHeadInputs,
  readHeadInputs,
  tokenSource,
} from '../forward/example-source.js';
import type { Examples } from '../forward/examples.js';
import { openFrozenEncoder } from '../forward/frozen-encoder.js';
import { fillParameters, initialValues } from '../forward/initial-values.js';
import { type ModelPlan, plannedParameters } from '../forward/model-plan.js';
import type { OnBatch } from '../forward/run-heads.js';
import { decideOnStates, encodePrefix, frozenPrefix } from './frozen-prefix.js';
import type { TrainingInput } from './load-training.js';
import { plannedBytes } from './memory-estimate.js';
import type { TrainingTools } from './training-tools.js';

/** The most graphs that one training compiles: each holds buffers of its own. */
const mostBuckets = 8;

/** A parameter that is trained but is no part of the model, such as a loss weight. Starts at zero. */
export type TrainingParameter = Pick<ParameterSpec, 'name' | 'shape'>;

/** Where the biases of new heads start, in the heads' order; undefined: at zero. */
type InitialBiases = readonly (Float32Array | undefined)[];

export interface BuildEvents {
  /** Called after every batch of encoding, with the examples encoded so far. */
  readonly onBatch: OnBatch;
  /** Called with a sentence about what was decided for a frozen prefix. */
  readonly onDecision: (sentence: string) => Promise<void>;
}

/** An encoder with heads, ready to be trained. */
export interface Trainee {
  readonly config: ArchitectureConfig;
  readonly parameters: ParameterStore;
  readonly training: ExampleSource;
  readonly validation: ExampleSource;
  readonly read: ReadHeadInputs;
  /** The values of a tensor of the model as training left it; null where it is still the base model's. */
  valuesOf(name: string): Float32Array | null;
  /** Frees parameters and sources. */
  release(): void;
}

/**
 * Makes the parameters, and the sources that graphs are fed from. These hold token ids; or, when all of the encoder is
 * frozen and no head reads tokens, the encoder's outputs; or the states after its frozen lower layers. Outputs and
 * states are computed here once: frozen layers run without dropout, so these never change. Training from the outputs is
 * 10 to 100 times as fast.
 */
export async function buildTrainee(
  { engine, availableBytes }: Pick<TrainingTools, 'engine' | 'availableBytes'>,
  input: TrainingInput,
  { extra, biases }: { readonly extra: readonly TrainingParameter[]; readonly biases: InitialBiases },
  { maxLength, batchSize, seed, epochs }: Hyperparameters,
  { onBatch, onDecision }: BuildEvents,
): Promise<Trainee> {
  const { plan, base, training, validation } = input;
  const initial = initialValues(plan, seed, biases);
  const { hasOneGraphForAllLengths } = traitsOf(plan.base.config);
  const tokens = [training, validation].map(({ texts }) =>
    tokenSource(
      texts,
      hasOneGraphForAllLengths
        ? lengthsThatOccur(texts.lengths)
        : chooseBuckets(texts.lengths, { maxLength, passes: epochs, mostBuckets }),
    ),
  );
  const prefix = frozenPrefix(plan);
  // Memory that training itself needs is not spare.
  const spareBytes = Math.max(0, availableBytes() - plannedBytes(plan, { batchSize, maxLength, epochs }));
  const kept = prefix && decideOnStates(prefix, countTokens(training) + countTokens(validation), epochs, spareBytes);
  if (kept !== null) await onDecision(kept.reason);
  const place = kept?.place ?? null;
  const asTheyAre = { sources: tokens, close: () => undefined };
  const encodesTexts = plan.isEncoderFrozen && !plan.reading.needs.tokens;
  const { sources, close } = encodesTexts
    ? { ...asTheyAre, sources: await encodeOnce(engine, plan, base, tokens, onBatch) }
    : prefix !== null && place !== null
      ? await encodePrefix(engine, prefix, input, tokens, place, onBatch)
      : asTheyAre;
  const [trainingSource, validationSource] = sources as [ExampleSource, ExampleSource];

  const learned = extra.map(({ name, shape }) => ({ name, shape, trainable: true, decay: false }));
  const zeros = extra.map(({ name, shape }): [string, Float32Array] => [name, new Float32Array(sizeOf(shape))]);
  const isInPrefix = (name: string) => prefix?.names.has(name) === true && !prefix.readAbove.has(name);
  const isEncoded = (name: string) => encodesTexts || (place !== null && isInPrefix(name));
  const specs = plannedParameters(plan).filter(({ name, trainable }) => trainable || !isEncoded(name));
  const parameters = engine.createParameters([...specs, ...learned]);
  await fillParameters(parameters, base.weights, new Map([...initial, ...zeros]));
  const trained = new Set(specs.filter(({ trainable }) => trainable).map(({ name }) => name));
  return {
    config: plan.base.config,
    parameters,
    training: trainingSource,
    validation: validationSource,
    read: readHeadInputs(plan.reading),
    valuesOf: (name) => (trained.has(name) ? parameters.value(name) : null),
    release() {
      parameters.release();
      close();
    },
  };
}

/** The frozen encoder's outputs for every example of each source: what the trained part reads. */
async function encodeOnce(
  engine: Engine,
  plan: ModelPlan,
  { weights }: TrainingInput['base'],
  sources: readonly ExampleSource[],
  onBatch: OnBatch,
): Promise<ExampleSource[]> {
  const encoder = await openFrozenEncoder(engine, plan, weights, (sources[0] as ExampleSource).inputs);
  try {
    const encoded: ExampleSource[] = [];
    for (const source of sources) {
      const before = encoded.reduce((count, { lengths }) => count + lengths.length, 0);
      const values = await encoder.encode(source, (done) => onBatch(before + done));
      encoded.push(featureSource(encoder.name, values, encoder.width));
    }
    return encoded;
  } finally {
    await encoder.release();
  }
}

function countTokens({ texts }: Pick<Examples, 'texts'>): number {
  return texts.ids.length;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}
