import { engine, scalar, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { fixedInputs } from '../dynamic/record-dynamic.js';
import { EngineError } from '../errors.js';
import { dropoutBy } from '../random/dropout.js';
import { createDropoutKeys, fillDropoutKeys } from '../random/keys.js';
import { maskValues } from '../random/mask.js';
import { checkFeeds } from '../runtime/feeds.js';
import type {
  DynamicInputSpec,
  GradientStep,
  LossFunction,
  ParameterStore,
  StepResult,
  TrainingRandomness,
} from '../types.js';
import { runOn } from './run-on.js';
import { inputTensors, parameterTensors } from './tensors.js';

/** One training step, executed operation by operation, with the same dropout masks as the compiled graphs. */
export function createEagerStep(
  store: ParameterStore,
  inputs: Readonly<Record<string, DynamicInputSpec>>,
  loss: LossFunction,
  backendName: string,
): GradientStep {
  const trainable = store.specs.filter((parameter) => parameter.trainable);
  let released = false;
  return {
    async run(feeds, { seed, step, scale, sizes = {} }) {
      if (released) throw new EngineError('RELEASED', 'This compiled function has been released.');
      const fixed = fixedInputs(inputs, new Map(Object.entries(sizes)));
      checkFeeds(fixed, feeds);
      return runOn(backendName, () => {
        const parameters = parameterTensors(store);
        let result: StepResult | undefined;
        const evaluate = (): Tensor => {
          const { loss: value, metrics = {} } = loss(parameters, inputTensors(fixed, feeds), eagerDropout(seed, step));
          // Read here, because tfjs disposes everything but the loss when the forward pass ends.
          result = { loss: value.dataSync()[0]!, metrics: readMetrics(metrics) };
          return value;
        };
        const wanted = trainable.map(({ name }) => parameters[name]!);
        if (wanted.length === 0) evaluate();
        else accumulate(engine().gradients(evaluate, wanted, scalar(scale), true).grads);
        return result!;
      });
    },
    async release() {
      released = true;
    },
  };

  function accumulate(gradients: readonly (Tensor | null | undefined)[]): void {
    trainable.forEach(({ name }, index) => {
      const gradient = gradients[index];
      if (gradient !== null && gradient !== undefined) store.accumulate(name, gradient.dataSync<'float32'>());
    });
  }
}

function readMetrics(metrics: Readonly<Record<string, Tensor>>): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [name, Float32Array.from(metric.dataSync())]),
  );
}

function eagerDropout(seed: number, step: number): TrainingRandomness {
  return dropoutBy((site, rate) => {
    const keys = createDropoutKeys(site);
    fillDropoutKeys(keys, seed, step, site.site);
    return tensor(maskValues(site, keys, rate), [site.rows, site.columns]);
  });
}
