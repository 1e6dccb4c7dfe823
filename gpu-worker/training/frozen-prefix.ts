import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import { readByEveryLayer } from '../architectures/encoder.js';
import { inference, isEncoder, isTransformer } from '../architectures/encoder-run.js';
import { statesAfter } from '../architectures/transformer.js';
import type { Batch } from '../data/batch-plan.js';
import { collateMask } from '../data/collate.js';
import { type RowStore, rowsInFile, rowsInMemory } from '../data/row-store.js';
import type { TokenizedTexts } from '../data/tokenize.js';
import type { Engine } from '../engine/types.js';
import { batchForward } from '../forward/batch-forward.js';
import { type ExampleSource, tokensOf } from '../forward/example-source.js';
import { fillParameters } from '../forward/initial-values.js';
import type { ModelPlan } from '../forward/model-plan.js';
import type { OnBatch } from '../forward/run-heads.js';
import type { TrainingInput } from './load-training.js';

const floatBytes = 4;

/** Share of the spare memory that states may take: the estimate of what training takes may be a third too low. */
const shareOfMemory = 0.5;

/** Larger states are not kept, not even in a file. */
const mostBytes = 64e9;

/** The lower layers of a model that training leaves as they are, below others that it changes. */
export interface FrozenPrefix {
  readonly config: TransformerConfig;
  /** Encoder layers in it, beside the embeddings. */
  readonly layers: number;
  /** Names of its parameters. */
  readonly names: ReadonlySet<string>;
  /** Those of them that the layers above read too. */
  readonly readAbove: ReadonlySet<string>;
}

/**
 * The frozen prefix of a model. Null where no layer is frozen, where an adapter is trained, where all of the encoder is
 * frozen and heads read one vector of each text (`buildTrainee` keeps that), and for a family that cannot run on from
 * states.
 */
export function frozenPrefix({ base, reading, isEncoderFrozen }: ModelPlan): FrozenPrefix | null {
  const { config, fromLayer, adapter, needs } = reading;
  if (!isTransformer(config) || adapter !== null || fromLayer === 0) return null;
  if (isEncoderFrozen && !needs.tokens) return null;
  // A pooler, the last of the layers, is never part of the prefix.
  const layers = Math.min(fromLayer - 1, config.layers);
  const below = base.layers.filter(({ index }) => index <= layers);
  const names = new Set(below.flatMap(({ tensors }) => tensors.map(({ name }) => name)));
  const readAbove = new Set(isEncoder(config) ? readByEveryLayer(config) : []);
  return { config, layers, names, readAbove };
}

/** Where states are kept. Null: nowhere, and the prefix runs with the rest in every update. */
export type StatesPlace = 'memory' | 'file' | null;

/**
 * Decides whether to keep the states of all examples. Results of the two ways round differently, so spec and data alone
 * decide; only the place depends on the machine. The reason is a sentence for the run's log.
 */
export function decideOnStates(
  { config, layers }: FrozenPrefix,
  tokens: number,
  epochs: number,
  spareBytes: number,
): { readonly place: StatesPlace; readonly reason: string } {
  const bytes = tokens * config.hiddenSize * floatBytes;
  const part =
    layers === 0 ? 'the frozen embeddings' : `the embeddings and ${layers} frozen layer${layers === 1 ? '' : 's'}`;
  const size = `${megabytes(bytes)} for ${tokens.toLocaleString('en')} tokens`;
  if (epochs < 2) return { place: null, reason: `Runs ${part} with the rest: there is one epoch only` };
  if (bytes > mostBytes) {
    const reason = `Runs ${part} with the rest: their states take ${size}, more than ${megabytes(mostBytes)}`;
    return { place: null, reason };
  }
  const room = shareOfMemory * spareBytes;
  const reason = `Runs ${part} once and keeps their states, ${size}`;
  if (bytes <= room) return { place: 'memory', reason };
  return { place: 'file', reason: `${reason}, in a temporary file: ${megabytes(room)} of memory may be used` };
}

export interface EncodedExamples {
  readonly sources: readonly ExampleSource[];
  /** Frees what the sources read from. */
  readonly close: () => void;
}

/**
 * Runs the prefix once over every example of both splits. The states never change, because the prefix has neither
 * updates nor dropout. Those of an example of T tokens are kept as [T,H], without padding.
 */
export async function encodePrefix(
  engine: Engine,
  prefix: FrozenPrefix,
  { plan, base, training, validation }: TrainingInput,
  sources: readonly ExampleSource[],
  place: 'memory' | 'file',
  onBatch: OnBatch,
): Promise<EncodedExamples> {
  const { config, layers, names } = prefix;
  const specs = plan.encoder.filter(({ name }) => names.has(name));
  const store = engine.createParameters(specs.map((spec) => ({ ...spec, trainable: false })));
  await fillParameters(store, base.weights, new Map());
  const encoder = batchForward(
    engine,
    store,
    (parameters, inputs) => ({ states: statesAfter(parameters, tokensOf(inputs), layers, config, inference) }),
    { config, inputs: (sources[0] as ExampleSource).inputs, frozen: true },
  );
  const stores: RowStore[] = [];
  const close = () => {
    for (const states of stores) states.close();
  };
  try {
    const encoded: ExampleSource[] = [];
    let done = 0;
    for (const [index, { texts }] of [training, validation].entries()) {
      const source = sources[index] as ExampleSource;
      const H = config.hiddenSize;
      const states = place === 'memory' ? rowsInMemory(texts.ids.length, H) : rowsInFile(H);
      stores.push(states);
      for (const batch of encoder.plan(source.lengths)) {
        const { outputs } = await encoder.run(source, batch);
        keepStates(states, outputs.states as Float32Array, texts, batch, H);
        done += batch.examples.length;
        await onBatch(done);
      }
      encoded.push(stateSource(states, texts, H, source.buckets));
    }
    return { sources: encoded, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    await encoder.release();
    store.release();
  }
}

/** Rows of a batch [B·T,H] into their places in all states [tokens,H], padding left out. */
function keepStates(
  all: RowStore,
  states: Float32Array,
  { offsets, lengths }: TokenizedTexts,
  { examples, length }: Batch,
  H: number,
): void {
  for (const [row, example] of examples.entries()) {
    const start = row * length * H;
    all.write(offsets[example] ?? 0, states.subarray(start, start + (lengths[example] ?? 0) * H));
  }
}

/** States [B,T,H], zero at padding, and mask [B,T]. */
function stateSource(
  all: RowStore,
  texts: TokenizedTexts,
  H: number,
  buckets: ExampleSource['buckets'],
): ExampleSource {
  return {
    lengths: texts.lengths,
    buckets,
    inputs: (batchSize, length) => ({
      states: { shape: [batchSize, length, H], dtype: 'float32' },
      mask: { shape: [batchSize, length], dtype: 'float32' },
    }),
    feeds(batch, batchSize) {
      const states = new Float32Array(batchSize * batch.length * H);
      for (const [row, example] of batch.examples.entries()) {
        const start = row * batch.length * H;
        all.read(texts.offsets[example] ?? 0, states.subarray(start, start + (texts.lengths[example] ?? 0) * H));
      }
      return { states, mask: collateMask(texts, batch, batchSize) };
    },
  };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}
