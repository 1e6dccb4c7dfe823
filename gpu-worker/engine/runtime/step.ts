import { evaluate, type Polynomial } from '../dynamic/polynomial.js';
import { type DynamicGraph, fixedInputs, namedSizes, recordDynamic } from '../dynamic/record-dynamic.js';
import { writeOnnx } from '../onnx/write.js';
import { type GradientOutputs, splitEmbeddingGradients } from '../passes/embedding-gradients.js';
import { legalize, simplify } from '../passes/index.js';
import { rematerialize } from '../passes/rematerialize.js';
import { createDropoutKeys, type DropoutKeys, type DropoutSite, fillDropoutKeys } from '../random/keys.js';
import { names, traceStep } from '../trace/functions.js';
import type { DynamicInputSpec, GradientStep, LossFunction, ParameterStore, StepOptions } from '../types.js';
import { inputTensors } from './feeds.js';
import type { Tensor } from './onnx-runtime.js';
import { constantParameters, liveParameters, readingHeld } from './parameter-inputs.js';
import { float32Tensor, int32Tensor, openSession, type Provider, type SessionSettings } from './session.js';

/** Traces a loss, writes its graph with the backward pass, and loads it. */
export async function compileGradientStep(
  store: ParameterStore,
  inputs: Readonly<Record<string, DynamicInputSpec>>,
  loss: LossFunction,
  { maxima = {} }: StepOptions,
  settings: SessionSettings,
): Promise<GradientStep> {
  const recorded = recordStep(store, inputs, loss, maxima, settings.provider);
  const { metrics, gradients } = recorded;
  const executable = readingHeld(rematerialize(recorded.graph, names.loss), store);
  const constants = constantParameters(executable, store, (parameter) => !parameter.trainable);
  const session = await openSession(writeOnnx(executable, constants, namedSizes(recorded)), settings);

  const parameterTensors = liveParameters(executable, store, constants);
  const reads = new Set(executable.inputs.map(({ name }) => name));
  const scale = new Float32Array(1);
  const scaleTensor = float32Tensor(scale, []);
  const dropoutKeys = dropoutKeyTensors(recorded);
  const fixedFeeds = readBy(reads, { ...parameterTensors, [names.scale]: scaleTensor });

  return {
    async run(feeds, options) {
      const sizes = new Map(Object.entries(options.sizes ?? {}));
      const given = inputTensors(fixedInputs(inputs, sizes), feeds, names.input);
      scale[0] = options.scale;
      const dimensions = recorded.dimensions.map((name) => sizes.get(name)!);
      const keys = dropoutKeys(dimensions, options.seed, options.step);
      const results = await session.run({ ...fixedFeeds, ...readBy(reads, { ...given, ...keys }) });
      for (const { parameter, dense, rows } of gradients) {
        if (dense !== undefined) store.accumulate(parameter, results[dense]!.data as Float32Array);
        for (const part of rows) {
          const [ids, values] = [results[part.ids]!.data, results[part.rows]!.data];
          store.accumulateRows(parameter, ids as Int32Array, values as Float32Array);
        }
      }
      return {
        loss: Number(results[names.loss]!.data[0]),
        metrics: Object.fromEntries(
          metrics.map((name) => [name, Float32Array.from(results[names.metric(name)]!.data as Float32Array)]),
        ),
      };
    },
    release: () => session.release(),
  };
}

interface RecordedStep extends DynamicGraph {
  readonly metrics: readonly string[];
  readonly gradients: readonly GradientOutputs[];
  readonly dropoutSites: readonly DropoutSite[];
}

/**
 * Records the step's graph as the provider runs it. Metrics, gradients and dropout are the same at every size, except
 * for the sites' rows.
 */
function recordStep(
  store: ParameterStore,
  inputs: Readonly<Record<string, DynamicInputSpec>>,
  loss: LossFunction,
  maxima: Readonly<Record<string, number>>,
  provider: Provider,
): RecordedStep {
  const options = { maxima, nameOf: names.input, parameters: store.specs };
  const { first, ...recorded } = recordDynamic(inputs, options, (fixed, choices) => {
    const { graph, metrics, differentiated, dropoutSites } = traceStep(store.specs, fixed, loss);
    const gradientNames = new Map(differentiated.map((name) => [names.gradient(name), name]));
    const split = splitEmbeddingGradients(simplify(graph), gradientNames);
    return { graph: legalize(split.graph, provider, choices), metrics, gradients: split.gradients, dropoutSites };
  });
  return { ...first, ...recorded };
}

/**
 * The keys of all dropout sites for a step, as tensors over arrays that are kept from step to step and grow with the
 * sizes.
 */
function dropoutKeyTensors({
  graph,
  sizes,
  dropoutSites,
}: RecordedStep): (dimensions: readonly number[], seed: number, step: number) => Record<string, Tensor> {
  const inputs = new Map(graph.inputs.map(({ name, value }) => [name, value]));
  const sites = dropoutSites.map((recorded) => {
    /** The length of a kind of key as a function of the dimensions; undefined where it does not depend on them. */
    const sizeOf = (key: keyof DropoutKeys): Polynomial | undefined => {
      const input = inputs.get(names.dropout(recorded.site, key));
      return input && sizes?.get(input.id)?.[0];
    };
    return { recorded, rows: sizeOf('rowFactors'), columns: sizeOf('columnKeys'), keys: createDropoutKeys(recorded) };
  });
  return (dimensions, seed, step) => {
    const tensors = sites.map((site) => {
      const rows = site.rows === undefined ? site.recorded.rows : evaluate(site.rows, dimensions);
      const columns = site.columns === undefined ? site.recorded.columns : evaluate(site.columns, dimensions);
      if (rows > site.keys.rowFactors.length || columns > site.keys.columnKeys.length) {
        site.keys = createDropoutKeys({ ...site.recorded, rows, columns });
      }
      const keys = {
        rowFactors: site.keys.rowFactors.subarray(0, rows),
        rowAddends: site.keys.rowAddends.subarray(0, rows),
        columnKeys: site.keys.columnKeys.subarray(0, columns),
      };
      fillDropoutKeys(keys, seed, step, site.recorded.site);
      return dropoutTensors(site.recorded.site, keys);
    });
    return Object.assign({}, ...tensors);
  };
}

function dropoutTensors(site: number, { rowFactors, rowAddends, columnKeys }: DropoutKeys): Record<string, Tensor> {
  return {
    [names.dropout(site, 'rowFactors')]: int32Tensor(rowFactors, [rowFactors.length, 1]),
    [names.dropout(site, 'rowAddends')]: int32Tensor(rowAddends, [rowAddends.length, 1]),
    [names.dropout(site, 'columnKeys')]: int32Tensor(columnKeys, [columnKeys.length]),
  };
}

/** Leaves out the inputs that dead-node removal took from the graph, because they must not be fed. */
function readBy(reads: ReadonlySet<string>, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => reads.has(name)));
}
