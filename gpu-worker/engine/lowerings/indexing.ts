import type { GatherV2Attrs, OneHotAttrs, UnsortedSegmentSumAttrs } from '@tensorflow/tfjs-core';
import { binary, select } from './elementwise.js';
import { cast, type Lowering, lowering, normalizeAxis, reshape, unsupported } from './lowering.js';

export const indexing: readonly Lowering[] = [
  lowering<GatherV2Attrs>('GatherV2', (builder, { x, indices }, { axis, batchDims }) => {
    if (batchDims !== 0) throw unsupported('GatherV2', `batchDims ${batchDims}`);
    const along = normalizeAxis(axis, x!.shape.length);
    return builder.node('Gather', [x!, indices!], {
      shape: [...x!.shape.slice(0, along), ...indices!.shape, ...x!.shape.slice(along + 1)],
      type: x!.type,
      attributes: { axis: { int: along } },
    });
  }),
  lowering('GatherNd', (builder, { params, indices }) => {
    const depth = indices!.shape.at(-1)!;
    return builder.node('GatherND', [params!, cast(builder, indices!, 'int64')], {
      shape: [...indices!.shape.slice(0, -1), ...params!.shape.slice(depth)],
      type: params!.type,
    });
  }),
  /**
   * out[s, …] = Σ x[i, …] over ids[i] = s, the gradient of a gather. It stays one operator of Attune's own until passes
   * know its use: the gradient of a parameter leaves the graph as rows (passes/embedding-gradients.ts), any other is
   * expanded (passes/segment-sum.ts).
   */
  lowering<UnsortedSegmentSumAttrs>('UnsortedSegmentSum', (builder, { x, segmentIds }, { numSegments }) => {
    if (segmentIds!.shape.length !== 1)
      throw unsupported('UnsortedSegmentSum', `ids of rank ${segmentIds!.shape.length}`);
    return builder.node('SegmentSum', [x!, segmentIds!], {
      shape: [numSegments, ...x!.shape.slice(1)],
      type: x!.type,
      domain: 'attune',
    });
  }),
  lowering<OneHotAttrs>('OneHot', (builder, { indices }, { depth, onValue, offValue, dtype }) => {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== undefined) throw unsupported('OneHot', `dtype ${dtype}`);
    const type = dtype ?? 'int32';
    // Compares index and position instead of using ONNX's OneHot, which counts a negative index from the end, where
    // tfjs gives it no class.
    const column = reshape(builder, indices!, [...indices!.shape, 1]);
    const bounds = [0, depth, 1].map((bound) => builder.scalar('int32', bound));
    const positions = builder.node('Range', bounds, { shape: [depth], type: 'int32' });
    const chosen = binary(builder, 'Equal', cast(builder, column, 'int32'), positions, 'bool');
    return select(builder, chosen, builder.scalar(type, onValue), builder.scalar(type, offValue));
  }),
];
