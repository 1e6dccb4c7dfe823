import { type ClassificationHead, headInputSize, type ModelManifest } from '../../src/protocol/model-manifest.js';
import { type ArtifactRecord, mediaTypes } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { elementCount, type Tensor, writeSafetensors } from '../../src/storage/safetensors.js';
import type { ProducedModel } from '../thread-protocol.js';
import { headShapes } from './load-model.js';

export interface NewModel {
  /** What it was trained from: architecture, licence, tokenizer and layers stay. */
  readonly base: ModelManifest;
  readonly heads: readonly ClassificationHead[];
  /** Length texts were cut to in training. */
  readonly maxLength: number;
  /** The values of a tensor of the layers or heads, by name. */
  readonly valuesOf: (name: string) => Float32Array;
}

/**
 * Writes a trained model: weights as safetensors, and a manifest that names them and the base model's tokenizer.
 * Equal weights give equal digests: nothing of the run, no date and no host, is in the files.
 */
export async function saveModel(store: ArtifactStore, model: NewModel): Promise<ProducedModel> {
  const { base, heads, maxLength, valuesOf } = model;
  const headTensors = heads.flatMap((head) => headShapes(head, headInputSize(base.config)));
  const shapes = [...base.layers.flatMap(({ tensors }) => tensors), ...headTensors];
  const tensors = new Map(shapes.map(({ name, shape }): [string, Tensor] => [name, { shape, data: valuesOf(name) }]));
  const weights = await store.write(writeSafetensors(tensors));
  const manifest: ModelManifest = {
    ...base,
    parameterCount: shapes.reduce((count, { shape }) => count + elementCount(shape), 0),
    weights: { digest: weights.digest, sizeBytes: weights.sizeBytes },
    heads: [...heads],
    maxLength,
  };
  const written = await store.write(Buffer.from(JSON.stringify(manifest)));
  const tokenizerBytes = (await store.read(base.tokenizer.digest)).byteLength;
  const artifacts: ArtifactRecord[] = [
    { ...written, mediaType: mediaTypes.json },
    { ...weights, mediaType: mediaTypes.safetensors },
    { digest: base.tokenizer.digest, sizeBytes: tokenizerBytes, mediaType: mediaTypes.json },
  ];
  return { digest: written.digest, manifest, artifacts };
}
