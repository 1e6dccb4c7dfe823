import type { Tensor } from 'onnxruntime-node';
import { writeOnnx } from '../onnx/write.js';
import { type GradientOutputs, splitEmbeddingGradients } from '../passes/embedding-gradients.js';
import { legalize, simplify } from '../passes/index.js';
import { createDropoutKeys, type DropoutKeys, fillDropoutKeys } from '../random/keys.js';
import { names, traceStep } from '../trace/functions.js';
import type { GradientStep, InputSpec, LossFunction, ParameterStore } from '../types.js';
import { inputTensors } from './feeds.js';
import { constantParameters, liveParameters } from './parameter-inputs.js';
import { float32Tensor, int32Tensor, openSession, type SessionFetches, type SessionSettings } from './session.js';

/** Traces a loss, writes its graph with the backward pass, and loads it. */
export async function compileGradientStep(
  store: ParameterStore,
  inputs: Readonly<Record<string, InputSpec>>,
  loss: LossFunction,
  settings: SessionSettings,
): Promise<GradientStep> {
  const traced = traceStep(store.specs, inputs, loss);
  const gradientNames = new Map(traced.differentiated.map((name) => [names.gradient(name), name]));
  const { graph, gradients } = splitEmbeddingGradients(simplify(traced.graph), gradientNames);
  const constants = constantParameters(graph, store, (parameter) => !parameter.trainable);
  const executable = legalize(graph, settings.provider);
  const session = await openSession(writeOnnx(executable, constants), settings);

  const parameterTensors = liveParameters(executable, store, constants);
  const reads = new Set(executable.inputs.map(({ name }) => name));
  const scale = new Float32Array(1);
  const scaleTensor = float32Tensor(scale, []);
  const sites = traced.dropoutSites.map((site) => ({ ...site, keys: createDropoutKeys(site) }));
  const keyTensors = Object.assign({}, ...sites.map(({ site, keys }) => dropoutTensors(site, keys)));
  const fixedFeeds = readBy(reads, { ...parameterTensors, ...keyTensors, [names.scale]: scaleTensor });
  const { writing, allocating } = fetchesOf(
    executable.outputs.map(({ name }) => name),
    store,
    gradients,
  );

  return {
    async run(feeds, options) {
      scale[0] = options.scale;
      for (const { site, keys } of sites) fillDropoutKeys(keys, options.seed, options.step, site);
      const inPlace = store.gradientsAreZero;
      const results = await session.run(
        { ...fixedFeeds, ...readBy(reads, inputTensors(inputs, feeds, names.input)) },
        inPlace ? writing : allocating,
      );
      store.markGradientsWritten();
      for (const { parameter, dense, rows } of gradients) {
        if (dense !== undefined && !inPlace) store.accumulate(parameter, results[dense]!.data as Float32Array);
        for (const part of rows) {
          const [ids, values] = [results[part.ids]!.data, results[part.rows]!.data];
          store.accumulateRows(parameter, ids as Int32Array, values as Float32Array);
        }
      }
      return {
        loss: Number(results[names.loss]!.data[0]),
        metrics: Object.fromEntries(
          traced.metrics.map((name) => [name, Float32Array.from(results[names.metric(name)]!.data as Float32Array)]),
        ),
      };
    },
    release: () => session.release(),
  };
}

/**
 * Where results go. `writing`: dense gradients straight into the store, for when its accumulators are zero. `allocating`: everything
 * into fresh arrays, to be added.
 */
function fetchesOf(
  outputs: readonly string[],
  store: ParameterStore,
  gradients: readonly GradientOutputs[],
): { readonly writing: SessionFetches; readonly allocating: SessionFetches } {
  const allocating = Object.fromEntries(outputs.map((name) => [name, null]));
  const shapes = new Map(store.specs.map(({ name, shape }) => [name, shape]));
  const dense = gradients.filter((gradient) => gradient.dense !== undefined);
  const inPlace = dense.map(({ parameter, dense: name }) => [
    name,
    float32Tensor(store.gradient(parameter), shapes.get(parameter)!),
  ]);
  return { writing: { ...allocating, ...Object.fromEntries(inPlace) }, allocating };
}

function dropoutTensors(site: number, { rowFactors, rowAddends, columnKeys }: DropoutKeys): Record<string, Tensor> {
  return {
    [names.dropout(site, 'rowFactors')]: int32Tensor(rowFactors, [rowFactors.length, 1]),
    [names.dropout(site, 'rowAddends')]: int32Tensor(rowAddends, [rowAddends.length, 1]),
    [names.dropout(site, 'columnKeys')]: int32Tensor(columnKeys, [columnKeys.length]),
  };
}

/** Inputs that dead-node removal took from the graph must not be fed. */
function readBy(reads: ReadonlySet<string>, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => reads.has(name)));
}
