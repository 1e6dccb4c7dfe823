import { stat } from 'node:fs/promises';
import type { ModelHead } from '../../src/protocol/heads.js';
import {
  type LayerDescription,
  type LoraConfig,
  type ModelManifest,
  manifestBytes,
} from '../../src/protocol/model-manifest.js';
import type { Pooling } from '../../src/protocol/pooling.js';
import { type ArtifactRecord, mediaTypes } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../../src/storage/artifact-store.js';
import { elementCount } from '../../src/storage/safetensors.js';
import { type StreamedTensor, safetensorsStream } from '../../src/storage/safetensors-stream.js';
import { adapterParameters } from '../adapters/lora-parameters.js';
import { withExactTargets } from '../adapters/name-targets.js';
import { headOf, headShapes } from '../heads/linear-head.js';
import type { ProducedModel } from '../thread-protocol.js';
import { artifactPath } from './artifacts.js';
import type { LoadedModel } from './load-model.js';

export interface NewModel {
  /** The model it was trained from, whose architecture, licence, tokenizer and files it keeps. */
  readonly base: Pick<LoadedModel, 'manifest' | 'weights'>;
  /** The base model's, and a pooler that training added. */
  readonly layers: readonly LayerDescription[];
  readonly heads: readonly ModelHead[];
  /** Null where training changed the model's own weights, or nothing of the encoder. */
  readonly adapter: LoraConfig | null;
  readonly pooling: Pooling | null;
  /** Length in tokens that texts were cut to in training, and the side that was cut off. */
  readonly maxLength: number;
  readonly truncationSide: ModelManifest['truncationSide'];
  /** The values of a tensor by name; null where they are still those of the base model. */
  readonly valuesOf: (name: string) => Float32Array | null;
  /** The chat template that it was trained with, in place of the base model's. Default: the base model's stays. */
  readonly chatTemplate?: string;
}

/**
 * Writes a trained model: weights as safetensors, and a manifest that names them and the base model's other files. With
 * an adapter, the artifact of the base model's weights is used again, and what was trained becomes an artifact beside
 * it.
 *
 * Tensors that training did not change pass from file to file a few MiB at a time. Equal weights give equal digests:
 * the files contain nothing of the run, such as its date or host.
 */
export async function saveModel(store: ArtifactStore, model: NewModel): Promise<ProducedModel> {
  const { base, layers, heads, adapter, pooling, maxLength, truncationSide, chatTemplate } = model;
  const tensors = tensorsOf(model);
  const weights =
    adapter === null
      ? await write(store, [...tensors.layers, ...tensors.heads])
      : await weightsUnderAdapter(store, base.manifest, tensors.base);
  const manifest: ModelManifest = {
    ...base.manifest,
    parameterCount: [...tensors.layers, ...tensors.adapter, ...tensors.heads].reduce(
      (count, { shape }) => count + elementCount(shape),
      0,
    ),
    weights,
    layers: [...layers],
    files: chatTemplate === undefined ? base.manifest.files : await withTemplate(store, base.manifest, chatTemplate),
    heads: [...heads],
    maxLength,
    pooling,
    truncationSide,
    adapter:
      adapter === null
        ? null
        : {
            config: withExactTargets(adapter, base.manifest, [...layers]),
            weights: await write(store, [...tensors.adapter, ...tensors.added, ...tensors.heads]),
          },
  };
  const written = await store.write(manifestBytes(manifest));
  return { digest: written.digest, manifest, artifacts: await artifactsOf(store, written, manifest) };
}

/** The base model's files with another chat template, which comes before any that they have (transformers' order). */
async function withTemplate(
  store: ArtifactStore,
  { files }: Pick<ModelManifest, 'files'>,
  template: string,
): Promise<ModelManifest['files']> {
  const name = 'chat_template.jinja';
  const file = { name, ...(await store.write(Buffer.from(template))) };
  return [...files.filter((each) => each.name !== name), file].sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface ModelTensors {
  /** All tensors of the layers. */
  readonly layers: readonly StreamedTensor[];
  /** Those of them that the base model has. */
  readonly base: readonly StreamedTensor[];
  /** Those of them that the base model lacks. */
  readonly added: readonly StreamedTensor[];
  readonly adapter: readonly StreamedTensor[];
  readonly heads: readonly StreamedTensor[];
}

function tensorsOf({ base, layers, heads, adapter, valuesOf }: NewModel): ModelTensors {
  const streamed = ({ name, shape }: { readonly name: string; readonly shape: readonly number[] }): StreamedTensor => ({
    name,
    shape,
    values() {
      const values = valuesOf(name);
      return values === null ? base.weights.chunks(name) : [values];
    },
  });
  const known = new Set(base.manifest.layers.flatMap(({ tensors }) => tensors.map(({ name }) => name)));
  const ofLayers = layers.flatMap(({ tensors }) => tensors).map(streamed);
  return {
    layers: ofLayers,
    base: ofLayers.filter(({ name }) => known.has(name)),
    added: ofLayers.filter(({ name }) => !known.has(name)),
    adapter: adapter === null ? [] : adapterParameters(base.manifest, adapter).map(streamed),
    heads: heads.flatMap((head) => headShapes(headOf(head), base.manifest.config)).map(streamed),
  };
}

/**
 * The base model's weights, on which the new adapter was trained. Where the base model has an adapter too, these are
 * the merged weights, which are written.
 */
async function weightsUnderAdapter(
  store: ArtifactStore,
  base: ModelManifest,
  tensors: readonly StreamedTensor[],
): Promise<ModelManifest['weights']> {
  return base.adapter === null ? base.weights : await write(store, tensors);
}

async function write(store: ArtifactStore, tensors: readonly StreamedTensor[]): Promise<ModelManifest['weights']> {
  const { digest, sizeBytes } = await store.writeStream(safetensorsStream(tensors));
  return { digest, sizeBytes };
}

/** Records of the manifest and of everything that it refers to. */
async function artifactsOf(
  store: ArtifactStore,
  written: StoredArtifact,
  { weights, adapter, tokenizer, files }: ModelManifest,
): Promise<ArtifactRecord[]> {
  const tokenizerFile = await stat(await artifactPath(store, tokenizer.digest, 'the model’s tokenizer'));
  return [
    { ...written, mediaType: mediaTypes.json },
    { ...weights, mediaType: mediaTypes.safetensors },
    ...(adapter === null ? [] : [{ ...adapter.weights, mediaType: mediaTypes.safetensors }]),
    { digest: tokenizer.digest, sizeBytes: tokenizerFile.size, mediaType: mediaTypes.json },
    ...files.map(({ name, digest, sizeBytes }) => ({
      digest,
      sizeBytes,
      mediaType: name.endsWith('.json') ? mediaTypes.json : mediaTypes.upload,
    })),
  ];
}
