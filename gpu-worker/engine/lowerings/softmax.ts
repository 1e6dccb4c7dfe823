import type { LogSoftmaxAttrs, SoftmaxAttrs } from '@tensorflow/tfjs-core';
import { type Lowering, lowering, normalizeAxis } from './lowering.js';

export const softmaxes: readonly Lowering[] = [
  lowering<SoftmaxAttrs>('Softmax', (builder, { logits }, { dim }) =>
    builder.node('Softmax', [logits!], {
      shape: logits!.shape,
      type: logits!.type,
      attributes: { axis: { int: normalizeAxis(dim, logits!.shape.length) } },
    }),
  ),
  lowering<LogSoftmaxAttrs>('LogSoftmax', (builder, { logits }, { axis }) =>
    builder.node('LogSoftmax', [logits!], {
      shape: logits!.shape,
      type: logits!.type,
      attributes: { axis: { int: normalizeAxis(axis, logits!.shape.length) } },
    }),
  ),
];
