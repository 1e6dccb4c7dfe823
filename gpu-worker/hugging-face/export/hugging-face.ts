import { mediaTypes } from '../../../src/storage/artifact-rows.js';
import { safetensorsStream } from '../../../src/storage/safetensors-stream.js';
import type { EncoderConfig } from '../../architectures/encoder-run.js';
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
import { type ExportedTensor, layoutOf } from './layout.js';
import { sentenceTransformersFiles } from './sentence-transformers.js';
import { defaultShardBytes, divideIntoShards, shardIndex } from './shards.js';
import { transformersUsage } from './usage.js';

const configFile = 'config.json';
const cardFile = 'README.md';

/**
 * Writes a model as a folder that `from_pretrained` of transformers loads: with one head over the first token as the
 * family's `…ForSequenceClassification`, with one over every token as its `…ForTokenClassification`, else as the bare
 * model with its heads in `heads.safetensors`. A low-rank adapter is merged; regression heads give numbers in the unit
 * of the data.
 */
export async function exportHuggingFace(
  context: ExportContext,
  config: EncoderConfig,
  weights: ModelWeights,
  maxShardBytes = defaultShardBytes,
): Promise<void> {
  const { manifest, write, meter } = context;
  const layout = layoutOf(manifest, config);
  const notes = { heads: manifest.heads, pooling: manifest.pooling, maxLength: manifest.maxLength };
  meter.expect(float32Bytes([...layout.model, ...layout.beside]));

  async function writeTensors(name: string, tensors: readonly ExportedTensor[], withNotes: boolean): Promise<void> {
    const streamed = tensors.map(({ name: exported, source, shape, map }) => ({
      name: exported,
      shape,
      async *values() {
        for await (const piece of mapRows(weights.chunks(source), shape, map)) {
          meter.advance(name, piece.byteLength);
          yield piece;
        }
      },
    }));
    await write(name, safetensorsStream(streamed, writeNotes(withNotes ? notes : null)), mediaTypes.safetensors);
  }

  const shards = divideIntoShards(layout.model, maxShardBytes);
  for (const { name, tensors } of shards) await writeTensors(name, tensors, layout.form !== 'bare');
  if (shards.length > 1) await write('model.safetensors.index.json', jsonFile(shardIndex(shards)), mediaTypes.json);
  if (layout.beside.length > 0) await writeTensors(headsFile, layout.beside, true);

  await write(
    configFile,
    jsonFile(configJson(manifest, config, layout.form, await originalConfig(context))),
    mediaTypes.json,
  );
  const isMeanPooled = manifest.heads.length > 0 && manifest.pooling === 'mean';
  if (isMeanPooled) {
    for (const [name, content] of sentenceTransformersFiles(manifest, config.hiddenSize)) {
      await write(name, jsonFile(content), mediaTypes.json);
    }
  }
  const handedOn = await handOnFiles(context);
  const card = modelCard({
    manifest,
    modelDigest: context.modelDigest,
    usage: transformersUsage(manifest, config, layout),
    library: isMeanPooled || handedOn.has('modules.json') ? 'sentence-transformers' : 'transformers',
    hasBaseCard: handedOn.has(baseCardFile),
  });
  await write(cardFile, Buffer.from(card), mediaTypeOf(cardFile));
}
