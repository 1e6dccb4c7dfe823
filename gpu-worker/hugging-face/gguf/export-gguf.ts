import { type ChatSource, ConversationError } from '../../../src/conversations/index.js';
import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { createTokenizer, parseTokenizerJson } from '../../../src/tokenizer/index.js';
import { readArtifact } from '../../models/artifacts.js';
import { chatSourceOf } from '../../models/chat-source.js';
import type { ModelWeights } from '../../models/model-weights.js';
import { textEndsOf } from '../../models/text-ends.js';
import { baseCardFile, modelCard } from '../export/card.js';
import type { ExportContext } from '../export/export-context.js';
import { isDocument, mediaTypeOf } from '../kept-files.js';
import { invalidModel } from '../problems.js';
import { requireExpressible } from './expressible.js';
import { generalMetadata } from './general.js';
import { ggufStream, tensorBytes } from './gguf-stream.js';
import { ggufContext, hyperparameters } from './hyperparameters.js';
import type { Metadata } from './metadata-values.js';
import type { TensorType } from './tensor-types.js';
import { ggufTensors } from './tensors.js';
import { ggmlTokenizer } from './tokenizer/ggml-tokenizer.js';
import { ggufUsage, modelfile } from './usage.js';

const cardFile = 'README.md';

/** What a GGUF file is to be. */
export interface GgufOptions {
  readonly type: TensorType;
  /** The model's name, which the file has for people. */
  readonly modelName: string;
}

/**
 * Writes a model that predicts the next token as one GGUF file, with its tokenizer and chat template in it, and what
 * Ollama needs beside it. A low-rank adapter is merged.
 * @throws ProblemError UNSUPPORTED_EXPORT for what llama.cpp does not have; MISSING_ARTIFACT, INVALID_MODEL
 */
export async function exportGguf(
  context: ExportContext,
  transformer: TransformerConfig,
  weights: ModelWeights,
  { type, modelName }: GgufOptions,
): Promise<void> {
  const { manifest, meter, write } = context;
  const config = requireExpressible(manifest, transformer);
  const tensors = ggufTensors(manifest, config, weights, type);
  const { metadata: tokenizer, notes } = await tokenizerOf(context, config.vocabularySize);
  const metadata: Metadata = new Map([
    ...generalMetadata(manifest, config, modelName, type),
    ...hyperparameters(config),
    ...tokenizer,
  ]);
  const file = `model-${type}.gguf`;
  meter.expect(tensorBytes(tensors));
  const stream = ggufStream(metadata, tensors, (bytes) => meter.advance(file, bytes));
  await write(file, stream, 'application/octet-stream');
  await write('Modelfile', Buffer.from(modelfile(file)), 'text/plain');
  const card = modelCard({
    manifest,
    modelDigest: context.modelDigest,
    readsPairs: false,
    usage: ggufUsage({ file, type, contextLength: ggufContext(config), maxPositions: config.maxPositions, notes }),
    library: 'gguf',
    numbers: type,
    hasBaseCard: await handOnDocuments(context),
  });
  await write(cardFile, Buffer.from(card), mediaTypeOf(cardFile));
}

async function tokenizerOf({ manifest, store }: ExportContext, rows: number) {
  const bytes = await readArtifact(store, manifest.tokenizer.digest, 'the model’s tokenizer');
  const tokenizer = createTokenizer(bytes);
  const { template, specialTokens } = await chatSource({ manifest, store });
  const ends = await textEndsOf(store, manifest, tokenizer);
  return ggmlTokenizer(parseTokenizerJson(bytes), tokenizer, { rows, ends, specialTokens, chatTemplate: template });
}

async function chatSource({ manifest, store }: Pick<ExportContext, 'manifest' | 'store'>): Promise<ChatSource> {
  try {
    return await chatSourceOf(store, manifest);
  } catch (error) {
    if (error instanceof ConversationError) throw invalidModel(error.message, null, error);
    throw error;
  }
}

/** Adds licences and the base model's card. Returns whether there is such a card. */
async function handOnDocuments({ manifest, handOn }: ExportContext): Promise<boolean> {
  let hasCard = false;
  for (const { name, digest } of manifest.files.filter((file) => isDocument(file.name))) {
    const isCard = name.toLowerCase() === cardFile.toLowerCase();
    hasCard ||= isCard;
    await handOn(isCard ? baseCardFile : name, digest, mediaTypeOf(name));
  }
  return hasCard;
}
