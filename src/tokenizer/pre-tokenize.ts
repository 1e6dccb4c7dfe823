import { type LongPattern, longMatches, longPattern } from '../protocol/long-matches.js';
import { type AlignedText, alignedWriter, prependTo, replaceMatches, sliceAligned, spanOf } from './aligned-text.js';
import { byteCharacters } from './byte-characters.js';
import { compilePattern } from './compile-pattern.js';
import type { PreTokenizerJson } from './tokenizer-json.js';

/** Splits a text into the parts that the model searches one by one: roughly words. */
export type PreTokenize = (text: AlignedText) => readonly AlignedText[];

type SplitBehavior = Extract<PreTokenizerJson, { type: 'Split' }>['behavior'];

const punctuation = '\\p{P}!-/:-@\\[-`{-~';
const bertWords = longPattern([{ run: `[^\\p{White_Space}${punctuation}]` }, `[${punctuation}]`]);
const wordCharacters = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';
const wordsAndSymbols = longPattern([{ run: `[${wordCharacters}]` }, { run: `[^${wordCharacters}\\p{White_Space}]` }]);
const spaceless = longPattern([{ run: '[^\\p{White_Space}]' }]);
/**
 * GPT-2's words. In Oniguruma `\s` is Unicode's white space, while JavaScript's `\s` also contains U+FEFF. The last
 * white space before another character is apart (`\s+(?!\S)|\s+`).
 */
const gpt2Words = longPattern([
  "'s|'t|'re|'ve|'m|'ll|'d",
  { before: ' ?', run: '\\p{L}' },
  { before: ' ?', run: '\\p{N}' },
  { before: ' ?', run: '[^\\p{White_Space}\\p{L}\\p{N}]' },
  { before: '\\p{White_Space}', run: '\\p{White_Space}(?!\\P{White_Space})', mayBeEmpty: true },
]);
const encoder = new TextEncoder();

export function createPreTokenize(json: PreTokenizerJson | null): PreTokenize {
  if (json === null) return (text) => [text];
  switch (json.type) {
    case 'BertPreTokenizer':
      return (text) => matchesOf(text, bertWords);
    case 'Whitespace':
      return (text) => matchesOf(text, wordsAndSymbols);
    case 'WhitespaceSplit':
      return (text) => matchesOf(text, spaceless);
    case 'ByteLevel':
      return (text) => {
        const prefixed = json.add_prefix_space && !text.text.startsWith(' ') ? prependTo(text, ' ') : text;
        return (json.use_regex ? matchesOf(prefixed, gpt2Words) : [prefixed]).map(toBytes);
      };
    case 'Metaspace':
      return metaspace(json);
    case 'Split': {
      const pattern = compilePattern(json.pattern, 'pre_tokenizer');
      return (text) => split(text, pattern, json.behavior, json.invert);
    }
    case 'Punctuation': {
      const pattern = new RegExp(`[${punctuation}]`, 'gu');
      return (text) => split(text, pattern, json.behavior, false);
    }
    case 'Digits':
      return (text) => split(text, /\p{N}/gu, json.individual_digits ? 'Isolated' : 'Contiguous', false);
    case 'Sequence': {
      const all = json.pretokenizers.map(createPreTokenize);
      return (text) => all.reduce<readonly AlignedText[]>((pieces, next) => pieces.flatMap(next), [text]);
    }
    default:
      return json satisfies never;
  }
}

function matchesOf(text: AlignedText, pattern: LongPattern): AlignedText[] {
  return Array.from(longMatches(text.text, pattern), ({ start, end }) => sliceAligned(text, start, end));
}

function metaspace(json: Extract<PreTokenizerJson, { type: 'Metaspace' }>): PreTokenize {
  const { replacement } = json;
  const scheme = json.prepend_scheme ?? (json.add_prefix_space === false ? 'never' : 'always');
  return (given) => {
    let text = replaceMatches(given, / /g, replacement);
    const isFirst = spanOf(given, 0, 1)[0] === 0;
    if ((scheme === 'always' || (scheme === 'first' && isFirst)) && !text.text.startsWith(replacement)) {
      text = prependTo(text, replacement);
    }
    return json.split ? split(text, new RegExp(replacement, 'gu'), 'MergedWithNext', false) : [text];
  };
}

interface Stretch {
  start: number;
  end: number;
  readonly isMatch: boolean;
}

/** Splits a text at a pattern's matches, like `NormalizedString::split`. */
function split(text: AlignedText, pattern: RegExp, behavior: SplitBehavior, invert: boolean): AlignedText[] {
  const stretches: Stretch[] = [];
  let at = 0;
  for (const { 0: match, index } of text.text.matchAll(pattern)) {
    if (match === '') continue;
    if (index > at) stretches.push({ start: at, end: index, isMatch: invert });
    stretches.push({ start: index, end: index + match.length, isMatch: !invert });
    at = index + match.length;
  }
  if (at < text.text.length) stretches.push({ start: at, end: text.text.length, isMatch: invert });
  return joined(stretches, behavior).map(({ start, end }) => sliceAligned(text, start, end));
}

function joined(stretches: readonly Stretch[], behavior: SplitBehavior): readonly Stretch[] {
  switch (behavior) {
    case 'Isolated':
      return stretches;
    case 'Removed':
      return stretches.filter(({ isMatch }) => !isMatch);
    case 'Contiguous':
      return join(stretches, (isMatch, previous) => isMatch === previous);
    case 'MergedWithPrevious':
      return join(stretches, (isMatch, previous) => isMatch && !previous);
    case 'MergedWithNext': {
      const mirrored = stretches.map((stretch) => ({ ...stretch, start: -stretch.end, end: -stretch.start })).reverse();
      return join(mirrored, (isMatch, previous) => isMatch && !previous)
        .map((stretch) => ({ ...stretch, start: -stretch.end, end: -stretch.start }))
        .reverse();
    }
    default:
      return behavior satisfies never;
  }
}

function join(stretches: readonly Stretch[], belongs: (isMatch: boolean, previous: boolean) => boolean): Stretch[] {
  const all: Stretch[] = [];
  let previous = false;
  for (const stretch of stretches) {
    const last = all.at(-1);
    if (last !== undefined && belongs(stretch.isMatch, previous)) last.end = stretch.end;
    else all.push({ ...stretch });
    previous = stretch.isMatch;
  }
  return all;
}

/** One character for each byte of UTF-8; all bytes of a character come from its place. */
function toBytes(text: AlignedText): AlignedText {
  if (/^[!-~]*$/.test(text.text)) return text;
  const writer = alignedWriter();
  const known = new Map<string, string>();
  let at = 0;
  for (const character of text.text) {
    let bytes = known.get(character);
    if (bytes === undefined) {
      bytes = Array.from(encoder.encode(character), (byte) => byteCharacters[byte] ?? '').join('');
      known.set(character, bytes);
    }
    writer.write(bytes, spanOf(text, at, at + character.length));
    at += character.length;
  }
  return writer.done();
}
