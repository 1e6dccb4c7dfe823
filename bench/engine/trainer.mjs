import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstTokenStates, layersOf, poolFirstToken } from '../../dist/gpu-worker/architectures/encoder.js';
import { createEngine } from '../../dist/gpu-worker/engine/index.js';
import { crossEntropy } from '../../dist/gpu-worker/losses/cross-entropy.js';
import { linear } from '../../dist/gpu-worker/nn/linear.js';
import { batchCount, batches, batchSize, classes, config, optimizer, tokens } from './workload.mjs';

/** The parameters in the order in which their starting values lie in the workload's file. */
export function parameterSpecs() {
  return [
    ...layersOf(config, { pooler: true })
      .flatMap(({ tensors }) => tensors)
      .map(({ name, shape }) => ({ name, shape, trainable: true, decay: shape.length > 1 })),
    { name: 'classifier.weight', shape: [classes, config.hiddenSize], trainable: true, decay: true },
    { name: 'classifier.bias', shape: [classes], trainable: true, decay: false },
  ];
}

/** Compiles the training step as a recipe would. `step()` trains on the next batch and gives its loss. */
export async function createTrainer(folder, dropout, threads) {
  const specs = parameterSpecs();
  const engine = await createEngine({ target: 'cpu', threads });
  const store = engine.createParameters(specs, startingValuesFrom(join(folder, 'start.f32'), specs));
  const inputs = {
    ids: { shape: [batchSize, tokens], dtype: 'int32' },
    mask: { shape: [batchSize, tokens], dtype: 'float32' },
    labels: { shape: [batchSize], dtype: 'int32' },
  };
  const gradientStep = await engine.compileStep(store, inputs, (parameters, { ids, mask, labels }, random) => {
    const run = { random, dropout, fromLayer: 0, adapter: null };
    const first = firstTokenStates(parameters, { ids, mask }, config, run);
    const pooled = random.dropout(poolFirstToken(parameters, first, config, run), dropout);
    const logits = linear(pooled, parameters['classifier.weight'], parameters['classifier.bias']);
    return { loss: crossEntropy(logits, labels) };
  });
  const data = batches();
  let step = 0;
  return {
    async step() {
      const { loss } = await gradientStep.run(data[step % batchCount], { seed: 1, step, scale: 1 });
      store.update(optimizer);
      step += 1;
      return loss;
    },
  };
}

function startingValuesFrom(path, specs) {
  const file = readFileSync(path);
  const all = new Float32Array(file.buffer, file.byteOffset, file.byteLength / 4);
  let offset = 0;
  return new Map(
    specs.map(({ name, shape }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      offset += length;
      return [name, all.subarray(offset - length, offset)];
    }),
  );
}
