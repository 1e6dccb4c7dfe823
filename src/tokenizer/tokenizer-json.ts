import { z } from 'zod';
import { TokenizerError } from './tokenizer-error.js';

/**
 * The parts of Hugging Face's `tokenizer.json` that Attune reads. Other parts are refused by name rather than ignored.
 */
const Pattern = z.union([z.object({ String: z.string().min(1) }), z.object({ Regex: z.string().min(1) })]);

const Normalizer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('BertNormalizer'),
    clean_text: z.boolean(),
    handle_chinese_chars: z.boolean(),
    strip_accents: z.boolean().nullish(),
    lowercase: z.boolean(),
  }),
  z.object({
    type: z.literal('Sequence'),
    get normalizers(): z.ZodArray<typeof Normalizer> {
      return z.array(Normalizer);
    },
  }),
  z.object({ type: z.enum(['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents']) }),
  z.object({ type: z.literal('Strip'), strip_left: z.boolean(), strip_right: z.boolean() }),
  z.object({ type: z.literal('Replace'), pattern: Pattern, content: z.string() }),
  z.object({ type: z.literal('Prepend'), prepend: z.string() }),
  z.object({ type: z.literal('Precompiled'), precompiled_charsmap: z.string().nullable() }),
]);
export type NormalizerJson = z.infer<typeof Normalizer>;

const SplitBehavior = z.enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']);

const PreTokenizer = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit']) }),
  z.object({
    type: z.literal('ByteLevel'),
    add_prefix_space: z.boolean().default(true),
    trim_offsets: z.boolean().default(true),
    use_regex: z.boolean().default(true),
  }),
  z.object({
    type: z.literal('Metaspace'),
    replacement: z.string().length(1).default('▁'),
    prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
    /** Older files have this field in place of `prepend_scheme`. */
    add_prefix_space: z.boolean().optional(),
    split: z.boolean().default(true),
  }),
  z.object({ type: z.literal('Split'), pattern: Pattern, behavior: SplitBehavior, invert: z.boolean().default(false) }),
  z.object({ type: z.literal('Punctuation'), behavior: SplitBehavior.default('Isolated') }),
  z.object({ type: z.literal('Digits'), individual_digits: z.boolean().default(false) }),
  z.object({
    type: z.literal('Sequence'),
    get pretokenizers(): z.ZodArray<typeof PreTokenizer> {
      return z.array(PreTokenizer);
    },
  }),
]);
export type PreTokenizerJson = z.infer<typeof PreTokenizer>;

const Id = z.number().int().min(0).max(0x7fffffff);
const NamedId = z.tuple([z.string(), Id]);

const TemplateItem = z.union([
  z.object({ SpecialToken: z.object({ id: z.string(), type_id: Id }) }),
  z.object({ Sequence: z.object({ id: z.enum(['A', 'B']), type_id: Id }) }),
]);
export type TemplateItem = z.infer<typeof TemplateItem>;

const PostProcessor = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('TemplateProcessing'),
    single: z.array(TemplateItem),
    pair: z.array(TemplateItem),
    special_tokens: z.record(z.string(), z.object({ ids: z.array(Id).min(1) })),
  }),
  z.object({ type: z.literal('BertProcessing'), sep: NamedId, cls: NamedId }),
  z.object({
    type: z.literal('RobertaProcessing'),
    sep: NamedId,
    cls: NamedId,
    trim_offsets: z.boolean().default(true),
    add_prefix_space: z.boolean().default(true),
  }),
  z.object({
    type: z.literal('ByteLevel'),
    add_prefix_space: z.boolean().default(true),
    trim_offsets: z.boolean().default(true),
  }),
  z.object({
    type: z.literal('Sequence'),
    get processors(): z.ZodArray<typeof PostProcessor> {
      return z.array(PostProcessor);
    },
  }),
]);
export type PostProcessorJson = z.infer<typeof PostProcessor>;

const AddedToken = z.object({
  id: Id,
  content: z.string().min(1),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean(),
  special: z.boolean(),
});
export type AddedTokenJson = z.infer<typeof AddedToken>;

/** Tokens by name. Not `z.record`, because a vocabulary may hold `__proto__`, and has up to 250,000 entries. */
const Vocabulary = z
  .custom<Readonly<Record<string, number>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object of tokens and their ids',
  )
  .superRefine((vocabulary, context) => {
    const entries = Object.entries(vocabulary);
    const bad = entries.find(([, id]) => !Number.isInteger(id) || id < 0 || id > 0x7fffffff);
    if (bad !== undefined)
      context.addIssue(`the id of the token “${bad[0].slice(0, 40)}” is not a whole number from 0`);
    if (entries.length === 0) context.addIssue('has no tokens');
  });

const Model = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('WordPiece'),
    vocab: Vocabulary,
    unk_token: z.string(),
    continuing_subword_prefix: z.string().default('##'),
    max_input_chars_per_word: z.number().int().positive().default(100),
  }),
  z.object({
    type: z.literal('BPE'),
    vocab: Vocabulary,
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
    unk_token: z.string().nullish(),
    continuing_subword_prefix: z.literal('').nullish(),
    end_of_word_suffix: z.string().nullish(),
    fuse_unk: z.boolean().default(false),
    byte_fallback: z.boolean().default(false),
    ignore_merges: z.boolean().default(false),
  }),
  z.object({
    type: z.literal('Unigram'),
    vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
    unk_id: Id.nullish(),
    byte_fallback: z.literal(false).default(false),
  }),
  z.object({ type: z.literal('WordLevel'), vocab: Vocabulary, unk_token: z.string() }),
]);
export type ModelJson = z.infer<typeof Model>;

const TokenizerJson = z.object({
  added_tokens: z.array(AddedToken).default([]),
  normalizer: Normalizer.nullish().transform((value) => value ?? null),
  pre_tokenizer: PreTokenizer.nullish().transform((value) => value ?? null),
  post_processor: PostProcessor.nullish().transform((value) => value ?? null),
  padding: z.object({ pad_id: Id.optional() }).nullish(),
  /** Read by `openVocabulary`, as only texts that are made of tokens need it. */
  decoder: z.unknown().optional(),
  model: z.preprocess(withType, Model),
});
export type TokenizerJson = z.infer<typeof TokenizerJson>;

/**
 * The format itself needs five levels, and a `Sequence` within another takes two more. The code after this check
 * recurses, and must not exhaust the stack.
 */
const maxDepth = 32;

/**
 * Parses the bytes of a `tokenizer.json`.
 * @throws TokenizerError
 */
export function parseTokenizerJson(bytes: Uint8Array): TokenizerJson {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = bytes.length === 0 ? 'is empty' : `is not JSON: ${error instanceof Error ? error.message : error}`;
    throw new TokenizerError('INVALID_TOKENIZER', '', why, { cause: error });
  }
  if (isDeeperThan(maxDepth, json)) {
    throw new TokenizerError('INVALID_TOKENIZER', '', `is nested more than ${maxDepth} levels deep`);
  }
  const parsed = TokenizerJson.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  // A value of the right kind that is not among those that are read: an option, as `byte_fallback` of a Unigram.
  if (issue?.code === 'invalid_value') {
    const value = valueAt(json, path);
    if (issue.values.some((known) => typeof known === typeof value)) {
      const shown = JSON.stringify(value).slice(0, 40);
      throw new TokenizerError('UNSUPPORTED_TOKENIZER', path.join('.'), `${shown} is not supported`, {
        cause: parsed.error,
      });
    }
  }
  if (issue?.code === 'invalid_union' && 'discriminator' in issue) {
    const type = valueAt(json, path);
    const code = typeof type === 'string' ? 'UNSUPPORTED_TOKENIZER' : 'INVALID_TOKENIZER';
    const what = typeof type === 'string' ? `“${type.slice(0, 40)}” is not supported` : 'is missing or not a string';
    throw new TokenizerError(code, path.join('.'), what, { cause: parsed.error });
  }
  throw new TokenizerError('INVALID_TOKENIZER', path.join('.'), issue?.message ?? 'is invalid', {
    cause: parsed.error,
  });
}

/** Checks level by level, without recursion. */
function isDeeperThan(depth: number, json: unknown): boolean {
  let level = [json].filter(isContainer);
  for (let left = depth; left > 0 && level.length > 0; left--) {
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return level.length > 0;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Early files of the format do not name the model's type; its fields reveal it. */
function withType(model: unknown): unknown {
  if (typeof model !== 'object' || model === null || 'type' in model) return model;
  if ('vocab' in model && Array.isArray(model.vocab)) return { type: 'Unigram', ...model };
  if ('merges' in model) return { type: 'BPE', ...model };
  return { type: 'continuing_subword_prefix' in model ? 'WordPiece' : 'WordLevel', ...model };
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Readonly<Record<PropertyKey, unknown>>)[key] : undefined,
    json,
  );
}
