import { libraryPairs, libraryUnigram, libraryWordPiece } from './library.js';
import { TokenizerError } from './tokenizer-error.js';
import type { ModelJson } from './tokenizer-json.js';

/** The tokens of one word: their ids, and where each ends, in UTF-16 units of the word. */
interface WordTokens {
  readonly ids: readonly number[];
  readonly ends: readonly number[];
}

type SearchWord = (word: string) => WordTokens;

export interface WordModel {
  readonly search: SearchWord;
  /** Token strings by id. */
  readonly vocabulary: ReadonlyMap<number, string>;
}

/**
 * How many words are cached; beyond this number, the cache is cleared. Text of one language hardly reaches it, and a
 * hostile text must not fill the memory.
 */
const maxCachedWords = 1 << 16;
const maxCachedLength = 64;

/**
 * The model of a `tokenizer.json`: the library's search, word by word, with a cache of words (9 in 10 words of a data
 * set have occurred before).
 * @throws TokenizerError
 */
export function createWordModel(json: ModelJson): WordModel {
  const search = searchOf(json);
  const cache = new Map<string, WordTokens>();
  return {
    vocabulary: tokenStrings(json),
    search(word) {
      const found = cache.get(word);
      if (found !== undefined) return found;
      const tokens = search(word);
      if (word.length <= maxCachedLength) {
        if (cache.size >= maxCachedWords) cache.clear();
        cache.set(word, tokens);
      }
      return tokens;
    },
  };
}

function searchOf(json: ModelJson): SearchWord {
  switch (json.type) {
    case 'WordPiece':
      return wordPieceSearch(json);
    case 'BPE':
      return pairSearch(json);
    case 'Unigram':
      return unigramSearch(json);
    case 'WordLevel': {
      const ids = new Map(Object.entries(json.vocab));
      const unknown = idOf(ids, json.unk_token, 'model.unk_token');
      return (word) => ({ ids: [ids.get(word) ?? unknown], ends: [word.length] });
    }
    default:
      return json satisfies never;
  }
}

function wordPieceSearch(json: Extract<ModelJson, { type: 'WordPiece' }>): SearchWord {
  const ids = new Map(Object.entries(json.vocab));
  const unknown = idOf(ids, json.unk_token, 'model.unk_token');
  const library = libraryWordPiece(json);
  const prefix = json.continuing_subword_prefix.length;
  return (word) => {
    const pieces = library.encode([word]);
    if (pieces.length === 1 && pieces[0] === json.unk_token) return { ids: [unknown], ends: [word.length] };
    let end = 0;
    const ends = pieces.map((piece, position) => {
      end += piece.length - (position === 0 ? 0 : prefix);
      return end;
    });
    return { ids: pieces.map((piece) => ids.get(piece) ?? unknown), ends };
  };
}

/** Byte-pair encoding (Sennrich et al. 2016). */
function pairSearch(json: Extract<ModelJson, { type: 'BPE' }>): SearchWord {
  const ids = new Map(Object.entries(json.vocab));
  const unknown = json.unk_token == null ? null : idOf(ids, json.unk_token, 'model.unk_token');
  const merges = json.merges.map((merge) => (typeof merge === 'string' ? merge.split(' ', 2) : merge));
  const bad = merges.findIndex((pair) => pair.length !== 2 || !ids.has(pair.join('')));
  if (bad !== -1) {
    throw new TokenizerError('INVALID_TOKENIZER', `model.merges.${bad}`, 'makes no token of the vocabulary');
  }
  const library = libraryPairs({ ...json, merges: merges.map(([left = '', right = '']) => [left, right]) });
  const suffix = json.end_of_word_suffix?.length ?? 0;

  return (word) => {
    const tokens = { ids: [] as number[], ends: [] as number[] };
    const whole = ids.get(word);
    if (json.ignore_merges && whole !== undefined) return { ids: [whole], ends: [word.length] };
    let end = 0;
    let afterUnknown = false;
    const pieces = library.bpe(word);
    for (const [position, piece] of pieces.entries()) {
      end += piece.length - (position === pieces.length - 1 ? suffix : 0);
      const id = ids.get(piece);
      const bytes = id === undefined && json.byte_fallback ? byteIds(ids, piece) : null;
      const isUnknown = id === undefined && bytes === null;
      if (isUnknown && json.fuse_unk && afterUnknown) tokens.ends[tokens.ends.length - 1] = end;
      else if (isUnknown && unknown === null) continue;
      else {
        for (const found of bytes ?? [id ?? unknown ?? 0]) {
          tokens.ids.push(found);
          tokens.ends.push(end);
        }
      }
      afterUnknown = isUnknown;
    }
    return tokens;
  };
}

/** The ids of `<0xNN>` for each byte of a piece, if the vocabulary has all of them; else null. */
function byteIds(ids: ReadonlyMap<string, number>, piece: string): number[] | null {
  const found = Array.from(Buffer.from(piece, 'utf8'), (byte) =>
    ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  return found.every((id) => id !== undefined) ? found : null;
}

/** Without `unk_id` texts of known pieces alone have tokens, as in `tokenizers`. */
function unigramSearch(json: Extract<ModelJson, { type: 'Unigram' }>): SearchWord {
  const unknown = json.unk_id ?? null;
  if (unknown !== null && unknown >= json.vocab.length) {
    throw new TokenizerError('INVALID_TOKENIZER', 'model.unk_id', 'names no token of the vocabulary');
  }
  const ids = new Map(json.vocab.map(([token], id) => [token, id]));
  const library = libraryUnigram(json);
  return (word) => {
    let end = 0;
    const pieces = searched(() => library([word]), word);
    const ends = pieces.map((piece) => {
      end += piece.length;
      return end;
    });
    return { ids: pieces.map((piece) => ids.get(piece) ?? unknown ?? missing(piece)), ends };
  };
}

/** The library hands on all pieces of a word as arguments of one call, of which there are some 100,000 at most. */
function searched(search: () => readonly string[], word: string): readonly string[] {
  try {
    return search();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const what = `has too many tokens for ${word.length} characters that nothing divides`;
    throw new TokenizerError('UNKNOWN_TEXT', 'model', what);
  }
}

function missing(piece: string): never {
  const what = `names no token for the unknown, and “${piece.slice(0, 40)}” is not in the vocabulary`;
  throw new TokenizerError('UNKNOWN_TEXT', 'model.unk_id', what);
}

function idOf(ids: ReadonlyMap<string, number>, token: string, place: string): number {
  const id = ids.get(token);
  if (id === undefined) {
    throw new TokenizerError('INVALID_TOKENIZER', place, `“${token.slice(0, 40)}” is not in the vocabulary`);
  }
  return id;
}

/** The strings of a model's tokens, by id. */
export function tokenStrings(json: ModelJson): ReadonlyMap<number, string> {
  const entries: (readonly [string, number])[] =
    json.type === 'Unigram' ? json.vocab.map(([token], id) => [token, id]) : Object.entries(json.vocab);
  return new Map(entries.map(([token, id]) => [id, token]));
}
