import { type ChatSource, ConversationError } from '../../../src/conversations/index.js';
import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import type { OnnxVariant } from '../../../src/protocol/job.js';
import { mediaTypes } from '../../../src/storage/artifact-rows.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';
import { isDecoder } from '../../architectures/encoder-run.js';
import { exportVariants, type NumbersOfFile } from '../../engine/index.js';
import { headOf, headTensors } from '../../heads/index.js';
import { answerEndsOf } from '../../models/answer-ends.js';
import { readArtifact } from '../../models/artifacts.js';
import { chatSourceOf } from '../../models/chat-source.js';
import type { ModelWeights } from '../../models/model-weights.js';
import { textEndsOf } from '../../models/text-ends.js';
import { parseObject } from '../config.js';
import { baseCardFile, modelCard } from '../export/card.js';
import { originalConfig } from '../export/config-json.js';
import type { ExportContext } from '../export/export-context.js';
import { graphNotes, graphWeights, headNotes, recorded, writeGraphs } from '../export/graph-files.js';
import { handOnFiles } from '../export/handed-on.js';
import { jsonFile } from '../export/json-file.js';
import { padTokenFor } from '../export/pad-token.js';
import { mediaTypeOf } from '../kept-files.js';
import { generationKeys } from './generation-keys.js';
import { graphOf } from './graph.js';
import { javascriptUsage } from './javascript-usage.js';
import { modelKeys } from './model-keys.js';
import { tokenizerKeys } from './tokenizer-keys.js';
import { allVariants, variantNames } from './variants.js';

/** What a browser takes as one file. */
const maxDataBytes = 2 ** 31 - 1;

/**
 * Writes a model as a folder that `@huggingface/transformers` loads in JavaScript: `onnx/model.onnx` and its variants,
 * configuration, tokenizer. A language model takes and gives keys and values of earlier tokens, as `generate` wants
 * them. A low-rank adapter is merged; regression heads give numbers in the unit of the data.
 */
export async function exportTransformersJs(
  context: ExportContext,
  config: TransformerConfig,
  weights: ModelWeights,
  asked: readonly OnnxVariant[] = allVariants,
): Promise<void> {
  const { manifest, modelDigest, store, write } = context;
  const variants = allVariants.filter((variant) => asked.includes(variant));
  const { form, inputs, forward, maxima, inHalf } = graphOf(manifest, config);
  const kept = new Set(manifest.heads.map((head) => headTensors(headOf(head).task).weight));
  const numbersOf: Readonly<Record<OnnxVariant, NumbersOfFile>> = {
    float32: { type: 'float32' },
    float16: { type: 'float16', inHalf },
    int8: { type: 'int8', kept },
  };
  const graphs = recorded(() =>
    exportVariants(
      graphWeights(manifest, weights),
      inputs,
      forward,
      variants.map((variant) => ({ fileName: variantNames[variant].fileName, numbers: numbersOf[variant] })),
      {
        dimensions: Object.fromEntries(Object.entries(maxima).map(([name, maximum]) => [name, { maximum }])),
        metadata: graphNotes(manifest, modelDigest),
        maxDataBytes,
      },
    ),
  );
  await writeGraphs(context, 'onnx/', graphs);

  const tokenizer = createTokenizer(await readArtifact(store, manifest.tokenizer.digest, 'the model’s tokenizer'));
  const ends = await textEndsOf(store, manifest, tokenizer);
  const chat = await chatSourceOf(store, manifest).catch((error: unknown): ChatSource => {
    // The file with the template goes out as it is.
    if (error instanceof ConversationError) return { template: null, specialTokens: {} };
    throw error;
  });
  const original = await originalConfig(context);
  const padToken = isDecoder(config) ? await padTokenFor(context, config, 'bare') : null;
  const keys = modelKeys(manifest, config, form, original, { variants, graphs, padTokenId: padToken?.id ?? null });
  await write('config.json', jsonFile(keys), mediaTypes.json);
  const generationFile = 'generation_config.json';
  if (form === 'languageModel' && isDecoder(config)) {
    const answerEnds = await answerEndsOf(store, manifest, tokenizer, chat.specialTokens.eos_token);
    const stated = await jsonOf(context, generationFile);
    await write(generationFile, jsonFile(generationKeys(config, ends, answerEnds, stated)), mediaTypes.json);
  }
  if (manifest.heads.length > 0) await write('heads.json', jsonFile(headNotes(manifest)), mediaTypes.json);
  const handedOn = await handOnFiles(context, '', padToken, {
    tokenizerKeys: (stored) => tokenizerKeys(stored, manifest, { chat, tokenizer, ends }),
    ownFiles: new Set([generationFile]),
  });
  const card = modelCard({
    manifest,
    modelDigest,
    readsPairs: context.readsPairs,
    usage: javascriptUsage(manifest, form, variants, context.readsPairs),
    library: 'transformers.js',
    hasBaseCard: handedOn.has(baseCardFile),
  });
  await write('README.md', Buffer.from(card), mediaTypeOf('README.md'));
}

/** A JSON file that the model came with; empty where it has none. */
async function jsonOf({ manifest, store }: ExportContext, name: string): Promise<Readonly<Record<string, unknown>>> {
  const file = manifest.files.find((one) => one.name === name);
  return file === undefined ? {} : parseObject((await readArtifact(store, file.digest, name)).toString('utf8'), name);
}
