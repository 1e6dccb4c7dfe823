import { fixedInputs, traceDynamic } from '../export/dynamic-graph.js';
import { writeOnnx } from '../onnx/write.js';
import { legalize } from '../passes/index.js';
import type {
  DynamicForward,
  DynamicForwardOptions,
  DynamicInputSpec,
  ForwardFunction,
  ParameterStore,
} from '../types.js';
import { inputTensors } from './feeds.js';
import { fetchedNumbers } from './forward.js';
import { constantParameters, liveParameters } from './parameter-inputs.js';
import { openSession, type SessionSettings } from './session.js';

/** Traces a function of inputs whose sizes vary and loads its graph: one session for all of them. */
export async function compileDynamicFunction(
  store: ParameterStore,
  inputs: Readonly<Record<string, DynamicInputSpec>>,
  forward: ForwardFunction,
  { frozen = false, maxima = {} }: DynamicForwardOptions,
  settings: SessionSettings,
): Promise<DynamicForward> {
  const { graph } = traceDynamic(store.specs, inputs, forward, {
    maxima,
    finish: (traced) => legalize(traced, settings.provider),
  });
  const constants = constantParameters(graph, store, (parameter) => frozen || !parameter.trainable);
  const shapes = new Map<string, readonly (number | string)[]>([
    ...Object.entries(inputs).map(([name, { shape }]) => [name, shape] as const),
    // Whatever they come to: a session needs no sizes of its outputs.
    ...graph.outputs.map(({ name, value }) => [name, value.shape.map((_, axis) => `${name}/${axis}`)] as const),
  ]);
  const session = await openSession(writeOnnx(graph, constants, shapes), settings);
  const parameterTensors = liveParameters(graph, store, constants);
  const fetches = Object.fromEntries(graph.outputs.map(({ name }) => [name, null]));

  return {
    async run(feeds, sizes) {
      const given = inputTensors(fixedInputs(inputs, new Map(Object.entries(sizes))), feeds, (name) => name);
      return fetchedNumbers(await session.run({ ...parameterTensors, ...given }, fetches));
    },
    release: () => session.release(),
  };
}
