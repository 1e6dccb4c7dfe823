import { z } from 'zod';
import { parseObject } from './config.js';
import { type ModelFiles, readModelFile } from './model-files.js';
import { invalidModel } from './problems.js';

export interface TokenizerFile {
  readonly bytes: Buffer;
  /** `WordPiece`, `BPE`, `Unigram` … */
  readonly kind: string;
  /** One more than the largest id. */
  readonly vocabularySize: number;
}

const tokenizerFile = 'tokenizer.json';

const maxTokenizerBytes = 128 * 2 ** 20;

const TokenizerJson = z.object({
  model: z.object({
    type: z.string().optional(),
    vocab: z.union([z.record(z.string(), z.number().int().min(0)), z.array(z.tuple([z.string(), z.number()]))]),
  }),
  added_tokens: z.array(z.object({ id: z.number().int().min(0) })).default([]),
});

/**
 * Reads a model's `tokenizer.json`. Errors: ProblemError INVALID_MODEL when it is missing, damaged, or has ids beyond the model's
 * vocabulary.
 */
export async function readTokenizerFile(files: ModelFiles, modelVocabularySize: number): Promise<TokenizerFile> {
  if (!files.names.has(tokenizerFile)) throw noTokenizer(files);
  const bytes = await readModelFile(files, tokenizerFile, maxTokenizerBytes);
  const parsed = TokenizerJson.safeParse(parseObject(bytes.toString('utf8'), tokenizerFile));
  if (!parsed.success) {
    throw invalidModel(`${tokenizerFile} is not a tokenizer of Hugging Face's library`, null, parsed.error);
  }
  const { model, added_tokens: addedTokens } = parsed.data;
  const largest = Math.max(
    Array.isArray(model.vocab) ? model.vocab.length - 1 : largestOf(Object.values(model.vocab)),
    largestOf(addedTokens.map(({ id }) => id)),
  );
  if (largest >= modelVocabularySize) {
    throw invalidModel(
      `${tokenizerFile} has ids up to ${largest}, and the model has embeddings for ${modelVocabularySize} alone`,
      'Tokenizer and model are of different origin, or tokens were added without resize_token_embeddings.',
    );
  }
  return { bytes, kind: model.type ?? 'unknown', vocabularySize: largest + 1 };
}

function noTokenizer({ names }: ModelFiles) {
  const slow = ['vocab.txt', 'vocab.json'].find((name) => names.has(name));
  return invalidModel(
    slow === undefined ? `there is no ${tokenizerFile}` : `there is no ${tokenizerFile}, only ${slow}`,
    'AutoTokenizer.from_pretrained(folder).save_pretrained(folder) in Python writes it.',
  );
}

/** Math.max(…values) would put each on the stack: too many. */
function largestOf(values: readonly number[]): number {
  return values.reduce((largest, value) => Math.max(largest, value), -1);
}
