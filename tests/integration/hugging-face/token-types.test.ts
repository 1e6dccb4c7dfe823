import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import { InferenceSession } from '../../../gpu-worker/engine/runtime/onnx-runtime.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { predict } from '../../../gpu-worker/forward/predict.js';
import { openModel } from '../../../gpu-worker/forward/ready-model.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { fromFolder, openWorkshop, refusalOf, type Workshop } from './import-tools.js';

/**
 * Which text of a pair a token is from is told to a model by its tokenizer, as transformers decides it:
 * tests/interop/token-types.interop.ts holds the same cases against it.
 */
let engine: Engine;
let workshop: Workshop;
beforeAll(async () => {
  engine = await createEngine({ target: 'cpu', threads: 1 });
});
afterAll(() => engine.release());
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

interface Change {
  /** Of `tokenizer_config.json`; null: there is no such file. */
  readonly tokenizerConfig?: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  /** The types that the tokenizer's template gives the tokens of a single text, and of both texts of a pair. */
  readonly types?: { readonly single?: number; readonly first?: number; readonly second?: number };
  /** Rows of the table of types: those there are, or fewer. */
  readonly rows?: number;
}

/** A folder of a classifier, whose table of types tells types apart clearly. */
async function folderOf({ tokenizerConfig, config, types = {}, rows = 2 }: Change, family = 'bert'): Promise<string> {
  const folder = await workshop.copyOf(family);
  const changeJson = async (name: string, change: (json: Record<string, unknown>) => object) => {
    const json = await readFile(join(folder, name), 'utf8').then(JSON.parse, () => ({}));
    await writeFile(join(folder, name), JSON.stringify(change(json)));
  };
  if (tokenizerConfig !== undefined) await changeJson('tokenizer_config.json', () => tokenizerConfig);
  await changeJson('config.json', (json) => ({ ...json, type_vocab_size: rows, ...config }));
  await changeJson('tokenizer.json', (json) => ({ ...json, post_processor: template(json, types) }));
  const weights = join(folder, 'model.safetensors');
  const tensors = new Map<string, Tensor>(readSafetensors(await readFile(weights)).tensors);
  const [name, { shape }] = [...tensors].find(([each]) => each.endsWith('token_type_embeddings.weight'))!;
  const width = shape[1]!;
  tensors.set(name, {
    shape: [rows, width],
    data: Float32Array.from({ length: rows * width }, (_, i) => Math.sin(3 * i) * (1 + Math.floor(i / width))),
  });
  await writeFile(weights, Buffer.concat(writeSafetensors(tensors)));
  return folder;
}

function template(json: Record<string, unknown>, { single = 0, first = 0, second = 1 }: NonNullable<Change['types']>) {
  const added = json.added_tokens as { content: string; id: number }[];
  const [begin, end] = added.some(({ content }) => content === '[CLS]') ? ['[CLS]', '[SEP]'] : ['<s>', '</s>'];
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const text = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } });
  const idOf = (token: string) => added.find(({ content }) => content === token)!.id;
  return {
    type: 'TemplateProcessing',
    single: [special(begin!, single), text('A', single), special(end!, single)],
    pair: [
      ...[special(begin!, first), text('A', first), special(end!, first)],
      ...[text('B', second), special(end!, second)],
    ],
    special_tokens: Object.fromEntries([begin!, end!].map((id) => [id, { id, ids: [idOf(id)], tokens: [id] }])),
  };
}

const texts = ['where is my card', 'a fee'];
const pairs = ['the transfer', 'my money'];

/** Probabilities of the first label, of pairs or of single texts. */
async function said(folder: string, second: string[] | null): Promise<number[]> {
  const { digest } = await importModel(fromFolder(folder), workshop.tools);
  const model = await openModel(engine, workshop.store, digest);
  try {
    const predictions = await predict(model, { texts, pairs: second }, () => undefined);
    return predictions.map(({ tasks: [task] }) => {
      if (task?.kind !== 'classification') throw new Error('The reference model classifies.');
      return task.labels.find(({ label }) => label === 'cards')!.probability;
    });
  } finally {
    await model.release();
  }
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  for (const [row, value] of expected.entries()) expect(actual[row]).toBeCloseTo(value, 6);
}

function expectApart(actual: readonly number[], other: readonly number[]): void {
  expect(Math.max(...other.map((value, row) => Math.abs(value - actual[row]!)))).toBeGreaterThan(1e-3);
}

async function typesGiven(change: Change, family = 'bert'): Promise<boolean | undefined> {
  const { manifest } = await importModel(fromFolder(await folderOf(change, family)), workshop.tools);
  return manifest.givesTokenTypes;
}

const names = (...model_input_names: string[]) => ({ tokenizerConfig: { model_input_names } });
const named = (tokenizer_class: string) => ({ tokenizerConfig: { tokenizer_class } });

describe('whether a BERT’s tokenizer gives types is what transformers takes it for', () => {
  test.each<[string, Change, boolean | undefined]>([
    ['where nothing is said', { tokenizerConfig: {} }, undefined],
    ['by the names of inputs', names('input_ids', 'attention_mask'), false],
    ['by the names of inputs', names('input_ids', 'token_type_ids'), undefined],
    ['by its class', named('BertTokenizer'), undefined],
    ['by its class', named('BertTokenizerFast'), undefined],
    ['by its class', named('PreTrainedTokenizerFast'), false],
    ['by its class', named('DistilBertTokenizer'), false],
    ['by its class in config.json', { tokenizerConfig: {}, config: { tokenizer_class: 'RobertaTokenizer' } }, false],
    [
      'by the names of inputs before its class',
      { tokenizerConfig: { tokenizer_class: 'PreTrainedTokenizerFast', model_input_names: ['token_type_ids'] } },
      undefined,
    ],
  ])('%s: %j', async (_, change, given) => {
    expect(await typesGiven(change)).toBe(given);
  });
});

describe('pairs of a BERT', () => {
  test('are read without types where the tokenizer gives none', async () => {
    const without = await said(await folderOf(names('input_ids', 'attention_mask')), pairs);
    expectClose(without, await said(await folderOf({ types: { second: 0 }, ...named('BertTokenizer') }), pairs));
    expectApart(without, await said(await folderOf(named('BertTokenizer')), pairs));
  });

  test('are read by a model of one type where the tokenizer gives both texts that one', async () => {
    const one = await folderOf({ types: { second: 0 }, rows: 1, ...named('BertTokenizer') });
    const answers = await said(one, pairs);
    expectClose(answers, await said(await folderOf({ rows: 1, ...names('input_ids') }), pairs));
  });

  test.each([
    [1, 1, 'the type 1, and the model has rows for the type 0 alone (type_vocab_size 1)'],
    [2, 2, 'the type 2, and the model has rows for the types 0 to 1 (type_vocab_size 2)'],
  ])('are refused by name beyond %i rows, and single texts are read', async (rows, second, message) => {
    const folder = await folderOf({ rows, types: { second }, ...named('BertTokenizer') });
    await expect(said(folder, pairs)).rejects.toMatchObject({
      problem: { code: 'INVALID_VALUE', path: ['pairs'], message: expect.stringContaining(message) },
    });
    expect(await said(folder, null)).toHaveLength(2);
  });

  test('of three types are read', async () => {
    const three = { rows: 3, ...named('BertTokenizer') };
    const others = await said(await folderOf({ ...three, types: { first: 2, second: 1 } }), pairs);
    expectApart(others, await said(await folderOf(three), pairs));
  });
});

test('a RoBERTa reads types where its tokenizer gives them, and only there', async () => {
  const types = { second: 1 };
  const typed = await said(await folderOf({ types, ...names('input_ids', 'token_type_ids') }, 'roberta'), pairs);
  const usual = await said(await folderOf({ types, ...named('RobertaTokenizer') }, 'roberta'), pairs);
  expectApart(typed, usual);
  expectClose(await said(await folderOf({ types, ...names('input_ids') }, 'roberta'), pairs), usual);
  expect(await typesGiven({ ...names('input_ids', 'token_type_ids') }, 'roberta')).toBe(true);
});

describe('single texts', () => {
  test('have the type that the tokenizer gives them', async () => {
    const first = await said(await folderOf(named('BertTokenizer')), null);
    const typed = await said(await folderOf({ types: { single: 1 }, ...named('BertTokenizer') }), null);
    expectApart(typed, first);
    expectClose(await said(await folderOf({ types: { single: 1 }, ...names('input_ids') }), null), first);
  });

  test('are refused at import where the model has no row for it', async () => {
    const folder = await folderOf({ types: { single: 2 }, ...named('BertTokenizer') });
    expect(await refusalOf(workshop, folder)).toMatchObject({
      code: 'INVALID_MODEL',
      message:
        'the tokenizer gives tokens of texts the type 2, and the model has rows for the types 0 to 1 (type_vocab_size 2)',
    });
  });
});

test('an ONNX file asks for types where they can make a difference, and its card says which', async () => {
  const inputsOf = async (change: Change, family = 'bert') => {
    const { digest } = await importModel(fromFolder(await folderOf(change, family)), workshop.tools);
    const folder = await workshop.exported(digest, 'onnx');
    const session = await InferenceSession.create(join(folder, 'model.onnx'));
    const asked = [...session.inputNames].sort();
    await session.release();
    return [...asked, /"token_type_ids": (.*),/.exec(await readFile(join(folder, 'README.md'), 'utf8'))?.[1]];
  };
  const common = ['attention_mask', 'input_ids'];
  const [types, zeros] = ['e.type_ids', '[0] * len(e.ids)'].map((row) => `numpy.array([${row} for e in encoded])`);
  expect(await inputsOf(named('BertTokenizer'))).toEqual([...common, 'token_type_ids', types]);
  expect(await inputsOf(names('input_ids'))).toEqual([...common, 'token_type_ids', zeros]);
  expect(await inputsOf({ rows: 1, types: { second: 0 }, ...named('BertTokenizer') })).toEqual([...common, undefined]);
  expect(await inputsOf(named('RobertaTokenizer'), 'roberta')).toEqual([...common, undefined]);
  expect(await inputsOf(names('token_type_ids'), 'roberta')).toEqual([...common, 'token_type_ids', types]);
});
