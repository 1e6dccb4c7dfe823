import type { NormalizerJson, TokenizerJson } from '../../../../src/tokenizer/index.js';
import { unsupportedGguf } from '../expressible.js';
import { bool, type MetadataValue, string } from '../metadata-values.js';
import { compileCharacterMap } from './character-map.js';
import { compositionRules } from './composed-characters.js';
import { listTokens, tokenTypes } from './token-list.js';
import type { Vocabulary } from './vocabulary.js';

type Unigram = Extract<TokenizerJson['model'], { type: 'Unigram' }>;

const space = '▁';

/** llama.cpp finds tokens by their text in prompts; `�`, which broken texts have, is a piece and no such token. */
const unknownName = '<unk>';

/**
 * SentencePiece's Unigram model over whole texts (llama.cpp's tokenizer of T5). Errors: ProblemError UNSUPPORTED_EXPORT
 * for normalizers and words that llama.cpp does not have.
 */
export function unigram(json: TokenizerJson, model: Unigram, rows: number): Vocabulary {
  const { unk_id: unknown = null, vocab } = model;
  const steps = stepsOf(json);
  if (unknown === null || steps === null) {
    const { normalizer, pre_tokenizer } = json;
    throw unsupportedGguf(
      `llama.cpp does not prepare texts for Unigram as the tokenizer does (${JSON.stringify({ normalizer, pre_tokenizer }).slice(0, 300)})`,
    );
  }
  const entries = vocab.map(([token], id) => [token, id] as const);
  const typeOf = (_: string, id: number) => (id === unknown ? tokenTypes.unknown : null);
  const { tokens, types } = listTokens(entries, json.added_tokens, rows, typeOf);
  if (steps.unknown !== null) requireSingles(vocab, types, steps.unknown);
  const spelled = tokens.map((token, id) => (id === unknown && !tokens.includes(unknownName) ? unknownName : token));
  return {
    metadata: new Map<string, MetadataValue>([
      ['tokenizer.ggml.model', string('t5')],
      ['tokenizer.ggml.pre', string('default')],
      ['tokenizer.ggml.tokens', { type: 'strings', value: spelled }],
      ['tokenizer.ggml.scores', { type: 'float32s', value: tokens.map((_, id) => vocab[id]?.[1] ?? -1000) }],
      ['tokenizer.ggml.token_type', { type: 'int32s', value: types }],
      ['tokenizer.ggml.add_space_prefix', bool(steps.prepends)],
      ['tokenizer.ggml.remove_extra_whitespaces', bool(false)],
      ...characterMap(steps, vocab),
    ]),
    notes: [
      ...(steps.prepends ? ['A text of spaces alone has a token less in llama.cpp.'] : []),
      ...(steps.composes
        ? ['Several accents on a letter, in another order than Unicode’s, have other tokens in llama.cpp.']
        : []),
    ],
  };
}

/** What a normalizer does before the search. */
interface Steps {
  /** SentencePiece's compiled rules. */
  readonly compiled: Uint8Array | null;
  /** Whether texts are brought to NFKC. */
  readonly composes: boolean;
  /** What matches runs of characters that become the unknown token. */
  readonly unknown: RegExp | null;
  /** Whether a space is put before texts. */
  readonly prepends: boolean;
}

/** Null for a tokenizer that does something else, or in another order. */
function stepsOf({ normalizer, pre_tokenizer, model }: TokenizerJson): Steps | null {
  const left: NormalizerJson[] =
    normalizer === null ? [] : normalizer.type === 'Sequence' ? [...normalizer.normalizers] : [normalizer];
  const take = <T extends NormalizerJson>(matches: (step: NormalizerJson) => step is T): T | null => {
    const [step] = left;
    if (step === undefined || !matches(step)) return null;
    left.shift();
    return step;
  };
  type Of<Type extends NormalizerJson['type']> = Extract<NormalizerJson, { type: Type }>;
  const compiled = take((step): step is Of<'Precompiled'> => step.type === 'Precompiled');
  const composes = compiled === null && take((step): step is Of<'NFC'> => step.type === 'NFKC') !== null;
  const replaces = take((step): step is Of<'Replace'> => step.type === 'Replace' && 'String' in step.pattern);
  const unknown = take((step): step is Of<'Replace'> => step.type === 'Replace' && 'Regex' in step.pattern);
  const prepends = take((step): step is Of<'Prepend'> => step.type === 'Prepend');
  const isKnown =
    left.length === 0 &&
    pre_tokenizer === null &&
    replaces?.content === space &&
    'String' in replaces.pattern &&
    replaces.pattern.String === ' ' &&
    (prepends === null || prepends.prepend === space) &&
    model.type === 'Unigram' &&
    (unknown === null || unknown.content === model.vocab[model.unk_id ?? -1]?.[0]);
  if (!isKnown) return null;
  const map = compiled?.precompiled_charsmap ?? null;
  return {
    compiled: map === null ? null : Buffer.from(map, 'base64'),
    composes,
    unknown: unknown === null ? null : runs((unknown.pattern as { readonly Regex: string }).Regex),
    prepends: prepends !== null,
  };
}

/** A class of characters, of which runs are replaced. */
function runs(source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`, 'u');
  } catch (error) {
    throw unsupportedGguf(`the normalizer’s pattern cannot be read here: ${String(error).slice(0, 200)}`);
  }
}

/**
 * Requires that the characters which a normalizer takes for unknown are those which no piece has. llama.cpp takes a
 * character for unknown where no piece is that character.
 */
function requireSingles(vocab: Unigram['vocab'], types: readonly number[], unknown: RegExp): void {
  // A piece with a space is in no text: all of them were replaced.
  const pieces = vocab.flatMap(([piece], id) =>
    types[id] === tokenTypes.normal && !piece.includes(' ') ? [[...piece]] : [],
  );
  const singles = new Set(pieces.filter(({ length }) => length === 1).flat());
  const characters = new Set(pieces.flat());
  const isOther = [...characters].find(
    (character) => character !== space && (unknown.test(character) || !singles.has(character)),
  );
  if (isOther === undefined) return;
  throw unsupportedGguf(`llama.cpp takes other characters for unknown than the tokenizer, such as “${isOther}”`);
}

function characterMap({ compiled, composes }: Steps, vocab: Unigram['vocab']): [string, MetadataValue][] {
  if (compiled === null && !composes) return [];
  const known = new Set(vocab.flatMap(([piece]) => [...piece]));
  const isKnown = (text: string) =>
    text === ' ' || [...text].some((character) => known.has(character) || character === ' ');
  // What is unknown before and after is one unknown token either way.
  const rules = compositionRules((text, composed) => isKnown(text) || isKnown(composed));
  return [['tokenizer.ggml.precompiled_charsmap', { type: 'uint8s', value: compiled ?? compileCharacterMap(rules) }]];
}
