import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createTokenizer } from '../../../src/tokenizer/index.js';

interface Reference {
  readonly json: unknown;
  readonly encodings: readonly {
    readonly text: string;
    readonly pair: string | null;
    readonly ids: number[];
    readonly typeIds: number[];
    readonly offsets: [number, number][];
  }[];
}

const file = new URL('../../numerics/reference/decoders/tokenizers.reference.json', import.meta.url);
const references: Record<string, Reference> = JSON.parse(readFileSync(file, 'utf8'));

/** As the Rust implementation encodes the same texts (tokenizers_reference.py). */
describe.each(Object.keys(references))('a tokenizer as %s has it', (name) => {
  const { json, encodings } = references[name]!;
  const tokenizer = createTokenizer(Buffer.from(JSON.stringify(json)));
  const options = { maxLength: 10_000, truncationSide: 'right' } as const;

  test.each(encodings)('encodes $text and $pair', ({ text, pair, ids, typeIds, offsets }) => {
    const encoding = tokenizer.encode(text, pair, options);
    expect(encoding.ids).toEqual(ids);
    expect(encoding.typeIds).toEqual(typeIds);
    expect(encoding.offsets).toEqual(offsets);
    expect(tokenizer.encodeIds(text, pair, options).ids).toEqual(ids);
  });
});
