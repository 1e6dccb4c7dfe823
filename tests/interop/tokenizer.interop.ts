import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { createTokenizer } from '../../src/tokenizer/index.js';
import { families, modelFolder } from '../numerics/reference/hugging-face/reference.js';
import { openPython, type PythonProcess } from './python-process.js';
import { difficultTexts } from './texts.js';

const Encodings = z.array(z.object({ ids: z.array(z.number()), typeIds: z.array(z.number()) }));

const miniLm = inject('miniLm');
const folders = [...families.map((family) => fileURLToPath(modelFolder(family))), ...(miniLm === null ? [] : [miniLm])];

let python: PythonProcess;
beforeAll(() => {
  python = openPython();
});
afterAll(() => python[Symbol.asyncDispose]());

describe.each(folders)('the tokenizer of %s', (folder) => {
  it.each(['right', 'left'] as const)('gives the ids of Hugging Face’s, cut on the %s', async (side) => {
    const file = join(folder, 'tokenizer.json');
    const tokenizer = createTokenizer(await readFile(file));
    // Each text alone, then each beside its successor; but Hugging Face's cuts pairs in time that grows with the square
    // of their length.
    const short = difficultTexts.filter(({ length }) => length <= 1200);
    const pairs = short.map((text, i): [string, string | null] => [text, short[i + 1] ?? text]);
    const texts = [...difficultTexts.map((text): [string, string | null] => [text, null]), ...pairs];
    for (const maxLength of [16, 128]) {
      const expected = await python.call('token_ids', { file, side, maxLength, texts }, Encodings);
      for (const [i, [text, pair]] of texts.entries()) {
        const { ids, typeIds } = tokenizer.encodeIds(text, pair, { maxLength, truncationSide: side });
        expect(
          { ids, typeIds },
          `${JSON.stringify(text.slice(0, 60))} and ${JSON.stringify(pair?.slice(0, 60))}`,
        ).toEqual(expected[i]);
      }
    }
  });
});
