import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import type { Graph, Named } from '../graph/graph.js';
import { cast } from '../lowerings/lowering.js';
import { dropoutBy } from '../random/dropout.js';
import type { DropoutSite } from '../random/keys.js';
import { maskNodes } from '../random/mask.js';
import type { ForwardFunction, InputSpec, LossFunction, ParameterSpec, Tensors } from '../types.js';
import { type Recording, record } from './record.js';

/**
 * Names of a graph's inputs and outputs. The prefixes keep apart a parameter, an input and a metric of the same name.
 */
export const names = {
  parameter: (name: string): string => `parameter/${name}`,
  input: (name: string): string => `input/${name}`,
  gradient: (name: string): string => `gradient/${name}`,
  metric: (name: string): string => `metric/${name}`,
  /** A scalar that multiplies every gradient. */
  scale: 'scale',
  loss: 'loss',
  dropout: (site: number, key: string): string => `dropout/${site}/${key}`,
} as const;

export interface TracedStep {
  /** Its outputs: the loss, the metrics, and a gradient for every trainable parameter that the loss depends on. */
  readonly graph: Graph;
  readonly metrics: readonly string[];
  /** Parameters with a gradient. */
  readonly differentiated: readonly string[];
  readonly dropoutSites: readonly DropoutSite[];
}

/** Records loss and gradients of one training step. */
export function traceStep(
  parameters: readonly ParameterSpec[],
  inputs: Readonly<Record<string, InputSpec>>,
  lossFunction: LossFunction,
): TracedStep {
  return record((recording) => {
    const parameterTensors = placeholders(recording, parameters);
    const inputTensors = inputPlaceholders(recording, inputs, names.input);
    const scale = recording.input(names.scale, [], 'float32');
    const outputs: Named[] = [];
    const metrics: string[] = [];
    const dropoutSites: DropoutSite[] = [];
    const evaluate = (): Tensor => {
      const random = tracedDropout(recording, dropoutSites);
      const result = lossFunction(parameterTensors, inputTensors, random);
      outputs.push({ name: names.loss, value: recording.valueOf(scalarLoss(result.loss), 'The loss') });
      for (const [name, tensor] of Object.entries(result.metrics ?? {})) {
        metrics.push(name);
        outputs.push({ name: names.metric(name), value: recording.valueOf(tensor, `The metric ${name}`) });
      }
      return result.loss;
    };
    const trainable = parameters.filter((parameter) => parameter.trainable);
    const differentiated: string[] = [];
    if (trainable.length === 0) {
      evaluate();
    } else {
      const wanted = trainable.map(({ name }) => parameterTensors[name]!);
      // `scale` seeds the backward pass, which makes the scaling free and leaves the loss unscaled.
      const { grads } = engine().gradients(evaluate, wanted, scale, true);
      trainable.forEach(({ name }, index) => {
        // tfjs returns nothing for a parameter that the loss does not depend on; its gradient stays zero.
        const gradient = grads[index] as Tensor | null | undefined;
        if (gradient === null || gradient === undefined) return;
        differentiated.push(name);
        outputs.push({ name: names.gradient(name), value: recording.valueOf(gradient, `The gradient of ${name}`) });
      });
    }
    return { graph: recording.builder.finish(outputs), metrics, differentiated, dropoutSites };
  });
}

/** An input whose sizes are all numbers. */
export type FixedInput<Input> = Omit<Input, 'shape'> & Pick<InputSpec, 'shape'>;

/** An input that a graph takes in another type than the function: int64, where other runtimes expect it. */
export type ForwardInput = InputSpec & { readonly fileType?: 'int64' };

/**
 * Records a function of inputs. The graph's inputs and outputs have the function's own names, because the graph may be
 * exported.
 */
export function traceForward(
  parameters: readonly ParameterSpec[],
  inputs: Readonly<Record<string, ForwardInput>>,
  forward: ForwardFunction,
): Graph {
  return record((recording) => {
    const parameterTensors = placeholders(recording, parameters);
    const results = forward(
      parameterTensors,
      inputPlaceholders(recording, inputs, (name) => name),
    );
    const outputs = Object.entries(results).map(([name, tensor]) => {
      if (Object.hasOwn(inputs, name))
        throw new EngineError('INVALID_FUNCTION', `${name} is the name of an input and of an output.`);
      return { name, value: recording.valueOf(tensor, `The output ${name}`) };
    });
    if (outputs.length === 0) throw new EngineError('INVALID_FUNCTION', 'The function returned no outputs.');
    return recording.builder.finish(outputs);
  });
}

function placeholders(recording: Recording, parameters: readonly ParameterSpec[]): Tensors {
  return Object.fromEntries(
    parameters.map(({ name, shape }) => [name, recording.input(names.parameter(name), shape, 'float32')]),
  );
}

function inputPlaceholders(
  recording: Recording,
  inputs: Readonly<Record<string, ForwardInput>>,
  nameOf: (name: string) => string,
): Tensors {
  const { builder, tensorOf } = recording;
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype, fileType }]) => [
      name,
      fileType === undefined
        ? recording.input(nameOf(name), shape, dtype)
        : tensorOf(cast(builder, builder.input(nameOf(name), shape, fileType), dtype)),
    ]),
  );
}

function scalarLoss(loss: Tensor): Tensor {
  if (loss?.rank !== 0 || loss.dtype !== 'float32') {
    throw new EngineError(
      'INVALID_FUNCTION',
      `The loss must be a float32 scalar, not ${loss?.dtype} [${loss?.shape}].`,
    );
  }
  return loss;
}

function tracedDropout({ builder, tensorOf }: Recording, sites: DropoutSite[]): ReturnType<typeof dropoutBy> {
  return dropoutBy((site, rate) => {
    sites.push(site);
    const key = (name: string, shape: readonly number[]) =>
      builder.input(names.dropout(site.site, name), shape, 'int32');
    const keys = {
      rowFactors: key('rowFactors', [site.rows, 1]),
      rowAddends: key('rowAddends', [site.rows, 1]),
      columnKeys: key('columnKeys', [site.columns]),
    };
    return tensorOf(maskNodes(builder, keys, rate));
  });
}
