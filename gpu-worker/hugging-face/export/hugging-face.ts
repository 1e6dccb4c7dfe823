import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { mediaTypes } from '../../../src/storage/artifact-rows.js';
import { elementCount } from '../../../src/storage/safetensors.js';
import { safetensorsStream } from '../../../src/storage/safetensors-stream.js';
import { isDecoder } from '../../architectures/encoder-run.js';
import type { ModelWeights } from '../../models/model-weights.js';
import { mapRows } from '../data-unit.js';
import { headsFile, writeNotes } from '../head-notes.js';
import { float32Bytes } from '../import-weights.js';
import { mediaTypeOf } from '../kept-files.js';
import { baseCardFile, modelCard } from './card.js';
import { configJson, originalConfig } from './config-json.js';
import type { ExportContext } from './export-context.js';
import { handOnFiles } from './handed-on.js';
import { jsonFile } from './json-file.js';
import { type ExportedTensor, type ExportLayout, layoutOf } from './layout.js';
import { padTokenFor } from './pad-token.js';
import { sentenceTransformersLayout, transformerFolder } from './sentence-transformers.js';
import { defaultShardBytes, divideIntoShards, shardIndex } from './shards.js';
import { transformersUsage } from './usage.js';

const configFile = 'config.json';
const cardFile = 'README.md';

/**
 * Writes a model as a folder that `from_pretrained` of transformers loads: with one head over the first token as the
 * family's `…ForSequenceClassification`, with one over every token as its `…ForTokenClassification`, without heads as
 * its bare model, or as its class that predicts the next token. Heads that none of these has go out in the layout of
 * sentence-transformers, and in `heads.safetensors` beside the bare model, which lies in a folder of its own. A
 * low-rank adapter is merged; regression heads give numbers in the unit of the data.
 */
export async function exportHuggingFace(
  context: ExportContext,
  config: TransformerConfig,
  weights: ModelWeights,
  maxShardBytes = defaultShardBytes,
): Promise<void> {
  const { manifest, write, meter } = context;
  const layout = layoutOf(manifest, config);
  const modules = hasNoClass(manifest, layout) ? sentenceTransformersLayout(manifest, config) : null;
  const weighted = modules?.weighted ?? [];
  const folder = modules === null ? '' : `${transformerFolder}/`;
  const padToken = isDecoder(config) ? await padTokenFor(context, config, layout.form) : null;
  const notes = { heads: manifest.heads, pooling: manifest.pooling, maxLength: manifest.maxLength };
  const ofModules = weighted.flatMap(({ tensors }) => tensors.flatMap(({ parts }) => parts));
  meter.expect(float32Bytes([...layout.model, ...layout.beside, ...ofModules]));

  async function* valuesOf(file: string, { source, shape, map }: ExportedTensor): AsyncGenerator<Float32Array> {
    for await (const piece of mapRows(weights.chunks(source), shape, map)) {
      meter.advance(file, piece.byteLength);
      yield piece;
    }
  }
  async function writeTensors(name: string, tensors: readonly ExportedTensor[], withNotes: boolean): Promise<void> {
    const streamed = tensors.map((tensor) => ({ ...tensor, values: () => valuesOf(name, tensor) }));
    await write(name, safetensorsStream(streamed, writeNotes(withNotes ? notes : null)), mediaTypes.safetensors);
  }

  const shards = divideIntoShards(layout.model, maxShardBytes);
  const hasHead = layout.form === 'textClassifier' || layout.form === 'tokenClassifier';
  for (const { name, tensors } of shards) await writeTensors(folder + name, tensors, hasHead);
  if (shards.length > 1) {
    await write(`${folder}model.safetensors.index.json`, jsonFile(shardIndex(shards)), mediaTypes.json);
  }
  if (layout.beside.length > 0) await writeTensors(folder + headsFile, layout.beside, true);
  for (const module of weighted) {
    const name = `${module.folder}/model.safetensors`;
    const tensors = module.tensors.map(({ name: exported, shape, parts }) => ({
      name: exported,
      shape,
      async *values() {
        if (parts.length === 0) yield new Float32Array(elementCount(shape));
        for (const part of parts) yield* valuesOf(name, part);
      },
    }));
    await write(name, safetensorsStream(tensors, writeNotes(null)), mediaTypes.safetensors);
  }

  await write(
    folder + configFile,
    jsonFile(configJson(manifest, config, layout.form, await originalConfig(context), padToken?.id ?? null)),
    mediaTypes.json,
  );
  for (const [name, content] of modules?.json ?? []) await write(name, jsonFile(content), mediaTypes.json);
  const handedOn = await handOnFiles(context, folder, padToken);
  const encodesTexts = weighted.length > 0 || handedOn.has('modules.json');
  const card = modelCard({
    manifest,
    modelDigest: context.modelDigest,
    readsPairs: context.readsPairs,
    usage: transformersUsage(manifest, config, layout, context.readsPairs),
    library: encodesTexts ? 'sentence-transformers' : 'transformers',
    hasBaseCard: handedOn.has(baseCardFile),
  });
  await write(cardFile, Buffer.from(card), mediaTypeOf(cardFile));
}

/** Whether a model has heads that no class of transformers has. */
function hasNoClass({ heads }: ModelManifest, { form }: ExportLayout): boolean {
  return form === 'bare' && heads.length > 0;
}
