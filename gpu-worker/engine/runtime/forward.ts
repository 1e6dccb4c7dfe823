import { EngineError } from '../errors.js';
import { writeOnnx } from '../onnx/write.js';
import { fuseForwardOperators } from '../passes/forward-operators.js';
import { legalize, simplify } from '../passes/index.js';
import { traceForward } from '../trace/functions.js';
import type { CompiledForward, ForwardFunction, ForwardOptions, InputSpec, ParameterStore } from '../types.js';
import { inputTensors } from './feeds.js';
import { constantParameters, liveParameters, readingHeld } from './parameter-inputs.js';
import { openSession, type SessionSettings } from './session.js';

/** Traces a function of inputs and loads its graph. */
export async function compileForwardFunction(
  store: ParameterStore,
  inputs: Readonly<Record<string, InputSpec>>,
  forward: ForwardFunction,
  { frozen = false }: ForwardOptions,
  settings: SessionSettings,
): Promise<CompiledForward> {
  const graph = fuseForwardOperators(simplify(traceForward(store.specs, inputs, forward)));
  const constants = constantParameters(graph, store, (parameter) => frozen || !parameter.trainable);
  const executable = readingHeld(legalize(graph, settings.provider), store);
  const session = await openSession(writeOnnx(executable, constants), settings);
  const parameterTensors = liveParameters(executable, store, constants);
  const reads = new Set(executable.inputs.map(({ name }) => name));

  return {
    async run(feeds) {
      const given = Object.entries(inputTensors(inputs, feeds, (name) => name)).filter(([name]) => reads.has(name));
      const results = await session.run({ ...parameterTensors, ...Object.fromEntries(given) });
      return fetchedNumbers(results);
    },
    release: () => session.release(),
  };
}

/** The outputs as arrays. */
export function fetchedNumbers(
  results: Readonly<Record<string, { readonly data: unknown }>>,
): Record<string, Float32Array | Int32Array> {
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, numbers(name, data)]));
}

/** The values of an output; bools become 0 and 1. */
function numbers(name: string, data: unknown): Float32Array | Int32Array {
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  if (data instanceof Uint8Array) return Int32Array.from(data);
  throw new EngineError('RUNTIME', `The output ${name} is neither float32, int32 nor bool.`);
}
