import { fixedInputs, namedSizes, recordDynamic } from '../dynamic/record-dynamic.js';
import { rootOf, writeOnnx } from '../onnx/write.js';
import { fuseForwardOperators, fuseRuntimeOperators } from '../passes/forward-operators.js';
import { legalize, simplify } from '../passes/index.js';
import { traceForward } from '../trace/functions.js';
import type {
  DynamicForward,
  DynamicForwardOptions,
  DynamicInputSpec,
  ForwardFunction,
  ParameterStore,
} from '../types.js';
import { inputTensors } from './feeds.js';
import { fetchedNumbers } from './forward.js';
import { constantParameters, filedParameters, liveParameters, readingHeld } from './parameter-inputs.js';
import { openSession, type SessionSettings } from './session.js';

/** Traces a function of inputs whose sizes vary and loads its graph: one session for all sizes. */
export async function compileDynamicFunction(
  store: ParameterStore,
  inputs: Readonly<Record<string, DynamicInputSpec>>,
  forward: ForwardFunction,
  { frozen = false, maxima = {}, fewRows = false }: DynamicForwardOptions,
  settings: SessionSettings,
): Promise<DynamicForward> {
  const options = { maxima, nameOf: (name: string) => name, parameters: store.specs };
  const recorded = recordDynamic(inputs, options, (fixed, choices) => {
    const fused = fuseForwardOperators(simplify(traceForward(store.specs, fixed, forward)));
    const compact = fewRows && settings.provider === 'cpu' ? fuseRuntimeOperators(fused) : fused;
    return { graph: legalize(compact, settings.provider, choices, { absorbsScalars: !fewRows }) };
  });
  const graph = readingHeld(recorded.graph, store);
  const constants = constantParameters(graph, store, (parameter) => frozen || !parameter.trainable);
  const files = filedParameters(graph, store);
  const [anyFile] = files.values();
  const model = writeOnnx(graph, constants, namedSizes(recorded), files);
  const externalFolder = anyFile && rootOf(anyFile.path);
  const session = await openSession(model, settings, { externalFolder, keepsFactors: fewRows });
  const parameterTensors = liveParameters(graph, store, constants);

  return {
    async run(feeds, sizes) {
      const given = inputTensors(fixedInputs(inputs, new Map(Object.entries(sizes))), feeds, (name) => name);
      return fetchedNumbers(await session.run({ ...parameterTensors, ...given }));
    },
    release: () => session.release(),
  };
}
