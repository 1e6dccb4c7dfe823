import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ImportedModel, importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { tokenizerKeys } from '../../../gpu-worker/hugging-face/transformers-js/tokenizer-keys.js';
import { convertUseLite, findUseLitePackage, storeUseLite } from '../../../src/models/bundled/use-lite.js';
import {
  decoderFamilies,
  decoderFolder,
  decoderReference,
  decoderTensors,
} from '../../numerics/reference/decoders/reference.js';
import { families, familyReference, modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { openCached } from './cached-session.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';
import { runOnnx } from './onnx-session.js';

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

const importFrom = (url: URL): Promise<ImportedModel> => importModel(fromFolder(fileURLToPath(url)), workshop.tools);

async function jsonIn(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** The largest difference, of the largest magnitude of what is expected. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const scale = Array.from(expected).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return Array.from(expected).reduce((most, value, i) => Math.max(most, Math.abs(actual[i]! - value)), 0) / scale;
}

const graphFiles = ['model.onnx', 'model_fp16.onnx', 'model_quantized.onnx'] as const;

describe('an encoder with a head', () => {
  test.each(families)('computes the same in every variant: %s', async (family) => {
    const { batches, firstToken } = familyReference(family);
    const { digest } = await importFrom(modelFolder(family));
    const folder = await workshop.exported(digest, 'transformersJs');
    // Weights of these models are drawn, and their logits are differences of larger numbers.
    const most = { 'model.onnx': 1e-4, 'model_fp16.onnx': 1e-2, 'model_quantized.onnx': 0.15 };
    for (const file of graphFiles) {
      const outputs = await runOnnx(join(folder, 'onnx'), batches[0]!, file);
      expect(Object.keys(outputs)).toEqual(['logits']);
      expect(outputs.logits!.data).toBeInstanceOf(Float32Array);
      expect(distance(outputs.logits!.data, firstToken.logits)).toBeLessThan(most[file]);
    }
  });

  test('is a folder that transformers.js knows', async () => {
    const { digest } = await importFrom(modelFolder('bert'));
    const folder = await workshop.exported(digest, 'transformersJs');
    const files = await readdir(folder, { recursive: true });
    expect(files).toEqual(expect.arrayContaining(['README.md', 'config.json', 'heads.json', 'tokenizer.json']));
    expect(files.filter((name) => name.startsWith('onnx/')).sort()).toEqual(graphFiles.map((name) => `onnx/${name}`));
    const [whole, halves, bytes] = await Promise.all(
      graphFiles.map(async (name) => (await stat(join(folder, 'onnx', name))).size),
    );
    expect(halves! / whole!).toBeLessThan(0.75);
    expect(bytes! / whole!).toBeLessThan(halves! / whole!);

    const config = await jsonIn(join(folder, 'config.json'));
    expect(config).toMatchObject({
      architectures: ['BertForSequenceClassification'],
      model_type: 'bert',
      id2label: { 0: 'cards', 1: 'transfers', 2: 'fees' },
    });
    // Every variant is there that transformers.js takes of its own accord.
    expect(config).not.toHaveProperty('transformers.js_config');
    expect(await jsonIn(join(folder, 'tokenizer_config.json'))).toMatchObject({
      tokenizer_class: 'TokenizersBackend',
      model_max_length: 64,
      mask_token: '[MASK]',
    });
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('library_name: transformers.js');
    expect(card).toContain("pipeline('text-classification', model, options)");
  });

  test.each([
    [['float16'], 'fp16'],
    [['int8', 'float16'], 'fp16'],
    [['int8'], 'q8'],
  ] as const)('has the graphs of %s alone, and says which is taken', async (variants, dtype) => {
    const { digest } = await importFrom(modelFolder('distilbert'));
    const folder = await workshop.exported(digest, 'transformersJs', { variants: [...variants] });
    expect(await readdir(join(folder, 'onnx'))).toHaveLength(variants.length);
    expect(await jsonIn(join(folder, 'config.json'))).toMatchObject({ 'transformers.js_config': { dtype } });
  });
});

test('has a tokenizer of a class that gives types of tokens where Attune gives them', async () => {
  const { manifest } = await importFrom(modelFolder('bert'));
  const facts = {
    chat: { template: null, specialTokens: { cls_token: '[CLS]' } },
    tokenizer: { specialTokens: [{ id: 4, content: '[MASK]' }], token: () => '' },
    ends: { begin: null, end: null },
  };
  const classOf = (givesTokenTypes: boolean, tokenizer_class?: string) =>
    tokenizerKeys({ tokenizer_class, model_max_length: 1e30 }, { ...manifest, givesTokenTypes }, facts);
  expect(classOf(true, 'BertTokenizerFast')).toEqual({
    tokenizer_class: 'BertTokenizerFast',
    model_max_length: 64,
    mask_token: '[MASK]',
    cls_token: '[CLS]',
  });
  expect(classOf(true, 'TokenizersBackend')).toMatchObject({ tokenizer_class: 'BertTokenizer' });
  expect(classOf(false, 'BertTokenizer')).toMatchObject({ tokenizer_class: 'PreTrainedTokenizer' });
  expect(classOf(false)).toMatchObject({ tokenizer_class: 'PreTrainedTokenizerFast' });
});

test('a model without a head gives states and what its pooler makes of them, in every variant', async () => {
  const { digest } = await importFrom(modelFolder('bert-bare'));
  const folder = await workshop.exported(digest, 'transformersJs');
  const batch = familyReference('bert').batches[0]!;
  const [whole, halves, bytes] = await Promise.all(
    graphFiles.map((file) => runOnnx(join(folder, 'onnx'), batch, file)),
  );
  for (const name of ['last_hidden_state', 'pooler_output']) {
    expect(distance(halves![name]!.data, whole![name]!.data)).toBeLessThan(1e-2);
    expect(distance(bytes![name]!.data, whole![name]!.data)).toBeLessThan(0.15);
  }
});

test('a family that transformers.js lacks is refused', async () => {
  const manifest = await storeUseLite(await convertUseLite(findUseLitePackage()), workshop.store);
  const { digest } = await workshop.store.write(Buffer.from(JSON.stringify(manifest)));
  await expect(workshop.exported(digest, 'transformersJs')).rejects.toMatchObject({
    problem: { code: 'UNSUPPORTED_EXPORT', message: expect.stringContaining('transformers.js has no class') },
  });
});

describe('a language model', () => {
  test('says what it begins and ends with, and how it is talked to', async () => {
    const copy = join(workshop.root, 'chatting');
    await cp(fileURLToPath(decoderFolder('llama')), copy, { recursive: true });
    await writeFile(join(copy, 'chat_template.jinja'), '{{ messages[0].content }}');
    const settings = { eos_token_id: 7, pad_token_id: 9, temperature: 0.6 };
    await writeFile(join(copy, 'generation_config.json'), JSON.stringify(settings));
    const { digest } = await importModel(fromFolder(copy), workshop.tools);
    const folder = await workshop.exported(digest, 'transformersJs', { variants: ['float16'] });
    expect(await jsonIn(join(folder, 'config.json'))).toMatchObject({
      architectures: ['LlamaForCausalLM'],
      'transformers.js_config': { dtype: 'fp16', kv_cache_dtype: { fp16: 'float16' } },
    });
    expect(await jsonIn(join(folder, 'generation_config.json'))).toEqual({
      bos_token_id: 1,
      // The model's own, and the token with which its tokenizer ends texts.
      eos_token_id: [7, 318],
      pad_token_id: 9,
      temperature: 0.6,
    });
    expect(await jsonIn(join(folder, 'tokenizer_config.json'))).toMatchObject({
      chat_template: '{{ messages[0].content }}',
      eos_token: '<|end_of_text|>',
      model_max_length: 40,
    });
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain("pipeline('text-generation', model, options)");
  });

  const most = { 'model.onnx': 1e-4, 'model_fp16.onnx': 1e-2, 'model_quantized.onnx': 0.15 };

  test.each(decoderFamilies)('goes on from keys and values as it reads a text at once: %s', async (family) => {
    const { digest, manifest } = await importFrom(decoderFolder(family));
    const folder = await workshop.exported(digest, 'transformersJs');
    const { ids, mask } = decoderReference(family).batches[0]!;
    const [T, V] = [ids[0]!.length, manifest.config.vocabularySize];
    const expected = decoderTensors(family).get('languageModel/logits')!.data as Float32Array;
    const tokensOf = (row: number) => mask[row]!.filter((one) => one === 1).length;
    const atTokens = ids.flatMap((_, row) => [...expected.subarray(row * T * V, (row * T + tokensOf(row)) * V)]);
    const onLeft = <Value>(rows: readonly (readonly Value[])[]) =>
      rows.map((values, row) => [...values.slice(tokensOf(row)), ...values.slice(0, tokensOf(row))]);
    for (const file of graphFiles) {
      const session = await openCached(join(folder, 'onnx', file));
      expect(session.inputNames.slice(0, 3)).toEqual(['input_ids', 'attention_mask', 'position_ids']);
      expect(session.outputNames[0]).toBe('logits');
      // At once, one token after another, and in pieces: padding on the right, then on the left.
      for (const cuts of [[], Array.from({ length: T - 1 }, (_, t) => t + 1), [2, 3]]) {
        const right = await session.logits(ids, mask, cuts);
        const left = await session.logits(onLeft(ids), onLeft(mask), cuts);
        const flat = (all: number[][][], ofRow: (rows: number[][], row: number) => number[][]) =>
          all.flatMap((rows, row) => ofRow(rows, row).flat());
        expect(
          distance(
            flat(right, (rows, row) => rows.slice(0, tokensOf(row))),
            atTokens,
          ),
        ).toBeLessThan(most[file]);
        expect(
          distance(
            flat(left, (rows, row) => rows.slice(T - tokensOf(row))),
            atTokens,
          ),
        ).toBeLessThan(most[file]);
      }
      await session.release();
    }
  });
});
