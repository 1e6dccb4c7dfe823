import { headInputSize, type ModelManifest } from '../../src/protocol/model-manifest.js';
import type { Freeze } from '../../src/protocol/run-spec.js';
import { elementCount } from '../../src/storage/safetensors.js';
import { createRandom, uniform } from '../data/random.js';
import type { ParameterSpec } from '../engine/types.js';
import { headShapes, headTensors, type LoadedModel } from '../models/load-model.js';

/** A head to train: its task and labels in the order of the logits. */
export interface Head {
  readonly task: string;
  readonly labels: readonly string[];
}

/** Tensors that are part of the architecture, not of what is learned. */
const fixedTensors: ReadonlySet<string> = new Set(['embeddings.inverse_frequencies']);

/** Standard deviation of a new head's weights: transformers' `initializer_range` of BERT. */
const headDeviation = 0.02;

/** Sets the words of a head's random numbers apart from those of the batch order. */
const headStream = 0x68656164;

/**
 * The lowest layer that is trained, by its index in the manifest; the number of layers when only heads are.
 * A prefix of n layers freezes the embeddings (index 0) and encoder layers 1 … n.
 */
export function lowestTrainedLayer(freeze: Freeze, manifest: ModelManifest): number {
  switch (freeze.kind) {
    case 'none':
      return 0;
    case 'prefix':
      return Math.min(freeze.layers + 1, manifest.layers.length);
    case 'encoder':
      return manifest.layers.length;
    default:
      return freeze satisfies never;
  }
}

/** The encoder's parameters. Weight decay applies to matrices, as AdamW is usually set up: not to biases and norms. */
export function encoderParameters(manifest: ModelManifest, freeze: Freeze): ParameterSpec[] {
  const lowest = lowestTrainedLayer(freeze, manifest);
  return manifest.layers.flatMap(({ index, tensors }) =>
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
    .flatMap(({ task, labels }) => headShapes({ task, labels: [...labels] }, outputSize))
    .map(({ name, shape }) => ({ name, shape, trainable: true, decay: shape.length > 1 }));
}

/** Whether the base model has a head for this task with these very labels: training then goes on from it. */
export function hasHead(base: ModelManifest, { task, labels }: Head): boolean {
  const head = base.heads.find((candidate) => candidate.task === task);
  return head !== undefined && head.labels.join('\0') === labels.join('\0');
}

/** Starting values of heads: the base model's where it has them, else seeded normal weights and zero biases. */
export function initialHeads(base: LoadedModel, heads: readonly Head[], seed: number): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [index, head] of heads.entries()) {
    const random = createRandom(seed, headStream, index);
    const { weight } = headTensors(head.task);
    for (const { name, shape } of headShapes(
      { task: head.task, labels: [...head.labels] },
      headInputSize(base.manifest.config),
    )) {
      const transferred = hasHead(base.manifest, head) ? base.tensors.get(name)?.data : undefined;
      const size = elementCount(shape);
      values.set(name, transferred?.slice() ?? (name === weight ? normal(size, random) : new Float32Array(size)));
    }
  }
  return values;
}

/** Box and Muller's normal numbers, cosine branch. */
function normal(size: number, random: () => number): Float32Array {
  return Float32Array.from(
    { length: size },
    () => headDeviation * Math.sqrt(-2 * Math.log(1 - uniform(random))) * Math.cos(2 * Math.PI * uniform(random)),
  );
}
