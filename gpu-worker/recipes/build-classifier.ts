import { headInputSize } from '../../src/protocol/model-manifest.js';
import type { Hyperparameters } from '../../src/protocol/run-spec.js';
import type { Engine, ParameterSpec, ParameterStore } from '../engine/types.js';
import type { LoadedModel } from '../models/load-model.js';
import { evaluationBatchSize, forwardAll, type OnBatch } from './classify.js';
import { compiledByLength } from './compiled-by-length.js';
import { type ExampleSource, featureSource, type PooledOutput, pooledOutput, tokenSource } from './example-source.js';
import type { TrainingInput } from './load-training.js';
import { encoderParameters, type Head, headParameters, initialHeads, lowestTrainedLayer } from './parameters.js';

/** A parameter that is trained but is no part of the model, such as a loss weight. Starts at zero. */
export type TrainingParameter = Pick<ParameterSpec, 'name' | 'shape'>;

/** An encoder with heads, ready to be trained. */
export interface Classifier {
  readonly parameters: ParameterStore;
  readonly training: ExampleSource;
  readonly validation: ExampleSource;
  readonly pooledOf: PooledOutput;
  /** The value of a tensor of the model, trained or not. */
  valuesOf(name: string): Float32Array;
}

/**
 * Makes the parameters, and says what graphs are fed: token ids; or, when all of the encoder is frozen, its outputs, computed
 * here once (its dropout is off, so they never change) and 10 to 100 times as fast to train from.
 *
 * @param onBatch called after every batch of encoding, with the examples encoded so far
 */
export async function buildClassifier(
  engine: Engine,
  { base, training, validation }: TrainingInput,
  heads: readonly Head[],
  extra: readonly TrainingParameter[],
  { freeze, maxLength, seed, dropout }: Hyperparameters,
  onBatch: OnBatch,
): Promise<Classifier> {
  const { manifest, tensors } = base;
  const lowest = lowestTrainedLayer(freeze, manifest);
  const isFrozen = lowest === manifest.layers.length;
  const encoder = encoderParameters(manifest, freeze);
  const values = new Map([...tensors].map(([name, { data }]) => [name, data]));
  for (const [name, value] of initialHeads(base, heads, seed)) values.set(name, value);
  for (const { name, shape } of extra) values.set(name, new Float32Array(shape.reduce((size, axis) => size * axis, 1)));

  const tokens = [training, validation].map(({ texts }) => tokenSource(texts, maxLength));
  const sources = isFrozen ? await encodeOnce(engine, base, encoder, values, tokens, onBatch) : tokens;
  const specs = [
    ...(isFrozen ? [] : encoder),
    ...headParameters(heads, headInputSize(manifest.config)),
    ...extra.map(({ name, shape }) => ({ name, shape, trainable: true, decay: false })),
  ];
  const parameters = engine.createParameters(specs, values);
  const names = new Set(specs.map(({ name }) => name));
  const [trainingSource, validationSource] = sources as [ExampleSource, ExampleSource];
  return {
    parameters,
    training: trainingSource,
    validation: validationSource,
    pooledOf: pooledOutput({ config: manifest.config, pooling: null, fromLayer: lowest, dropout, adapter: null }),
    valuesOf: (name) => (names.has(name) ? parameters.value(name) : (values.get(name) ?? new Float32Array(0))),
  };
}

/** The frozen encoder's outputs for every example of each source. */
async function encodeOnce(
  engine: Engine,
  { manifest }: LoadedModel,
  specs: readonly ParameterSpec[],
  values: ReadonlyMap<string, Float32Array>,
  sources: readonly ExampleSource[],
  onBatch: OnBatch,
): Promise<ExampleSource[]> {
  const store = engine.createParameters(specs, values);
  const pooledOf = pooledOutput({ config: manifest.config, pooling: null, fromLayer: 0, dropout: 0, adapter: null });
  const encoder = compiledByLength((length) =>
    engine.compileForward(
      store,
      (sources[0] as ExampleSource).inputs(evaluationBatchSize, length),
      (parameters, inputs) => ({ pooled: pooledOf(parameters, inputs, null) }),
      { frozen: true },
    ),
  );
  try {
    const encoded: ExampleSource[] = [];
    for (const source of sources) {
      const before = encoded.reduce((count, { lengths }) => count + lengths.length, 0);
      const outputs = await forwardAll(encoder, source, evaluationBatchSize, (done) => onBatch(before + done));
      encoded.push(featureSource(outputs.get('pooled') ?? new Float32Array(0), headInputSize(manifest.config)));
    }
    return encoded;
  } finally {
    await encoder.release();
    store.release();
  }
}
