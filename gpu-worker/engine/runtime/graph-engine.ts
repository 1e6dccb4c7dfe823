import { createParameterStore } from '../parameters.js';
import type { Engine, EngineChoice } from '../types.js';
import { compileDynamicFunction } from './dynamic-forward.js';
import { compileForwardFunction } from './forward.js';
import type { SessionSettings } from './session.js';
import { compileGradientStep } from './step.js';

/** An engine on one of ONNX Runtime's execution providers. */
export function createGraphEngine(choice: EngineChoice, settings: SessionSettings): Engine {
  const open = new Set<{ release(): Promise<void> }>();
  const track = async <Compiled extends { release(): Promise<void> }>(
    compiling: Promise<Compiled>,
  ): Promise<Compiled> => {
    const compiled = await compiling;
    const { release } = compiled;
    const tracked: Compiled = {
      ...compiled,
      release: () => {
        open.delete(tracked);
        return release();
      },
    };
    open.add(tracked);
    return tracked;
  };
  return {
    choice,
    createParameters: createParameterStore,
    compileStep: (store, inputs, loss, options = {}) =>
      track(compileGradientStep(store, inputs, loss, options, settings)),
    compileForward: (store, inputs, forward, options = {}) =>
      track(compileForwardFunction(store, inputs, forward, options, settings)),
    compileDynamicForward: (store, inputs, forward, options = {}) =>
      track(compileDynamicFunction(store, inputs, forward, options, settings)),
    async release() {
      await Promise.all([...open].map((compiled) => compiled.release()));
    },
  };
}
