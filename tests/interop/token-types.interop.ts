import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readSafetensors, type Tensor, writeSafetensors } from '../../src/storage/safetensors.js';
import { modelFolder } from '../numerics/reference/hugging-face/reference.js';
import { openForFile } from './open-for-file.js';

/** Whether tokens have types, and which, is what `AutoTokenizer` makes of a model's files. */
const Logits = z.array(z.array(z.number())).nullable();

const { workshop, python } = await openForFile();

const families = ['bert', 'roberta'] as const;
const fast = 'PreTrainedTokenizerFast';
const withTypes = ['input_ids', 'token_type_ids', 'attention_mask'];
const withoutTypes = ['input_ids', 'attention_mask'];

/** Classes of their own make the layout of a pair anew: theirs has types 0 and 1. */
const classes = [
  'BertTokenizer',
  'BertTokenizerFast',
  'ElectraTokenizer',
  'MobileBertTokenizer',
  fast,
  'NoSuchTokenizer',
];
const byClass = [undefined, ...classes].flatMap((tokenizer_class) =>
  [1, 2].map((rows) => ({ family: 'bert', tokenizerConfig: { tokenizer_class }, single: 0, second: 1, rows })),
);
/** The layout is the one in tokenizer.json. */
const byNames = families.flatMap((family) =>
  [withTypes, withoutTypes].flatMap((model_input_names) =>
    [
      { single: 0, second: 1, rows: 2 },
      { single: 1, second: 0, rows: 2 },
      { single: 0, second: 0, rows: 1 },
      { single: 0, second: 1, rows: 1 },
    ].map((layout) => ({ family, tokenizerConfig: { tokenizer_class: fast, model_input_names }, ...layout })),
  ),
);
const cases = [...byClass, ...byNames].map((one) => ({ ...one, name: JSON.stringify(one) }));

describe('texts and pairs have the types that transformers gives them', () => {
  it.each(cases)('$name', async ({ tokenizerConfig, ...layout }) => {
    const folder = join(workshop.folder, crypto.randomUUID());
    await writeModel(folder, layout, tokenizerConfig);
    const model = await workshop.import(folder);
    for (const texts of [
      [['my card'], ['a fee for it']],
      [
        ['my card', 'a fee'],
        ['the transfer', 'is here'],
      ],
    ]) {
      const expected = await python.call('pairs', { folder, texts }, Logits);
      const ours = workshop.logitsOfPairs(model, texts);
      if (expected === null) {
        await expect(ours).rejects.toMatchObject({ problem: { code: 'INVALID_VALUE' } });
        continue;
      }
      for (const [i, row] of (await ours).entries()) {
        for (const [j, value] of row.entries()) expect(value).toBeCloseTo(expected[i]![j]!, 4);
      }
    }
  });
});

/** A classifier whose table of types tells them apart, and whose tokenizer gives the given types. */
async function writeModel(
  folder: string,
  { family, single, second, rows }: { family: string; single: number; second: number; rows: number },
  tokenizerConfig: Record<string, unknown>,
): Promise<void> {
  await cp(fileURLToPath(modelFolder(family)), folder, { recursive: true });
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
  const write = (name: string, json: unknown) => writeFile(join(folder, name), JSON.stringify(json));
  const { backend: _, tokenizer_class: __, ...tokens } = await read('tokenizer_config.json');
  await write('tokenizer_config.json', { ...tokens, ...tokenizerConfig });
  await write('config.json', { ...(await read('config.json')), type_vocab_size: rows });
  const tokenizer = await read('tokenizer.json');
  const [begin, end] = family === 'bert' ? ['[CLS]', '[SEP]'] : ['<s>', '</s>'];
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const text = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } });
  const idOf = (token: string) =>
    tokenizer.added_tokens.find(({ content }: { content: string }) => content === token).id as number;
  await write('tokenizer.json', {
    ...tokenizer,
    post_processor: {
      type: 'TemplateProcessing',
      single: [special(begin!, single), text('A', single), special(end!, single)],
      pair: [special(begin!, 0), text('A', 0), special(end!, 0), text('B', second), special(end!, second)],
      special_tokens: Object.fromEntries([begin!, end!].map((id) => [id, { id, ids: [idOf(id)], tokens: [id] }])),
    },
  });
  const tensors = new Map<string, Tensor>(readSafetensors(await readFile(join(folder, 'model.safetensors'))).tensors);
  const [name, { shape }] = [...tensors].find(([each]) => each.endsWith('token_type_embeddings.weight'))!;
  const width = shape[1]!;
  const data = Float32Array.from({ length: rows * width }, (_, i) => Math.sin(3 * i) * (1 + Math.floor(i / width)));
  tensors.set(name, { shape: [rows, width], data });
  const metadata = new Map([['format', 'pt']]);
  await writeFile(join(folder, 'model.safetensors'), Buffer.concat(writeSafetensors(tensors, metadata)));
}
