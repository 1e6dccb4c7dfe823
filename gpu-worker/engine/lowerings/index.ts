import { comparisons } from './comparison.js';
import { creation } from './creation.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import type { Lowering } from './lowering.js';
import { matmuls } from './matmul.js';
import { reductions } from './reductions.js';
import { shapes } from './shape.js';
import { softmaxes } from './softmax.js';

/** The lowerings of all tfjs kernels that a trace understands. */
export const lowerings: readonly Lowering[] = [
  ...elementwise,
  ...comparisons,
  ...reductions,
  ...matmuls,
  ...softmaxes,
  ...shapes,
  ...indexing,
  ...creation,
];
