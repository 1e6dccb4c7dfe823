import { square, sum } from '@tensorflow/tfjs-core';
import type { BertConfig } from '../../src/protocol/architectures/index.js';
import type { MachineSpeed } from '../../src/protocol/training-time/machine-speed.js';
import { speedOf } from '../../src/protocol/training-time/speed-of.js';
import { layersOf } from '../architectures/encoder.js';
import { type EncoderRun, inference } from '../architectures/encoder-run.js';
import { tokenStates } from '../architectures/transformer.js';
import { normalOf } from '../data/normal.js';
import { createRandom } from '../data/random.js';
import type { Tensors } from '../engine/types.js';
import { tokensOf } from '../forward/example-source.js';
import { withoutDropout } from '../nn/without-dropout.js';
import type { TrainingTools } from './training-tools.js';

/** Large enough that threads have something to share, and small enough for a second on one of them. */
const config: BertConfig = {
  architecture: 'bert',
  vocabularySize: 64,
  hiddenSize: 256,
  intermediateSize: 1024,
  attentionHeads: 8,
  layers: 2,
  maxPositions: 64,
  tokenTypes: 2,
  layerNormEpsilon: 1e-12,
  activation: 'gelu',
  hiddenDropout: 0.1,
  attentionDropout: 0.1,
  classifierDropout: 0.1,
  padTokenId: 0,
};

const [rows, length] = [16, 64];

/** Steps that count, after one that does not. The fastest of them does: whatever comes between makes a step slower. */
const steps = 4;

/** The deviation of random weights. */
const deviation = 0.02;

/**
 * Measures how fast an engine trains: by the steps of a small encoder with random weights, which cost what costs.ts
 * says of them on the machine of reference, and by the time that a graph takes to be made. It takes about a second.
 */
export async function measureSpeed({ engine, clock }: Pick<TrainingTools, 'engine' | 'clock'>): Promise<MachineSpeed> {
  const model = { config, layers: layersOf(config, { pooler: false }) };
  const random = createRandom(1);
  const specs = model.layers.flatMap(({ tensors }) =>
    tensors.map(({ name, shape }) => ({ name, shape, trainable: true, decay: false })),
  );
  const parameters = engine.createParameters(specs);
  for (const { name } of specs)
    parameters.value(name).forEach((_, index, values) => {
      values[index] = normalOf(random, deviation);
    });
  const inputs = {
    ids: { shape: [rows, 'length'], dtype: 'int32' },
    mask: { shape: [rows, 'length'], dtype: 'float32' },
  } as const;
  const feeds = {
    ids: Int32Array.from({ length: rows * length }, (_, index) => index % config.vocabularySize),
    mask: new Float32Array(rows * length).fill(1),
  };
  const run: EncoderRun = { ...inference, dropout: null };
  const options = { maxima: { length: config.maxPositions } };
  const step = await engine.compileStep(
    parameters,
    inputs,
    (weights: Tensors, given: Tensors, random) => ({
      loss: sum(square(tokenStates(weights, tokensOf(given), config, { ...run, random }))),
    }),
    options,
  );
  const seconds: number[] = [];
  try {
    for (let each = 0; each <= steps; each++) {
      const startedAt = clock();
      await step.run(feeds, { seed: 1, step: each, scale: 1, sizes: { length } });
      if (each > 0) seconds.push((clock() - startedAt) / 1000);
    }
    const startedAt = clock();
    const forward = await engine.compileDynamicForward(
      parameters,
      inputs,
      (weights, given) => ({
        states: tokenStates(weights, tokensOf(given), config, { ...run, random: withoutDropout }),
      }),
      options,
    );
    const graphSeconds = (clock() - startedAt) / 1000;
    await forward.release();
    return speedOf({ model, rows, length, stepSeconds: Math.min(...seconds), graphSeconds });
  } finally {
    await step.release();
    parameters.release();
  }
}
