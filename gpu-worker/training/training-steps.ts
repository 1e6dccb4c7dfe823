import type { ArchitectureConfig } from '../../src/protocol/architectures/index.js';
import { longestText, traitsOf } from '../../src/protocol/architectures/index.js';
import type { GradientStep, StepOptions } from '../engine/types.js';
import { type CompiledByLength, compiledByLength } from '../forward/compiled-by-length.js';

/**
 * Gradient steps for batches of every length. One graph takes them all where the model allows it: graphs of one length
 * would each keep buffers of their own (with MiniLM 0.3 MB a token), and batches would be padded to the few lengths
 * that have graphs.
 *
 * @param compile makes the graph for batches of one length or, given a name in place of the length, for all batches
 */
export function trainingSteps(
  config: ArchitectureConfig,
  compile: (length: number | string, options: StepOptions) => Promise<GradientStep>,
): CompiledByLength<GradientStep> {
  if (!traitsOf(config).hasOneGraphForAllLengths) return compiledByLength((length) => compile(length, {}));
  const maxima = { length: longestText(config) };
  const compiled = compiledByLength(() => compile('length', { maxima }));
  return {
    async at(length) {
      const step = await compiled.at(0);
      return {
        ...step,
        run: (feeds, options) => step.run(feeds, { ...options, sizes: { ...options.sizes, length } }),
      };
    },
    get count() {
      return compiled.count;
    },
    release: () => compiled.release(),
  };
}
