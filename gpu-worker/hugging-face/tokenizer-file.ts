import { z } from 'zod';
import type { ArchitectureConfig } from '../../src/protocol/architectures/index.js';
import { type ModelHead, readsTokens } from '../../src/protocol/heads.js';
import { beyondTable, type LayoutTypes, tokenTypesOf } from '../../src/protocol/token-types.js';
import { createTokenizer, type Tokenizer, TokenizerError } from '../../src/tokenizer/index.js';
import { isDecoder } from '../architectures/encoder-run.js';
import { endingToken } from './export/pad-token.js';
import { type ModelFiles, readModelFile } from './model-files.js';
import { invalidModel, unsupported } from './problems.js';

export interface TokenizerFile {
  readonly bytes: Buffer;
  /** `WordPiece`, `BPE`, `Unigram` … */
  readonly kind: string;
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** The types that it gives tokens. */
  readonly typeIds: LayoutTypes;
  /** What it puts at the end of every text; null: nothing. */
  readonly endingToken: number | null;
}

const tokenizerFile = 'tokenizer.json';

const maxTokenizerBytes = 128 * 2 ** 20;

/**
 * Reads a model's `tokenizer.json`. Errors: ProblemError INVALID_MODEL when it is missing, damaged, or has ids beyond
 * the model's vocabulary; UNSUPPORTED_MODEL when a part of it is of a kind that Attune's tokenizers don't know.
 *
 * @param tokensWithoutRow added tokens that are left out where they are beyond it
 */
export async function readTokenizerFile(
  files: ModelFiles,
  modelVocabularySize: number,
  tokensWithoutRow: readonly string[] = [],
): Promise<TokenizerFile> {
  if (!files.names.has(tokenizerFile)) throw noTokenizer(files);
  const bytes = await readModelFile(files, tokenizerFile, maxTokenizerBytes);
  return checkTokenizer(withoutTokens(bytes, tokensWithoutRow, modelVocabularySize), modelVocabularySize);
}

/** A `tokenizer.json` without those of the added tokens `contents` for which the model has no row. */
function withoutTokens(bytes: Buffer, contents: readonly string[], modelVocabularySize: number): Buffer {
  if (contents.length === 0) return bytes;
  const parsed = AddedTokens.safeParse(jsonOf(bytes));
  if (!parsed.success) return bytes;
  const isWithoutRow = ({ id, content }: (typeof parsed.data.added_tokens)[number]) =>
    id >= modelVocabularySize && contents.includes(content);
  const kept = parsed.data.added_tokens.filter((token) => !isWithoutRow(token));
  if (kept.length === parsed.data.added_tokens.length) return bytes;
  return Buffer.from(JSON.stringify({ ...parsed.data, added_tokens: kept }));
}

const AddedTokens = z.looseObject({ added_tokens: z.array(z.looseObject({ id: z.number(), content: z.string() })) });

/** Null where it is no JSON, which `parse` says. */
function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

/** The same of the bytes of a `tokenizer.json`. */
export function checkTokenizer(bytes: Buffer, modelVocabularySize: number): TokenizerFile {
  const tokenizer = parse(bytes);
  const { kind, vocabularySize, typeIds } = tokenizer;
  if (vocabularySize > modelVocabularySize) {
    throw invalidModel(
      `${tokenizerFile} has ids up to ${vocabularySize - 1}, and the model has embeddings for ${modelVocabularySize} alone (vocab_size)`,
      'Tokenizer and model are of different origin, or tokens were added without resize_token_embeddings.',
    );
  }
  return { bytes, kind, vocabularySize, typeIds, endingToken: endingToken(tokenizer) };
}

/**
 * Refuses a model that has no row for the types its tokenizer gives to tokens of every text. Pairs are refused where
 * they are asked for: the model may be meant for single texts. Errors: ProblemError INVALID_MODEL.
 */
export function refuseTypesBeyond(
  model: { readonly config: ArchitectureConfig; readonly givesTokenTypes: boolean | undefined },
  typeIds: LayoutTypes,
): void {
  const types = tokenTypesOf(model, typeIds, false);
  if (types.beyond === null) return;
  const hint =
    'Tokenizer and model are of different origin; or model_input_names in tokenizer_config.json should not name token_type_ids.';
  throw invalidModel(beyondTable(types, false), hint);
}

/**
 * Refuses a causal classifier of texts whose tokenizer ends every text with the padding token: transformers would read
 * the token before it, and Attune the last one. Errors: ProblemError UNSUPPORTED_MODEL.
 */
export function refusePaddedEnds(
  { config }: { readonly config: ArchitectureConfig },
  heads: readonly ModelHead[],
  endingToken: number | null,
): void {
  if (!isDecoder(config) || endingToken === null || endingToken !== config.padTokenId) return;
  if (heads.every(readsTokens)) return;
  throw unsupported(
    `the tokenizer ends every text with the padding token ${endingToken} (pad_token_id), which a classifier looks past`,
    'Name another pad_token_id in config.json.',
  );
}

function parse(bytes: Buffer): Tokenizer {
  try {
    return createTokenizer(bytes);
  } catch (error) {
    if (!(error instanceof TokenizerError)) throw error;
    throw error.code === 'UNSUPPORTED_TOKENIZER'
      ? unsupported(error.message)
      : invalidModel(error.message, null, error);
  }
}

function noTokenizer({ names }: ModelFiles) {
  const slow = ['vocab.txt', 'vocab.json'].find((name) => names.has(name));
  return invalidModel(
    slow === undefined ? `there is no ${tokenizerFile}` : `there is no ${tokenizerFile}, only ${slow}`,
    'AutoTokenizer.from_pretrained(folder).save_pretrained(folder) in Python writes it.',
  );
}
