import type { ArchitectureConfig } from '../../src/protocol/architectures/index.js';
import { outputNames } from '../../src/protocol/heads.js';
import type { LayerDescription, ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ParameterSpec } from '../engine/types.js';
import { type Head, headShapes } from '../heads/index.js';

/** Tensors that belong to the architecture: they are constants, which training never changes. */
const fixedTensors: ReadonlySet<string> = new Set(['embeddings.inverse_frequencies']);

/**
 * The parameters of layers, of which those from layer `lowest` up are trained. As is usual with AdamW, weight decay
 * applies to matrices, not to biases and norms.
 */
export function encoderParameters(layers: readonly LayerDescription[], lowest: number): ParameterSpec[] {
  return layers.flatMap(({ index, tensors }) =>
    tensors.map(({ name, shape }) => ({
      name,
      shape,
      trainable: index >= lowest && !fixedTensors.has(name),
      decay: shape.length > 1,
    })),
  );
}

export function headParameters(heads: readonly Head[], config: ArchitectureConfig): ParameterSpec[] {
  return heads
    .flatMap((head) => headShapes(head, config))
    .map(({ name, shape }) => ({ name, shape, trainable: true, decay: shape.length > 1 }));
}

/** Whether the base model has a head of the same kind for the same task, with the same outputs in the same order. */
export function hasHead(base: Pick<ModelManifest, 'heads'>, { kind, task, outputs }: Head): boolean {
  const head = base.heads.find((candidate) => candidate.task === task);
  return head !== undefined && head.kind === kind && outputNames(head).join('\0') === outputs.join('\0');
}
