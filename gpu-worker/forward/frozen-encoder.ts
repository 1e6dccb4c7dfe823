import { headInputSize } from '../../src/protocol/architectures/index.js';
import { inference } from '../architectures/encoder-run.js';
import { headInputs } from '../architectures/head-input.js';
import type { Engine } from '../engine/types.js';
import type { ModelWeights } from '../models/model-weights.js';
import { batchForward } from './batch-forward.js';
import { type ExampleSource, frozenFeature, tokensOf } from './example-source.js';
import { fillParameters } from './initial-values.js';
import type { ModelPlan } from './model-plan.js';
import { forwardAll, type OnBatch } from './run-heads.js';

/** The encoder of a planned model, whose parameters do not change. */
export interface FrozenEncoder {
  /** Name of its output, as graphs read it as an input (`frozenFeature`). */
  readonly name: string;
  readonly width: number;
  /** What it makes of each example [N,O], or of each token [tokens,H]. */
  encode(source: ExampleSource, onBatch: OnBatch): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Loads the encoder of a plan and prepares its forward passes.
 *
 * @param inputs of every source that it will encode
 * @param reads one vector for each text, or the state of each token
 */
export async function openFrozenEncoder(
  engine: Engine,
  plan: ModelPlan,
  weights: ModelWeights,
  inputs: ExampleSource['inputs'],
  reads: 'texts' | 'tokens' = 'texts',
): Promise<FrozenEncoder> {
  const { config } = plan.base;
  const store = engine.createParameters(plan.encoder.map((spec) => ({ ...spec, trainable: false })));
  await fillParameters(store, weights, new Map());
  const isPoolerTrained = [...plan.encoder, ...plan.freshPooler].some(({ trainable }) => trainable);
  const feature = reads === 'texts' ? frozenFeature(plan.reading, isPoolerTrained) : tokenFeature(plan);
  const encoder = batchForward(engine, store, (parameters, fed) => ({ [feature.name]: feature.of(parameters, fed) }), {
    config,
    inputs,
    frozen: true,
  });
  const ofTokens = new Set(reads === 'texts' ? [] : [feature.name]);
  return {
    name: feature.name,
    width: reads === 'texts' ? headInputSize(config, { kind: 'classification' }) : config.hiddenSize,
    async encode(source, onBatch) {
      const outputs = await forwardAll(encoder, source, onBatch, ofTokens);
      return outputs.get(feature.name) ?? new Float32Array(0);
    },
    async release() {
      await encoder.release();
      store.release();
    },
  };
}

function tokenFeature({ reading: { config } }: ModelPlan): ReturnType<typeof frozenFeature> {
  const needs = { pooled: false, tokens: true };
  return {
    name: 'tokens',
    of: (parameters, inputs) => {
      const { tokens } = headInputs(parameters, tokensOf(inputs), config, null, needs, inference);
      if (tokens === undefined) throw new RangeError(`${config.architecture} gave no states of tokens`);
      return tokens;
    },
  };
}
