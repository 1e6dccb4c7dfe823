import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import type { GgufType } from '../../../src/protocol/job.js';
import { readSafetensors, writeSafetensors } from '../../../src/storage/safetensors.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { ggufReferences } from '../../numerics/reference/gguf/reference.js';
import { modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { withAllMerges } from '../../support/all-merges.js';
import { type GgufFile, readGguf } from '../../support/gguf-file.js';
import { glossLmIn } from '../../support/gloss-lm.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';

const references = ggufReferences();
const types = ['F32', 'F16', 'Q8_0'] as const;

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

async function exported(modelDigest: string, type: GgufType = 'F32'): Promise<string> {
  return workshop.exported(modelDigest, 'gguf', { gguf: { type, modelName: 'A model' } });
}

async function fileIn(folder: string): Promise<GgufFile> {
  const name = (await readdir(folder)).find((file) => file.endsWith('.gguf'))!;
  return readGguf(await readFile(join(folder, name)));
}

/** A decoder's folder with changes of its configuration and of its tokenizer. */
async function copyOf(
  name: string,
  changes: Readonly<Record<string, unknown>>,
  tokenizer: (json: Record<string, unknown>) => object = (json) => json,
): Promise<string> {
  const folder = join(workshop.root, crypto.randomUUID());
  await cp(fileURLToPath(decoderFolder(name)), folder, { recursive: true });
  const change = async (file: string, changed: (json: Record<string, unknown>) => object) =>
    writeFile(join(folder, file), JSON.stringify(changed(JSON.parse(await readFile(join(folder, file), 'utf8')))));
  await change('config.json', (json) => ({ ...json, ...changes }));
  await change('tokenizer.json', tokenizer);
  return folder;
}

async function imported(folder: string) {
  return importModel(fromFolder(folder), workshop.tools);
}

async function referenceModel(name: string) {
  if (name === 'gloss-lm') return glossLmIn(workshop.store);
  return imported(await copyOf(name.replace(/-.*/, ''), references[name]!.changes));
}

/** What Attune writes on purpose otherwise than the converter. */
const otherwise: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // Any size, where the converter takes 4 · embedding_length for it.
  gpt2: { 'gpt2.feed_forward_length': 24 },
  // The length of the window, which the converter passes over.
  qwen2: { 'qwen2.context_length': 4 },
  gemma3_text: {
    'gemma3.attention.sliding_window_pattern': [true, false],
    'tokenizer.ggml.tokens': expect.arrayContaining(['\n\n', '▁▁', '<0x0A>', '▁t']),
    'tokenizer.ggml.token_type': expect.arrayContaining([1, 2, 3, 4, 6]),
  },
  'qwen3-yarn': { 'qwen3.rope.scaling.attn_factor': 1 },
};

describe.each(Object.keys(references))('%s', (name) => {
  const reference = references[name]!;
  const isOther = (tensor: string) =>
    tensor === 'rope_freqs.weight' || (name === 'gemma3_text' && tensor.endsWith('.attn_q_norm.weight'));

  test.each(types)('has the tensors that llama.cpp’s converter writes as %s', async (type) => {
    const { tensors } = await fileIn(await exported((await referenceModel(name)).digest, type));
    const found = [...tensors].map(([tensor, { type: stored, shape, sha256 }]) => [
      tensor,
      { type: stored, shape, sha256 },
    ]);
    const expected = Object.entries(reference.tensors[type]).map(([tensor, described]) => [
      tensor,
      isOther(tensor) ? { ...described, sha256: expect.any(String) } : described,
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  test('has the metadata that llama.cpp’s converter writes', async () => {
    const { metadata } = await fileIn(await exported((await referenceModel(name)).digest));
    const expected = { ...reference.metadata, ...otherwise[name] };
    // What Attune adds.
    const { 'general.name': title, 'general.size_label': _, 'general.license': __, ...rest } = metadata;
    expect(title).toBe('A model');
    const shared = Object.fromEntries(Object.entries(rest).filter(([key]) => key in expected));
    expect(shared).toEqual(
      Object.fromEntries(
        Object.entries(expected).map(([key, value]) => [key, typeof value === 'number' ? Math.fround(value) : value]),
      ),
    );
  });
});

test('the norm of Gemma’s queries makes up for query_pre_attn_scalar, which llama.cpp does not read', async () => {
  const folder = fileURLToPath(decoderFolder('gemma3_text'));
  const { tensors } = await fileIn(await exported((await imported(folder)).digest));
  const source = readSafetensors(await readFile(join(folder, 'model.safetensors')));
  const weights = source.tensors.get('model.layers.0.self_attn.q_norm.weight')!.data;
  // Heads are 6 wide, and the scalar is 5.
  const expected = Float32Array.from(weights, (weight) => (1 + weight) * Math.sqrt(6 / 5));
  expect(floats(tensors.get('blk.0.attn_q_norm.weight')!.bytes)).toEqual(expected);
});

test('frequencies are divided by the factors of Llama 3.1', async () => {
  const { tensors } = await fileIn(await exported((await referenceModel('llama-llama3')).digest));
  // Head size 4, base 500, 16 positions: wavelengths 2π and 2π·√500 = 140.5. The first lies between 16/4 and 16/1:
  // 16/2π = 2.546, of 1 … 4 the share 0.5155 is kept; the second is longer, and its factor whole.
  const kept = (16 / (2 * Math.PI) - 1) / 3;
  const [first, second] = floats(tensors.get('rope_freqs.weight')!.bytes);
  expect(first).toBeCloseTo(1 / ((1 - kept) / 8 + kept), 6);
  expect(second).toBe(8);
});

test('an adapter is merged', async () => {
  const folder = await adapterOfLlama();
  const base = await imported(fileURLToPath(decoderFolder('llama')));
  const adapted = await importModel({ ...fromFolder(folder), adapterBaseDigest: base.digest }, workshop.tools);
  const [name, source] = ['blk.0.attn_v.weight', 'layers.0.self_attn.v_proj.weight'];
  const found = (await fileIn(await exported(adapted.digest))).tensors.get(name)!;
  const whole = await workshop.exported(adapted.digest, 'huggingFace');
  const merged = readSafetensors(await readFile(join(whole, 'model.safetensors'))).tensors.get(`model.${source}`)!;
  expect(floats(found.bytes)).toEqual(merged.data);
  expect(found.sha256).not.toBe((await fileIn(await exported(base.digest))).tensors.get(name)!.sha256);
});

/** The reference's adapter of a classifier as that of a language model: without the head. */
async function adapterOfLlama(): Promise<string> {
  const folder = join(workshop.root, 'adapter');
  await cp(fileURLToPath(decoderFolder('llama-adapter')), folder, { recursive: true });
  const [configPath, weightsPath] = [join(folder, 'adapter_config.json'), join(folder, 'adapter_model.safetensors')];
  const config = JSON.parse(await readFile(configPath, 'utf8'));
  await writeFile(configPath, JSON.stringify({ ...config, task_type: 'CAUSAL_LM', modules_to_save: null }));
  const tensors = [...readSafetensors(await readFile(weightsPath)).tensors].filter(([name]) => name.includes('lora_'));
  await writeFile(weightsPath, Buffer.concat(writeSafetensors(new Map(tensors))));
  return folder;
}

describe('a tokenizer of SentencePiece’s kind', () => {
  test('goes out with scores where merges are of all divisions of tokens', async () => {
    const { digest } = await imported(await copyOf('mistral', {}, withAllMerges));
    const folder = await exported(digest);
    const { metadata } = await fileIn(folder);
    expect(metadata).toMatchObject({
      'general.architecture': 'llama',
      'llama.context_length': 4,
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': 2,
      'tokenizer.ggml.unknown_token_id': 0,
      'tokenizer.ggml.add_bos_token': true,
      'tokenizer.ggml.add_space_prefix': true,
    });
    const tokens = metadata['tokenizer.ggml.tokens'] as string[];
    const scoreOf = (token: string) => (metadata['tokenizer.ggml.scores'] as number[])[tokens.indexOf(token)]!;
    // The first two merges of the tokenizer.
    expect(scoreOf('▁t')).toBeGreaterThan(scoreOf('▁a'));
    expect(scoreOf('▁a')).toBeGreaterThan(scoreOf('t'));
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('Within 4 tokens, the length of the window');
    expect(card).toContain('puts a space before every text');
  });

  test('is refused with merges that scores do not express', async () => {
    const { digest } = await imported(fileURLToPath(decoderFolder('mistral')));
    await expect(exported(digest)).rejects.toMatchObject({
      problem: { code: 'UNSUPPORTED_EXPORT', message: expect.stringContaining('no scores say') },
    });
    expect((await workshop.stored()).length).toBeGreaterThan(0);
  });
});

describe('is refused', () => {
  const dynamic = { rope_type: 'dynamic', factor: 2, rope_theta: 10_000 };
  test.each([
    ['llama', { rope_parameters: dynamic }, 'rotary positions scaled as dynamic'],
    ['qwen3', { attention_bias: true }, 'biases of attention'],
    ['gpt2', { activation_function: 'relu' }, 'the activation relu'],
  ] as const)('what llama.cpp lacks: %s %j', async (name, changes, message) => {
    const folder = await copyOf(name, changes);
    if ('attention_bias' in changes) await addBiases(folder);
    await expect(exported((await imported(folder)).digest)).rejects.toMatchObject({
      problem: { code: 'UNSUPPORTED_EXPORT', path: ['format'], message: expect.stringContaining(message) },
    });
  });

  test('a model with a head, and one that predicts no next token', async () => {
    const classifier = join(workshop.root, 'classifier');
    await cp(fileURLToPath(decoderFolder('llama')), classifier, { recursive: true });
    await cp(fileURLToPath(decoderFolder('llama-classifier')), classifier, { recursive: true });
    for (const folder of [classifier, fileURLToPath(modelFolder('bert'))]) {
      await expect(exported((await imported(folder)).digest)).rejects.toMatchObject({
        problem: { code: 'UNSUPPORTED_EXPORT' },
      });
    }
  });

  test('words that llama.cpp does not divide texts into, and a number that F16 does not hold', async () => {
    const other = (json: Record<string, unknown>) => ({
      ...json,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    });
    await expect(exported((await imported(await copyOf('gpt2', {}, other))).digest)).rejects.toMatchObject({
      problem: { message: expect.stringContaining('does not divide texts into words') },
    });
    const folder = await copyOf('gpt2', {});
    const path = join(folder, 'model.safetensors');
    const tensors = new Map(readSafetensors(await readFile(path)).tensors);
    const name = 'transformer.wte.weight';
    const { shape, data } = tensors.get(name)!;
    tensors.set(name, { shape, data: data.with(3, 70_000) });
    await writeFile(path, Buffer.concat(writeSafetensors(tensors)));
    const { digest } = await imported(folder);
    const before = await workshop.stored();
    await expect(exported(digest, 'F16')).rejects.toMatchObject({
      problem: { path: ['ggufType'], message: expect.stringContaining('token_embd.weight holds 70000') },
    });
    expect(await workshop.stored()).toEqual(before);
    const { tensors: written } = await fileIn(await exported(digest, 'F32'));
    expect(floats(written.get('token_embd.weight')!.bytes)[3]).toBe(70_000);
  });
});

/** Biases of zero in every projection of attention. */
async function addBiases(folder: string): Promise<void> {
  const path = join(folder, 'model.safetensors');
  const tensors = new Map(readSafetensors(await readFile(path)).tensors);
  for (const [name, { shape }] of [...tensors]) {
    const size = shape[0]!;
    if (/_proj\.weight$/.test(name) && name.includes('self_attn')) {
      tensors.set(name.replace('.weight', '.bias'), { shape: [size], data: new Float32Array(size) });
    }
  }
  await writeFile(path, Buffer.concat(writeSafetensors(tensors)));
}

function floats(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index));
}
