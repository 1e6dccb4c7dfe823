import type { Tensor } from '@tensorflow/tfjs-core';
import { fixedInputs } from '../dynamic/record-dynamic.js';
import { EngineError } from '../errors.js';
import { registerGradients } from '../gradients/register.js';
import { createParameterStore } from '../parameters.js';
import { checkFeeds } from '../runtime/feeds.js';
import type { CompiledForward, Engine, EngineChoice, ForwardFunction, InputSpec, ParameterStore } from '../types.js';
import { runOn } from './run-on.js';
import { createEagerStep } from './step.js';
import { inputTensors, parameterTensors } from './tensors.js';

/**
 * The engine's interface over plain tfjs: every call executes the function on the named backend, which must be
 * registered and initialized. Nothing is compiled; parameters, gradients and optimizer belong to the store, as on the
 * other targets.
 */
export function createEagerEngine(choice: EngineChoice, backendName: string): Engine {
  registerGradients();
  return {
    choice,
    createParameters: createParameterStore,
    compileStep: async (store, inputs, loss) => createEagerStep(store, inputs, loss, backendName),
    compileForward: async (store, inputs, forward) => createEagerForward(store, inputs, forward, backendName),
    compileDynamicForward: async (store, inputs, forward) => {
      let released = false;
      return {
        async run(feeds, sizes) {
          if (released) throw new EngineError('RELEASED', 'This compiled function has been released.');
          const fixed = fixedInputs(inputs, new Map(Object.entries(sizes)));
          return createEagerForward(store, fixed, forward, backendName).run(feeds);
        },
        async release() {
          released = true;
        },
      };
    },
    async release() {},
  };
}

function createEagerForward(
  store: ParameterStore,
  inputs: Readonly<Record<string, InputSpec>>,
  forward: ForwardFunction,
  backendName: string,
): CompiledForward {
  let released = false;
  return {
    async run(feeds) {
      if (released) throw new EngineError('RELEASED', 'This compiled function has been released.');
      checkFeeds(inputs, feeds);
      return runOn(backendName, () => {
        const results = forward(parameterTensors(store), inputTensors(inputs, feeds));
        return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, numbers(result)]));
      });
    },
    async release() {
      released = true;
    },
  };
}

/** Copies the values, because a backend may return its own memory. */
function numbers(result: Tensor): Float32Array | Int32Array {
  const data = result.dataSync();
  return result.dtype === 'float32' ? Float32Array.from(data) : Int32Array.from(data);
}
