import type { Tokenizer, TokenizerJson } from '../../../../src/tokenizer/index.js';
import type { TextEnds } from '../../../data/documents.js';
import { unsupportedGguf } from '../expressible.js';
import { bool, type MetadataValue, string, uint32 } from '../metadata-values.js';
import { byteLevel } from './byte-level.js';
import { bytePieces } from './pieces.js';
import { unigram } from './unigram.js';
import type { Vocabulary } from './vocabulary.js';

/** What a file says of a tokenizer beside its vocabulary. */
export interface TokenizerFacts {
  /** Rows of the model's table of embeddings. */
  readonly rows: number;
  /** The tokens that texts begin and end with. */
  readonly ends: TextEnds;
  /** Content of the tokens `pad_token`, `unk_token` …, by these names. */
  readonly specialTokens: Readonly<Record<string, string>>;
  /** Null: the model has no chat template. */
  readonly chatTemplate: string | null;
}

/**
 * The tokenizer of a model as llama.cpp has it. Errors: ProblemError UNSUPPORTED_EXPORT for one that llama.cpp reads
 * texts otherwise than.
 */
export function ggmlTokenizer(json: TokenizerJson, tokenizer: Tokenizer, facts: TokenizerFacts): Vocabulary {
  const vocabulary = vocabularyOf(json, facts.rows);
  const idOf = (name: string) =>
    json.added_tokens.find(({ content }) => content === facts.specialTokens[name])?.id ?? null;
  const { begin, end, addsBegin, addsEnd } = aroundTexts(tokenizer, {
    begin: idOf('bos_token') ?? facts.ends.begin,
    end: idOf('eos_token') ?? facts.ends.end,
  });
  // What texts were ended with in training, where the tokenizer names something else, ends answers too.
  const isOther = facts.ends.end !== end && tokenizer.specialTokens.some(({ id }) => id === facts.ends.end);
  if (vocabulary.requiresBegin === true && !addsBegin) {
    throw unsupportedGguf('llama.cpp puts a token before every text of such a tokenizer, and the tokenizer puts none');
  }
  const entries: (readonly [string, MetadataValue | null])[] = [
    ['bos_token_id', idValue(begin)],
    ['eos_token_id', idValue(end)],
    ['eot_token_id', isOther ? idValue(facts.ends.end) : null],
    ['unknown_token_id', idValue(unknownIn(json) ?? idOf('unk_token'))],
    ['padding_token_id', idValue(idOf('pad_token'))],
    ['add_bos_token', bool(addsBegin)],
    ['add_eos_token', bool(addsEnd)],
  ];
  const given = entries.flatMap(([key, value]) => (value === null ? [] : [[`tokenizer.ggml.${key}`, value] as const]));
  const { chatTemplate } = facts;
  const template = chatTemplate === null ? [] : [['tokenizer.chat_template', string(chatTemplate)] as const];
  return {
    ...vocabulary,
    metadata: new Map([...vocabulary.metadata, ...given, ...template]),
    notes: notesOf(json, vocabulary),
  };
}

function vocabularyOf(json: TokenizerJson, rows: number): Vocabulary {
  const { model } = json;
  switch (model.type) {
    case 'BPE':
      return model.byte_fallback ? bytePieces(json, model, rows) : byteLevel(json, model, rows);
    case 'Unigram':
      return unigram(json, model, rows);
    case 'WordPiece':
    case 'WordLevel':
      throw unsupportedGguf(`llama.cpp has no tokenizer ${model.type} for models that predict the next token`);
    default:
      return model satisfies never;
  }
}

/** The tokens at the ends of texts, and which of them the tokenizer puts there itself. */
function aroundTexts(tokenizer: Tokenizer, ends: TextEnds) {
  const { ids, sequence } = tokenizer.encode('a', null, { maxLength: 64, truncationSide: 'right' });
  const first = sequence.findIndex((text) => text !== null);
  const last = sequence.findLastIndex((text) => text !== null);
  const [before, after] = [ids.slice(0, first), ids.slice(last + 1)];
  if (before.length > 1 || after.length > 1) {
    throw unsupportedGguf('llama.cpp puts one token at most before a text and after it, and the tokenizer puts more');
  }
  const end = after[0] ?? ends.end;
  // Without one llama.cpp takes some token of the vocabulary for it, and ends answers there.
  if (end === null) throw unsupportedGguf('the model names no token that ends texts, and llama.cpp needs one');
  return { begin: before[0] ?? ends.begin, end, addsBegin: before.length > 0, addsEnd: after.length > 0 };
}

function unknownIn({ model }: TokenizerJson): number | null {
  switch (model.type) {
    case 'BPE':
    case 'WordPiece':
    case 'WordLevel':
      return model.unk_token == null ? null : (model.vocab[model.unk_token] ?? null);
    case 'Unigram':
      return model.unk_id ?? null;
    default:
      return model satisfies never;
  }
}

function idValue(id: number | null | undefined): MetadataValue | null {
  return id == null ? null : uint32(id);
}

function notesOf({ added_tokens }: TokenizerJson, { notes }: Vocabulary): string[] {
  const greedy = added_tokens.filter(({ lstrip, rstrip, single_word }) => lstrip || rstrip || single_word);
  if (greedy.length === 0) return [...notes];
  const shown = greedy.slice(0, 3).map(({ content }) => `\`${content}\``);
  return [
    ...notes,
    `Where a text spells ${shown.join(', ')}${greedy.length > 3 ? ' …' : ''}, the tokenizer minds the characters beside it; llama.cpp does not.`,
  ];
}
