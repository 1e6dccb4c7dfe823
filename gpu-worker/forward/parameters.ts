import type { Freeze } from '../../src/protocol/hyperparameters.js';
import type { LayerDescription, ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ParameterSpec } from '../engine/types.js';
import { headShapes } from '../models/heads.js';

/** A head to train: its task and labels in the order of the logits. */
export interface Head {
  readonly task: string;
  readonly labels: readonly string[];
}

/** Tensors that are part of the architecture, not of what is learned. */
const fixedTensors: ReadonlySet<string> = new Set(['embeddings.inverse_frequencies']);

/**
 * The lowest layer that is trained, by its index in the manifest; the number of layers when only heads are.
 * A prefix of n layers freezes the embeddings (index 0) and encoder layers 1 … n.
 */
export function lowestTrainedLayer(freeze: Freeze, { layers }: Pick<ModelManifest, 'layers'>): number {
  switch (freeze.kind) {
    case 'none':
      return 0;
    case 'prefix':
      return Math.min(freeze.layers + 1, layers.length);
    case 'encoder':
      return layers.length;
    default:
      return freeze satisfies never;
  }
}

/**
 * The parameters of layers, trained from layer `lowest` up. Weight decay applies to matrices, as AdamW is usually set up: not to
 * biases and norms.
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

export function headParameters(heads: readonly Head[], outputSize: number): ParameterSpec[] {
  return heads
    .flatMap((head) => headShapes(head, outputSize))
    .map(({ name, shape }) => ({ name, shape, trainable: true, decay: shape.length > 1 }));
}

/** Whether the base model has a head for this task with these very labels. */
export function hasHead(base: Pick<ModelManifest, 'heads'>, { task, labels }: Head): boolean {
  const head = base.heads.find((candidate) => candidate.task === task);
  return head !== undefined && head.labels.join('\0') === labels.join('\0');
}
