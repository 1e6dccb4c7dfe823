import { type AlignedText, mapCharacters, prependTo, replaceMatches, sliceAligned, withText } from './aligned-text.js';
import { createCharacterMap } from './character-map.js';
import { compilePattern } from './compile-pattern.js';
import type { NormalizerJson } from './tokenizer-json.js';
import { toForm } from './unicode-forms.js';

/** Changes a text before it is split into words, and keeps every character's origin. */
export type Normalize = (aligned: AlignedText) => AlignedText;

const ascii = /^[\0-\x7f]*$/;
const plainAscii = /^[\t\n\r\x20-\x7e]*$/;
const controls = /^[\p{Cc}\p{Cf}\p{Co}\p{Cs}]$/u;
const whiteSpace = /^\p{White_Space}$/u;
/** CJK ideographs, with the ranges of Hugging Face's `tokenizers`, whose last but two begins at 2B920. */
const ideographs =
  /^[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]$/u;
const anyIdeograph = new RegExp(ideographs.source.slice(1, -1), 'u');

export function createNormalize(json: NormalizerJson | null): Normalize {
  if (json === null) return (aligned) => aligned;
  switch (json.type) {
    case 'BertNormalizer':
      return bertNormalize(json);
    case 'Sequence': {
      const all = json.normalizers.map(createNormalize);
      return (aligned) => all.reduce((text, normalize) => normalize(text), aligned);
    }
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD': {
      const form = json.type;
      return (aligned) => toForm(aligned, form);
    }
    case 'Lowercase':
      return lowercase;
    case 'StripAccents':
      return (aligned) => without(aligned, /\p{M}/u);
    case 'Strip':
      return (aligned) => strip(aligned, json.strip_left, json.strip_right);
    case 'Replace': {
      const pattern = compilePattern(json.pattern, 'normalizer');
      return (aligned) => replaceMatches(aligned, pattern, json.content);
    }
    case 'Prepend':
      return (aligned) => prependTo(aligned, json.prepend);
    case 'Precompiled':
      return json.precompiled_charsmap === null ? (aligned) => aligned : createCharacterMap(json.precompiled_charsmap);
    default:
      return json satisfies never;
  }
}

function bertNormalize(json: Extract<NormalizerJson, { type: 'BertNormalizer' }>): Normalize {
  const stripsAccents = json.strip_accents ?? json.lowercase;
  return (aligned) => {
    let text = aligned;
    if (json.clean_text) text = clean(text);
    if (json.handle_chinese_chars && anyIdeograph.test(text.text)) {
      text = mapCharacters(text, (character) => (ideographs.test(character) ? ` ${character} ` : character));
    }
    if (stripsAccents) text = without(toForm(text, 'NFD'), /\p{Mn}/u);
    return json.lowercase ? lowercase(text) : text;
  };
}

/** Removes control characters, and turns every white space into a space. */
function clean(aligned: AlignedText): AlignedText {
  const { text } = aligned;
  if (plainAscii.test(text)) return /[\t\n\r]/.test(text) ? withText(aligned, text.replace(/[\t\n\r]/g, ' ')) : aligned;
  return mapCharacters(aligned, (character) => {
    if (character === '\t' || character === '\n' || character === '\r') return ' ';
    if (character === '\ufffd' || controls.test(character)) return '';
    return whiteSpace.test(character) ? ' ' : character;
  });
}

/**
 * Lower-cases character by character: `ΑΣ` becomes `ασ`, where JavaScript would see the end of a word and write `ς`.
 */
function lowercase(aligned: AlignedText): AlignedText {
  const { text } = aligned;
  if (ascii.test(text)) return withText(aligned, text.toLowerCase());
  return mapCharacters(aligned, (character) => character.toLowerCase());
}

function without(aligned: AlignedText, removed: RegExp): AlignedText {
  if (!removed.test(aligned.text)) return aligned;
  return mapCharacters(aligned, (character) => (removed.test(character) ? '' : character));
}

function strip(aligned: AlignedText, left: boolean, right: boolean): AlignedText {
  const { text } = aligned;
  const start = left ? (/^\p{White_Space}*/u.exec(text)?.[0].length ?? 0) : 0;
  let end = text.length;
  while (right && end > start && whiteSpace.test(text.charAt(end - 1))) end--;
  return sliceAligned(aligned, start, end);
}
