import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sampleTokens } from '../../../src/experiments/sample-tokens.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';

const tokenizer = createTokenizer(readFileSync(new URL('tokenizer.json', decoderFolder('llama'))));
const options = { maxLength: 8, contextLength: 16, truncationSide: 'right' } as const;
const sample = ['a', 'word '.repeat(500)].map((text, row) => ({ row, texts: [text] }));

test('texts are counted up to the context, and documents that are divided in whole', async () => {
  const whole = tokenizer.encodeIds(sample[1]!.texts[0]!, null, { maxLength: 1e6, truncationSide: 'right' }).ids.length;
  expect(whole).toBeGreaterThan(500);
  const cut = await sampleTokens(sample, tokenizer, { ...options, areDivided: false });
  expect(cut.counts).toMatchObject({ longest: 16, truncatedShare: 0.5 });
  const divided = await sampleTokens(sample, tokenizer, { ...options, areDivided: true });
  expect(divided.counts).toMatchObject({ longest: whole, truncatedShare: 0.5, sampledExamples: 2 });
  expect(divided.counts.meanAfterTruncation).toBe(cut.counts.meanAfterTruncation);
});

test('of long documents the beginning is read, and the rest counts in proportion', async () => {
  const repeated = (times: number) => sample[1]!.texts[0]!.repeat(times);
  const long = Array.from({ length: 128 }, (_, row) => ({ row, texts: [repeated(row === 0 ? 400 : 4)] }));
  const { counts } = await sampleTokens(long, tokenizer, { ...options, areDivided: true });
  const { length } = tokenizer.encodeIds(repeated(1), null, { maxLength: 1e6, truncationSide: 'right' }).ids;
  expect(counts.longest / (400 * length)).toBeCloseTo(1, 1);
  expect(counts.median / (4 * length)).toBeCloseTo(1, 1);
  expect(counts.truncatedShare).toBe(1);
});
