import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loraTensors } from '../../../gpu-worker/adapters/lora-parameters.js';
import { exportPeftAdapter } from '../../../gpu-worker/hugging-face/peft/export-peft.js';
import { importPeftAdapter } from '../../../gpu-worker/hugging-face/peft/import-peft.js';
import { ProblemError } from '../../../gpu-worker/problem-error.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { expectClose } from '../nn/differentiate.js';
import { modelFolder } from '../reference/hugging-face/reference.js';
import { mergeAdapter } from './merge-adapter.js';
import { openFolder, writeBase } from './support.js';

const prefix = 'base_model.model.';
const query = `${prefix}bert.encoder.layer.0.attention.self.query`;

/** PEFT's trained adapter `name`, changed by `change`, in a folder of its own. */
async function copyAdapter(
  root: string,
  name: string,
  change: (tensors: Map<string, Tensor>, config: Record<string, unknown>) => void = () => {},
): Promise<string> {
  const original = modelFolder(`adapters/${name}/trained`);
  const file = await readFile(new URL('adapter_model.safetensors', original));
  const tensors = new Map(readSafetensors(file).tensors);
  const config = JSON.parse(await readFile(new URL('adapter_config.json', original), 'utf8'));
  change(tensors, config);
  const folder = join(root, crypto.randomUUID());
  await mkdir(folder);
  await writeFile(join(folder, 'adapter_config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'adapter_model.safetensors'), Buffer.concat(writeSafetensors(tensors)));
  return folder;
}

async function problemOf(importing: Promise<unknown>): Promise<{ code: string; message: string; hint: string | null }> {
  const error = await importing.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ProblemError) return error.problem;
  throw error ?? new Error('It was taken.');
}

describe('importPeftAdapter', () => {
  it('says what it took in', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert', {
      pooler: true,
      heads: false,
      configJson: { id2label: { '0': 'cards', '1': 'transfers', '2': 'fees' } },
    });
    const { manifest, artifacts } = await importPeftAdapter(await copyAdapter(place.folder, 'bert-lora'), base, place);
    expect(manifest.heads).toEqual([{ kind: 'classification', task: 'label', labels: ['cards', 'transfers', 'fees'] }]);
    expect(manifest.pooling).toBe('firstToken');
    expect(manifest.weights).toEqual(base.weights);
    expect(manifest.adapter!.config).toEqual({
      rank: 4,
      alpha: 8,
      rankStabilized: false,
      dropout: 0,
      targetModules: expect.arrayContaining(['query', 'value']),
    });
    // 8 matrices of 4 · 32, 3 · 32 + 3 of the head.
    expect(manifest.parameterCount).toBe(base.parameterCount + 8 * 128 + 99);
    for (const { digest, sizeBytes } of artifacts) {
      expect((await place.store.read(digest)).byteLength).toBe(sizeBytes);
    }
    expect(artifacts).toHaveLength(5);
  });

  it('takes a head of one number for a reward where it is called one, as of TRL with PEFT', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert', { pooler: true, heads: false });
    const folder = await copyAdapter(place.folder, 'bert-lora', (tensors) => {
      for (const [name, { shape, data }] of tensors) {
        if (!name.startsWith(`${prefix}classifier.`)) continue;
        tensors.set(name, { shape: [1, ...shape.slice(1)], data: data.slice(0, data.length / shape[0]!) });
      }
    });
    const { manifest } = await importPeftAdapter(folder, base, place, { isRewardModel: true });
    expect(manifest.heads).toEqual([
      {
        kind: 'reward',
        task: 'reward',
        mean: 0,
        scale: 1,
        evidence: null,
        templateTime: null,
        looksPastPadding: true,
      },
    ]);
    const stored = readSafetensors(await place.store.read(manifest.adapter!.weights.digest)).tensors;
    expect(stored.get('heads.reward.weight')!.shape).toEqual([1, 32]);
    const classes = await copyAdapter(place.folder, 'bert-lora');
    expect(await problemOf(importPeftAdapter(classes, base, place, { isRewardModel: true }))).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: expect.stringContaining('one number'),
    });
  });

  it('takes a pooler that the base model lacks, and asks for one', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'roberta', { pooler: false, heads: false });
    const whole = await importPeftAdapter(await copyAdapter(place.folder, 'roberta-whole-classifier'), base, place);
    expect(whole.manifest.layers.at(-1)!.name).toBe('pooler');
    expect(whole.manifest.heads[0]).toMatchObject({ labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'] });
    const headAlone = importPeftAdapter(await copyAdapter(place.folder, 'roberta-lora'), base, place);
    expect((await problemOf(headAlone)).message).toContain('pooler');
  });

  it('gives modules of different rank and alpha one of each, without changing what they compute', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert');
    const original = await importPeftAdapter(await copyAdapter(place.folder, 'bert-lora'), base, place);
    const folder = await copyAdapter(place.folder, 'bert-lora', (tensors, config) => {
      // The first two of four ranks of layer 0's query, at alpha 6: scale 3 where the others have 2.
      const [a, b] = [tensors.get(`${query}.lora_A.weight`)!, tensors.get(`${query}.lora_B.weight`)!];
      tensors.set(`${query}.lora_A.weight`, { shape: [2, 32], data: a.data.slice(0, 64) });
      tensors.set(`${query}.lora_B.weight`, { shape: [32, 2], data: b.data.filter((_, i) => i % 4 < 2) });
      config.rank_pattern = { 'layer.0.attention.self.query': 2 };
      config.alpha_pattern = { 'layer.0.attention.self.query': 6 };
    });
    const { manifest } = await importPeftAdapter(folder, base, place);
    expect(manifest.adapter!.config.rank).toBe(4);
    const weights = async (model: ModelManifest) => {
      const [own, adapter] = [
        readSafetensors(await place.store.read(model.weights.digest)).tensors,
        readSafetensors(await place.store.read(model.adapter!.weights.digest)).tensors,
      ];
      return { own, adapter, merged: mergeAdapter(model, model.adapter!.config, own, adapter) };
    };
    const [plain, patterned] = [await weights(original.manifest), await weights(manifest)];
    const name = 'encoder.layer.0.attention.self.query';
    const { a, b } = loraTensors(name);
    const [down, up] = [plain.adapter.get(a)!.data, plain.adapter.get(b)!.data];
    const expected = plain.own.get(`${name}.weight`)!.data.map((weight, index) => {
      const [row, column] = [Math.floor(index / 32), index % 32];
      return weight + 3 * (up[row * 4]! * down[column]! + up[row * 4 + 1]! * down[32 + column]!);
    });
    expectClose(patterned.merged.get(`${name}.weight`)!.data, expected, 1e-6, name);
    const other = 'encoder.layer.1.attention.self.value.weight';
    expectClose(patterned.merged.get(other)!.data, plain.merged.get(other)!.data, 1e-6, other);
  });

  it.each([
    [
      'a matrix without its other one',
      (tensors: Map<string, Tensor>) => tensors.delete(`${query}.lora_B.weight`),
      'encoder.layer.0.attention.self.query.lora_B.weight is missing',
    ],
    [
      'a shape that does not fit',
      (tensors: Map<string, Tensor>) =>
        tensors.set(`${query}.lora_A.weight`, { shape: [4, 31], data: new Float32Array(124) }),
      '[4,31] where the base model needs [4,32]',
    ],
    [
      'a module that the base model lacks',
      (tensors: Map<string, Tensor>) =>
        tensors.set(`${query.replace('layer.0', 'layer.7')}.lora_A.weight`, {
          shape: [4, 32],
          data: new Float32Array(128),
        }),
      'encoder.layer.7.attention.self.query.lora_A.weight',
    ],
    [
      'an adapted embedding',
      (tensors: Map<string, Tensor>) =>
        tensors.set(`${prefix}bert.embeddings.word_embeddings.lora_embedding_A`, {
          shape: [4, 120],
          data: new Float32Array(480),
        }),
      'lora_embedding_A',
    ],
    [
      'numbers that are not finite',
      (tensors: Map<string, Tensor>) => tensors.get(`${query}.lora_A.weight`)!.data.fill(Number.NaN, 3, 4),
      'not finite',
    ],
    [
      'a head without its bias',
      (tensors: Map<string, Tensor>) => tensors.delete(`${prefix}classifier.bias`),
      'heads.label.bias is missing',
    ],
    [
      'a head of very many classes and no inputs',
      (tensors: Map<string, Tensor>) =>
        tensors.set(`${prefix}classifier.weight`, { shape: [3e7, 0], data: new Float32Array(0) }),
      'heads.label.weight is [30000000,0] where [classes,32] is needed',
    ],
    [
      'a misshapen head before its numbers are looked at',
      (tensors: Map<string, Tensor>) =>
        tensors.set(`${prefix}classifier.bias`, { shape: [4], data: new Float32Array(4).fill(Number.NaN) }),
      'heads.label.bias is [4] where [3] is needed',
    ],
    [
      'no adapter at all',
      (tensors: Map<string, Tensor>) => {
        for (const name of [...tensors.keys()]) if (name.includes('lora_')) tensors.delete(name);
      },
      'no matrices',
    ],
  ])('refuses %s, and leaves nothing', async (_, change, named) => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert');
    const before = (await readdir(join(place.folder, 'artifacts'), { recursive: true })).sort();
    const problem = await problemOf(
      importPeftAdapter(await copyAdapter(place.folder, 'bert-lora', change), base, place),
    );
    expect(problem.code).toBe('INVALID_MODEL');
    expect(problem.message).toContain(named);
    expect((await readdir(join(place.folder, 'artifacts'), { recursive: true })).sort()).toEqual(before);
  });

  it.each([
    ['fan_in_fan_out: true', { fan_in_fan_out: true }],
    ['the task CAUSAL_LM', { task_type: 'CAUSAL_LM' }],
  ])('refuses what its base model is not made for: %s', async (named, changed) => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert');
    const folder = await copyAdapter(place.folder, 'bert-lora', (_, config) => Object.assign(config, changed));
    expect(await problemOf(importPeftAdapter(folder, base, place))).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: expect.stringContaining(named),
    });
  });

  it('refuses a head of more classes than can be named', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert');
    const folder = await copyAdapter(place.folder, 'bert-lora', (tensors) => {
      tensors.set(`${prefix}classifier.weight`, { shape: [100_001, 32], data: new Float32Array(100_001 * 32) });
    });
    expect(await problemOf(importPeftAdapter(folder, base, place))).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: 'heads.label.weight is a head of 100001 classes; supported: at most 100000',
    });
  });

  it('refuses what memory cannot hold, by the rank that all modules get', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert');
    const folder = await copyAdapter(place.folder, 'bert-lora', (tensors) => {
      tensors.set(`${query}.lora_A.weight`, { shape: [1024, 32], data: new Float32Array(1024 * 32) });
      tensors.set(`${query}.lora_B.weight`, { shape: [32, 1024], data: new Float32Array(1024 * 32) });
    });
    // 8 matrices of 1024 · 32 numbers and the head are 1.05 MB; the file has a quarter of that.
    const importing = importPeftAdapter(folder, base, { ...place, memoryBytes: 1_000_000 });
    expect((await problemOf(importing)).code).toBe('OUT_OF_MEMORY');
  });

  it.each(['adapter_config.json', 'adapter_model.safetensors', 'heads.safetensors'])(
    'knows a pointer of Git LFS in place of %s',
    async (name) => {
      await using place = await openFolder();
      const base = await writeBase(place.store, 'bert');
      const folder = await copyAdapter(place.folder, 'bert-lora');
      await writeFile(join(folder, name), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n');
      expect(await problemOf(importPeftAdapter(folder, base, place))).toMatchObject({
        code: 'INVALID_MODEL',
        message: `${name} is a pointer of Git LFS, not the file itself`,
      });
    },
  );

  it('refuses a configuration of megabytes unread', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert');
    const folder = await copyAdapter(place.folder, 'bert-lora');
    await truncate(join(folder, 'adapter_config.json'), 5e9);
    const problem = await problemOf(importPeftAdapter(folder, base, place));
    expect(problem.message).toContain('adapter_config.json has 5.00 GB; the limit is 4.2 MB');
  });

  it('refuses files that are missing, cut off, or a pickle', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert');
    const folder = await copyAdapter(place.folder, 'bert-lora');
    const bytes = await readFile(join(folder, 'adapter_model.safetensors'));
    await writeFile(join(folder, 'adapter_model.safetensors'), bytes.subarray(0, bytes.byteLength - 5));
    expect((await problemOf(importPeftAdapter(folder, base, place))).code).toBe('INVALID_MODEL');
    const empty = join(place.folder, 'empty');
    await mkdir(empty);
    expect((await problemOf(importPeftAdapter(empty, base, place))).message).toContain('adapter_config.json');
    await writeFile(join(empty, 'adapter_config.json'), '{"peft_type":"LORA"}');
    expect((await problemOf(importPeftAdapter(empty, base, place))).message).toContain('adapter_model.safetensors');
    await writeFile(join(empty, 'adapter_model.bin'), 'PK');
    const pickle = await problemOf(importPeftAdapter(empty, base, place));
    expect(pickle.code).toBe('UNSUPPORTED_MODEL');
    expect(pickle.hint).toContain('save_pretrained');
  });
});

describe('exportPeftAdapter', () => {
  it('puts heads that no classifier of transformers has into a file beside the bare model’s adapter, and reads them back', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert');
    const { manifest } = await importPeftAdapter(await copyAdapter(place.folder, 'bert-lora'), base, place);
    const model: ModelManifest = { ...manifest, pooling: 'mean', maxLength: 48 };
    const { files } = await exportPeftAdapter(model, place, null);
    expect(files.map(({ name }) => name).sort()).toEqual([
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
      'heads.safetensors',
    ]);
    const folder = join(place.folder, 'exported');
    await mkdir(folder);
    for (const file of files) await writeFile(join(folder, file.name), await place.store.read(file.digest));
    const { tensors } = readSafetensors(await readFile(join(folder, 'adapter_model.safetensors')));
    expect([...tensors.keys()][0]).toBe(`${prefix}encoder.layer.0.attention.self.query.lora_A.weight`);
    expect(JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'))).toMatchObject({
      task_type: 'FEATURE_EXTRACTION',
      modules_to_save: null,
    });
    const again = (await importPeftAdapter(folder, base, place)).manifest;
    expect(again.pooling).toBe('mean');
    expect(again.maxLength).toBe(48);
    expect(again.heads).toEqual(model.heads);
  });

  it('refuses a model without adapter', async () => {
    await using place = await openFolder();
    const base = await writeBase(place.store, 'bert');
    expect((await problemOf(exportPeftAdapter(base, place, null))).code).toBe('UNSUPPORTED_EXPORT');
  });
});
