import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTokenizer } from '../../../src/tokenizer/index.js';
import { modelFolder, tokenizationReferences } from '../../numerics/reference/hugging-face/reference.js';

const Case = z.object({
  text: z.string(),
  pair: z.string().nullable(),
  maxLength: z.number(),
  truncationSide: z.enum(['left', 'right']),
  ids: z.array(z.number()),
  typeIds: z.array(z.number()),
  offsets: z.array(z.tuple([z.number(), z.number()])),
  sequence: z.array(z.union([z.literal(0), z.literal(1), z.null()])),
  truncated: z.boolean(),
});
const Reference = z.record(z.string(), z.object({ tokenizer: z.unknown(), cases: z.array(Case).min(100) }));

const reference = Reference.parse(
  JSON.parse(readFileSync(new URL('../../numerics/reference/tokenizers.reference.json', import.meta.url), 'utf8')),
);

// Values from Hugging Face's `tokenizers` (tests/numerics/reference/tokenizers.py).
describe.each(Object.entries(reference))('the encodings of %s', (_, { tokenizer: json, cases }) => {
  const tokenizer = createTokenizer(Buffer.from(JSON.stringify(json)));

  it('are those of the Rust implementation: ids, type ids, offsets, truncation', () => {
    const found = cases.map(({ text, pair, maxLength, truncationSide }) => ({
      text,
      pair,
      maxLength,
      truncationSide,
      ...tokenizer.encode(text, pair, { maxLength, truncationSide }),
    }));
    const differing = found.filter(
      (encoding, index) => JSON.stringify(Case.parse(encoding)) !== JSON.stringify(cases[index]),
    );
    expect(differing.map((encoding) => ({ ...encoding, expected: cases[found.indexOf(encoding)] }))).toEqual([]);
  });

  it('are the same without offsets', () => {
    for (const { text, pair, maxLength, truncationSide, ids, typeIds, truncated } of cases) {
      expect(tokenizer.encodeIds(text, pair, { maxLength, truncationSide })).toEqual({ ids, typeIds, truncated });
    }
  });
});

// Values from transformers' own tokenizer classes, over the files of the small models that they saved.
describe.each(Object.entries(tokenizationReferences()))(
  'the tokenizer that transformers saved of %s',
  (family, cases) => {
    it('encodes as there', () => {
      const tokenizer = createTokenizer(readFileSync(new URL('tokenizer.json', modelFolder(family))));
      expect(cases.length).toBeGreaterThan(10);
      for (const { text, pair, maxLength, truncationSide, ...expected } of cases) {
        expect(tokenizer.encode(text, pair, { maxLength, truncationSide })).toEqual(expected);
      }
    });
  },
);
