import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnswerText } from '../../../gpu-worker/generation/answer-text.js';
import { createTokenizer, openVocabulary, type Vocabulary } from '../../../src/tokenizer/index.js';
import decoded from '../../numerics/reference/decoders/decoded.reference.json' with { type: 'json' };
import reference from '../../numerics/reference/decoders/tokenizers.reference.json' with { type: 'json' };

interface Reference {
  readonly json: unknown;
  readonly encodings: readonly { readonly pair: string | null; readonly ids: readonly number[] }[];
}

const bytesOf = ({ json }: Reference) =>
  new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json));

const tokenizers = Object.entries(reference as unknown as Record<string, Reference>).map(([name, given]) => ({
  name,
  given,
  expected: (decoded as Record<string, string[]>)[name]!,
}));

const isWellFormed = (text: string) => !/\p{Surrogate}/u.test(text);

function written(vocabulary: Vocabulary, ids: readonly number[], stop: readonly string[] = []) {
  const answer = createAnswerText(vocabulary, stop);
  const pieces: string[] = [];
  for (const id of ids) {
    const { text, stop: met } = answer.feed(id);
    pieces.push(text);
    if (met !== null) return { text: pieces.join(''), pieces, stop: met };
  }
  pieces.push(answer.end());
  return { text: pieces.join(''), pieces, stop: null };
}

describe.each(tokenizers)("the text of $name's tokens", ({ given, expected }) => {
  const vocabulary = openVocabulary(bytesOf(given));
  const texts = given.encodings.filter(({ pair }) => pair === null);

  it('is that of the Rust implementation', () => {
    for (const [index, { ids }] of texts.entries()) expect(written(vocabulary, ids).text).toBe(expected[index]);
  });

  it('never shows half a character', () => {
    for (const [index, { ids }] of texts.entries()) {
      if (expected[index]!.includes('\ufffd')) continue;
      for (const piece of written(vocabulary, ids).pieces) {
        expect(piece).not.toContain('\ufffd');
        expect(isWellFormed(piece)).toBe(true);
      }
    }
  });

  it('ends before a stop string, wherever tokens divide it', () => {
    for (const [index, { ids }] of texts.entries()) {
      const text = expected[index]!;
      for (const length of [1, 2, 5]) {
        const start = Math.floor(text.length / 3);
        const stop = text.slice(start, start + length);
        if (stop === '' || !isWellFormed(stop)) continue;
        const met = written(vocabulary, ids, ['never there', stop]);
        expect(met).toMatchObject({ text: text.slice(0, text.indexOf(stop)), stop });
      }
    }
  });
});

describe('stop strings', () => {
  const { given } = tokenizers.find(({ name }) => name === 'gpt2')!;
  const vocabulary = openVocabulary(bytesOf(given));
  const ids = createTokenizer(bytesOf(given)).encode('one two three', null, {
    maxLength: 64,
    truncationSide: 'right',
  }).ids;

  it('are held back only while they may still come', () => {
    const answer = createAnswerText(vocabulary, ['o thirteen']);
    const shown = ids.map((id) => answer.feed(id).text);
    expect(shown.join('') + answer.end()).toBe('one two three');
    expect(written(vocabulary, ids, ['o thirteen']).stop).toBeNull();
  });

  it('end the text at the first of them', () => {
    expect(written(vocabulary, ids, ['three', 'wo', 't'])).toMatchObject({ text: 'one ', stop: 't' });
  });
});

describe('how tokens divide a text', () => {
  const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
    maxLength: 8,
  });
  const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
    maxLength: 3,
  });

  /** A vocabulary whose ids are the places of these texts. */
  const vocabularyOf = (texts: readonly string[]): Vocabulary => ({
    size: texts.length,
    bytesOf: (id) => new TextEncoder().encode(texts[id]),
    textOf: (id) => texts[id]!,
  });
  const read = (texts: readonly string[], stop: readonly string[]) => {
    const { text, stop: met } = written(vocabularyOf(texts), [...texts.keys()], stop);
    return { text, met };
  };

  it('makes no difference to where a stop string ends it', () => {
    fc.assert(
      fc.property(pieces, stops, (texts, stop) => {
        expect(read(texts, stop)).toEqual(read([...texts.join('')], stop));
      }),
    );
    // "b" is complete before "abc" is, in one token too; of "abc" and "bc", complete together, the longer one.
    expect(read(['xabc'], ['abc', 'b'])).toEqual({ text: 'xa', met: 'b' });
    expect(read(['xabc'], ['bc', 'abc'])).toEqual({ text: 'x', met: 'abc' });
  });
});

describe('openVocabulary', () => {
  it('has no bytes for special tokens and ids without a token', () => {
    const { given } = tokenizers.find(({ name }) => name === 'llama2')!;
    const vocabulary = openVocabulary(bytesOf(given));
    expect(vocabulary.bytesOf(1)).toBeNull();
    expect(vocabulary.textOf(1)).toBe('<s>');
    expect(vocabulary.bytesOf(vocabulary.size + 5)).toBeNull();
    expect(vocabulary.textOf(vocabulary.size + 5)).toBe('');
    expect([...vocabulary.bytesOf(3)!]).toEqual([0]);
  });

  it('refuses a decoder that it does not know', () => {
    const { given } = tokenizers.find(({ name }) => name === 'gpt2')!;
    const json = JSON.parse(new TextDecoder().decode(bytesOf(given)));
    const changed = new TextEncoder().encode(JSON.stringify({ ...json, decoder: { type: 'CTC' } }));
    expect(() => openVocabulary(changed)).toThrow('decoder');
  });
});
