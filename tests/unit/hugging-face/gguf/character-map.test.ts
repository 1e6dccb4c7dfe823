import { expect, test } from 'vitest';
import { compileCharacterMap } from '../../../../gpu-worker/hugging-face/gguf/tokenizer/character-map.js';
import { compositionRules } from '../../../../gpu-worker/hugging-face/gguf/tokenizer/composed-characters.js';
import { alignedText } from '../../../../src/tokenizer/aligned-text.js';
import { createCharacterMap } from '../../../../src/tokenizer/character-map.js';

/** As the reader of SentencePiece's compiled rules reads it. */
function mapOf(rules: ReadonlyMap<string, string>): (text: string) => string {
  const map = createCharacterMap(Buffer.from(compileCharacterMap(rules)).toString('base64'));
  return (text) => map(alignedText(text)).text;
}

test('compiled rules replace what they name, and nothing else', () => {
  const map = mapOf(
    new Map([
      ['ﬁ', 'fi'],
      ['①', '1'],
      ['a', 'b'],
      ['日', ''],
    ]),
  );
  expect(map('ﬁx ① a ② 日b')).toBe('fix 1 b ② b');
});

test('every rule of NFKC is found where it is looked up, and characters without one stay', () => {
  const rules = compositionRules(() => true);
  const map = mapOf(rules);
  expect(rules.size).toBeGreaterThan(5000);
  const single = [...rules].filter(([text]) => Buffer.byteLength(text) <= 4 && [...text].length === 1);
  for (const [text, composed] of single) expect(map(text), JSON.stringify(text)).toBe(composed);
  // No child of one character is taken for that of another.
  const plain = Array.from({ length: 0x3000 }, (_, code) => String.fromCodePoint(code + 0x20)).filter(
    (character) => character.normalize('NFKC') === character,
  );
  for (const character of plain) expect(map(character)).toBe(character);
});

test('a letter with accents has a rule for each of its spellings', () => {
  const rules = compositionRules(() => true);
  for (const spelling of ['e\u0302\u0301', 'ê\u0301', 'ế'.normalize('NFD')]) expect(rules.get(spelling)).toBe('ế');
  expect(rules.has('ế')).toBe(false);
});
