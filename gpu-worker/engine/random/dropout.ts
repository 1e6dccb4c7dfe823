import { fill, mul, reshape, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import { sizeOf } from '../graph/graph.js';
import type { TrainingRandomness } from '../types.js';
import type { DropoutSite } from './keys.js';

/**
 * Dropout with masks from `maskOf`: graph nodes when recording, numbers when eager. Sites are counted in the order of
 * the calls, which is the same at every execution of a function.
 */
export function dropoutBy(maskOf: (site: DropoutSite, rate: number) => Tensor): TrainingRandomness {
  let sites = 0;
  const dropoutMask = (shape: readonly number[], rate: number): Tensor => {
    if (!(rate >= 0 && rate < 1))
      throw new EngineError('INVALID_FUNCTION', `Dropout needs a rate in [0, 1), not ${rate}.`);
    // A rate of 0 counts as a site too, so that turning it on does not change the masks of other sites.
    const site = sites++;
    if (rate === 0) return fill([...shape], 1);
    const columns = shape.at(-1) ?? 1;
    return reshape(maskOf({ site, rows: sizeOf(shape) / columns, columns }, rate), [...shape]);
  };
  return {
    dropoutMask,
    dropout(x, rate) {
      const mask = dropoutMask(x.shape, rate);
      return rate === 0 ? x : mul(x, mask);
    },
  };
}
