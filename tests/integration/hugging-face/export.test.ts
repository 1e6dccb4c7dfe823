import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportModel } from '../../../gpu-worker/hugging-face/export-model.js';
import { type ImportedModel, importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { convertUseLite, findUseLitePackage, storeUseLite } from '../../../src/models/bundled/use-lite.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { mediaTypes } from '../../../src/storage/artifact-rows.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { tinyConfig } from '../../numerics/architectures/tiny-encoder.js';
import {
  adapterReference,
  families,
  familyReference,
  modelFolder,
  variantReferences,
} from '../../numerics/reference/hugging-face/reference.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';
import { runOnnx } from './onnx-session.js';

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

function importReference(name: string): Promise<ImportedModel> {
  return importModel(fromFolder(fileURLToPath(modelFolder(name))), workshop.tools);
}

async function tensorsIn(path: string) {
  return readSafetensors(await readFile(path));
}

async function jsonIn(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** 1e-4 of the largest value. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (const [index, value] of expected.entries()) expect(Math.abs(actual[index]! - value)).toBeLessThan(1e-4 * scale);
}

/** What versions of transformers before 5 read in place of `layer_types` and `rope_parameters`. */
const formerModernBertKeys = {
  global_attn_every_n_layers: 2,
  global_rope_theta: 160_000,
  local_rope_theta: 10_000,
};

describe('a model that came from transformers', () => {
  const names = [...families, ...families.map((family) => `${family}-bare`)];

  test.each(names)('goes back as the same tensors: %s', async (name) => {
    const folder = await workshop.exported((await importReference(name)).digest, 'huggingFace');
    const original = await tensorsIn(fileURLToPath(new URL('model.safetensors', modelFolder(name))));
    const exported = await tensorsIn(join(folder, 'model.safetensors'));
    // The bare models of RoBERTa and its like have a pooler that their classifiers do not use.
    const expected = [...original.tensors].filter(
      ([tensor]) => !['roberta-bare', 'xlm-roberta-bare', 'mpnet-bare'].includes(name) || !tensor.startsWith('pooler.'),
    );
    expect(exported.tensors).toEqual(new Map(expected));
    expect(exported.metadata.get('format')).toBe('pt');

    const before = await jsonIn(fileURLToPath(new URL('config.json', modelFolder(name))));
    const after = await jsonIn(join(folder, 'config.json'));
    const { dtype, initializer_cutoff_factor: _, ...rest } = before;
    expect(dtype).toBe('float32');
    expect(after.architectures).toEqual(before.architectures);
    if (name.endsWith('-bare')) {
      expect(after).not.toHaveProperty('id2label');
      return;
    }
    const rates = ['classifier_dropout', 'cls_dropout'].flatMap((key) => (key in after ? [[key, after[key]]] : []));
    expect(after).toEqual({
      ...rest,
      ...Object.fromEntries(rates),
      problem_type: 'single_label_classification',
      ...(name === 'modernbert' ? formerModernBertKeys : {}),
    });
  });

  test.each(families)('computes the same in a bare ONNX Runtime: %s', async (family) => {
    const { batches, firstToken } = familyReference(family);
    const { digest, manifest } = await importReference(family);
    const outputs = await runOnnx(await workshop.exported(digest, 'onnx'), batches[0]!);
    expect(Object.keys(outputs)).toEqual(['logits']);
    expect(outputs.logits!.dims).toEqual([batches[0]!.ids.length, 3]);
    expectClose(outputs.logits!.data, firstToken.logits);
    expect(manifest.heads).toEqual([{ kind: 'classification', task: 'label', labels: ['cards', 'transfers', 'fees'] }]);
  });

  test.each(Object.entries(variantReferences()))('computes what transformers does, as %s', async (name, reference) => {
    const family = families.find((one) => name.startsWith(one))!;
    const batch = familyReference(family).batches[0]!;
    const { digest } = await importReference(name);
    const outputs = await runOnnx(await workshop.exported(digest, 'onnx'), batch);
    if (reference.logits !== undefined) {
      expectClose(outputs.logits!.data, reference.logits);
      return;
    }
    // Rows of padding are nobody's: a mask of −10⁹ and one of −∞ leave other numbers there.
    const width = outputs.last_hidden_state!.dims[2]!;
    const isToken = (_: number, index: number) => batch.mask.flat()[Math.floor(index / width)] === 1;
    expectClose(outputs.last_hidden_state!.data.filter(isToken), reference.lastHiddenState.filter(isToken));
    if (family === 'bert') expectClose(outputs.pooler_output!.data, reference.poolerOutput ?? []);
  });

  test('goes out in several files, and comes back from them', async () => {
    const { manifest, digest } = await importReference('bert-sharded');
    const folder = await workshop.exported(digest, 'huggingFace', { maxShardBytes: 40_000 });
    const shards = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
    expect(shards.sort()).toEqual([1, 2, 3].map((number) => `model-0000${number}-of-00003.safetensors`));
    const index = (await jsonIn(join(folder, 'model.safetensors.index.json'))) as {
      metadata: unknown;
      weight_map: Record<string, string>;
    };
    expect(index.metadata).toEqual({ total_size: 4 * manifest.parameterCount });
    for (const shard of shards) {
      const { tensors } = await tensorsIn(join(folder, shard));
      for (const name of tensors.keys()) expect(index.weight_map[name]).toBe(shard);
    }
    expect((await importModel(fromFolder(folder), workshop.tools)).manifest.weights).toEqual(manifest.weights);
  });

  test('comes back under its task, with labels that were renamed in between', async () => {
    const { manifest } = await importReference('bert');
    const weights = new Map(
      [...readSafetensors(await workshop.store.read(manifest.weights.digest)).tensors].map(([name, tensor]) => [
        name.replace('heads.label.', 'heads.topic.'),
        tensor,
      ]),
    );
    const changed: ModelManifest = {
      ...manifest,
      weights: await workshop.store.write(writeSafetensors(weights)),
      heads: [{ ...manifest.heads[0]!, task: 'topic' }],
      maxLength: 24,
    };
    const { digest } = await workshop.store.write(Buffer.from(JSON.stringify(changed)));
    const folder = await workshop.exported(digest, 'huggingFace');
    const config = await jsonIn(join(folder, 'config.json'));
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, id2label: { 0: 'a', 1: 'b', 2: 'c' } }));
    expect((await importModel(fromFolder(folder), workshop.tools)).manifest).toMatchObject({
      weights: changed.weights,
      heads: [{ task: 'topic', labels: ['a', 'b', 'c'] }],
      maxLength: 24,
    });
  });

  test('in half precision becomes the float32 that it stands for', async () => {
    for (const name of ['bert-float16', 'bert-bfloat16']) {
      const folder = await workshop.exported((await importReference(name)).digest, 'huggingFace');
      const full = await tensorsIn(fileURLToPath(new URL('model.safetensors', modelFolder('bert'))));
      const { tensors } = await tensorsIn(join(folder, 'model.safetensors'));
      const digits = name === 'bert-float16' ? 11 : 8;
      for (const [tensor, { data }] of tensors) {
        const wrong = full.tensors
          .get(tensor)!
          .data.filter((value, index) => Math.abs(data[index]! - value) > Math.abs(value) * 2 ** -digits + 2 ** -24);
        expect(wrong).toEqual(new Float32Array(0));
      }
    }
  });
});

describe('a model with heads that transformers has no class for', () => {
  /** The reference model under other heads: as training over the mean, or of two tasks, would leave it. */
  async function withHeads(
    name: string,
    tasks: readonly string[],
    pooling: ModelManifest['pooling'],
  ): Promise<{ digest: string; tensors: Map<string, Tensor> }> {
    const { manifest } = await importReference(name);
    const tensors = new Map(readSafetensors(await workshop.store.read(manifest.weights.digest)).tensors);
    const { 'heads.label.weight': weight, 'heads.label.bias': bias } = Object.fromEntries(tensors);
    tensors.delete('heads.label.weight');
    tensors.delete('heads.label.bias');
    for (const [index, task] of tasks.entries()) {
      tensors.set(`heads.${task}.weight`, { ...weight!, data: weight!.data.map((value) => value * (index + 1)) });
      tensors.set(`heads.${task}.bias`, bias!);
    }
    const stored = await workshop.store.write(writeSafetensors(tensors));
    const changed: ModelManifest = {
      ...manifest,
      weights: stored,
      pooling,
      maxLength: 16,
      heads: tasks.map((task) => ({ kind: 'classification', task, labels: ['cards', 'transfers', 'fees'] })),
    };
    return { digest: (await workshop.store.write(Buffer.from(JSON.stringify(changed)))).digest, tensors };
  }

  test.each(families.filter((family) => family !== 'modernbert'))(
    'over the mean: in the layout of sentence-transformers, and a bare model with its heads beside it: %s',
    async (family) => {
      const { digest, tensors } = await withHeads(family, ['topic'], 'mean');
      const folder = await workshop.exported(digest, 'huggingFace');
      const bare = (await tensorsIn(join(folder, '0_Transformer/model.safetensors'))).tensors;
      const heads = (await tensorsIn(join(folder, '0_Transformer/heads.safetensors'))).tensors;
      expect(new Set([...bare.keys(), ...heads.keys()])).toEqual(new Set(tensors.keys()));
      for (const [name, tensor] of [...bare, ...heads]) expect(tensor).toEqual(tensors.get(name));
      expect(await jsonIn(join(folder, '1_Pooling/config.json'))).toMatchObject({
        word_embedding_dimension: tinyConfig(family).hiddenSize,
        pooling_mode_mean_tokens: true,
        pooling_mode_cls_token: false,
      });
      const dense = (await tensorsIn(join(folder, '2_Dense/model.safetensors'))).tensors;
      expect(dense.get('linear.weight')).toEqual(tensors.get('heads.topic.weight'));
      expect(dense.get('linear.bias')).toEqual(tensors.get('heads.topic.bias'));
      // A class of transformers would put a head of random weights on a model that lies in the folder itself.
      expect((await readdir(folder)).sort()).toEqual([
        ...['0_Transformer', '1_Pooling', '2_Dense', 'README.md', 'certificate.json', 'modules.json'],
      ]);
      const back = await importModel(fromFolder(folder), workshop.tools);
      expect(back.manifest).toMatchObject({
        heads: [{ task: 'topic', labels: ['cards', 'transfers', 'fees'] }],
        pooling: 'mean',
        maxLength: 16,
        weights: { digest: (await workshop.store.write(writeSafetensors(tensors))).digest },
      });
      const { batches, mean } = familyReference(family);
      const outputs = await runOnnx(await workshop.exported(digest, 'onnx'), batches[0]!);
      expectClose(outputs.logits!.data, mean.logits);
    },
  );

  test('over the mean goes out as a classifier where the family has one that reads it: modernbert', async () => {
    const { digest, tensors } = await withHeads('modernbert', ['topic'], 'mean');
    const folder = await workshop.exported(digest, 'huggingFace');
    expect(await jsonIn(join(folder, 'config.json'))).toMatchObject({
      architectures: ['ModernBertForSequenceClassification'],
      classifier_pooling: 'mean',
    });
    const exported = (await tensorsIn(join(folder, 'model.safetensors'))).tensors;
    expect(exported.get('head.norm.weight')).toEqual(tensors.get('pooler.norm.weight'));
    const back = await importModel(fromFolder(folder), workshop.tools);
    expect(back.manifest).toMatchObject({ heads: [{ task: 'topic' }], pooling: 'mean', maxLength: 16 });
    const { batches, mean } = familyReference('modernbert');
    const outputs = await runOnnx(await workshop.exported(back.digest, 'onnx'), batches[0]!);
    expectClose(outputs.logits!.data, mean.logits);
  });

  test.each(families)('of two tasks: an output each, and back again: %s', async (family) => {
    const { digest, tensors } = await withHeads(family, ['topic', 'mood'], 'firstToken');
    const H = tinyConfig(family).hiddenSize;
    const { batches, firstToken } = familyReference(family);
    const onnx = await workshop.exported(digest, 'onnx');
    const outputs = await runOnnx(onnx, batches[0]!);
    expect(Object.keys(outputs).sort()).toEqual(['logits_mood', 'logits_topic']);
    expectClose(outputs.logits_topic!.data, firstToken.logits);
    expect(await jsonIn(join(onnx, 'heads.json'))).toEqual([
      { task: 'topic', output: 'logits_topic', labels: ['cards', 'transfers', 'fees'] },
      { task: 'mood', output: 'logits_mood', labels: ['cards', 'transfers', 'fees'] },
    ]);
    const folder = await workshop.exported(digest, 'huggingFace');
    const modules = (await jsonIn(join(folder, 'modules.json'))) as unknown as { path: string }[];
    const isNormed = family === 'modernbert';
    const ofHeads = isNormed ? '4_Dense' : '3_Dense';
    expect(modules.map(({ path }) => path)).toEqual([
      ...['0_Transformer', '1_Pooling', '2_Dense', ...(isNormed ? ['3_LayerNorm'] : []), ofHeads],
    ]);
    expect(await jsonIn(join(folder, '1_Pooling/config.json'))).toMatchObject({ pooling_mode_cls_token: true });
    const [pooler, heads] = await Promise.all(
      ['2_Dense', ofHeads].map(async (module) => ({
        config: await jsonIn(join(folder, module, 'config.json')),
        tensors: (await tensorsIn(join(folder, module, 'model.safetensors'))).tensors,
      })),
    );
    expect(pooler!.tensors.get('linear.weight')).toEqual(tensors.get('pooler.dense.weight'));
    expect(pooler!.config.activation_function).toMatch(
      { distilbert: /\.ReLU$/, electra: /\.GELU$/, 'deberta-v2': /\.GELU$/, modernbert: /\.GELU$/ }[String(family)] ??
        /\.Tanh$/,
    );
    if (isNormed) {
      const { tensors: ofNorm } = await tensorsIn(join(folder, '3_LayerNorm/model.safetensors'));
      expect(ofNorm.get('norm.weight')).toEqual(tensors.get('pooler.norm.weight'));
      expect(ofNorm.get('norm.bias')!.data).toEqual(new Float32Array(H));
    }
    expect(heads!.config).toMatchObject({ in_features: H, out_features: 6 });
    const rows = ['topic', 'mood'].flatMap((task) => [...tensors.get(`heads.${task}.weight`)!.data]);
    expect(heads!.tensors.get('linear.weight')).toEqual({ shape: [6, H], data: Float32Array.from(rows) });
    const weights = (await workshop.store.write(writeSafetensors(tensors))).digest;
    // The folder of the bare model with its heads is how such models went out at first: it is a model of its own.
    for (const path of [folder, join(folder, '0_Transformer')]) {
      const back = await importModel(fromFolder(path), workshop.tools);
      expect(back.manifest.heads.map(({ task }) => task)).toEqual(['topic', 'mood']);
      expect(back.manifest.weights.digest).toBe(weights);
    }
  });
});

test('a DeBERTa goes out for the form of masked words that it has, whatever form its file named', async () => {
  const path = await workshop.copyOf('deberta-v2');
  const config = await jsonIn(join(path, 'config.json'));
  await writeFile(join(path, 'config.json'), JSON.stringify({ ...config, legacy: false }));
  const { digest } = await importModel(fromFolder(path), workshop.tools);
  const folder = await workshop.exported(digest, 'huggingFace');
  expect(await jsonIn(join(folder, 'config.json'))).toMatchObject({ legacy: true });
});

test.each([
  'bert-lora',
  'bert-pooler',
  'distilbert-lora',
  'roberta-lora',
  'roberta-whole-classifier',
  'xlm-roberta-lora',
  'electra-lora',
  'mpnet-lora',
  'deberta-v2-lora',
  'modernbert-lora',
])('an adapter of PEFT goes out merged into its base model, with PEFT’s logits: %s', async (name) => {
  const { family, mergedLogits } = adapterReference(name);
  const base = await importReference(family);
  const path = fileURLToPath(modelFolder(`adapters/${name}/trained`));
  const { digest } = await importModel({ ...fromFolder(path), adapterBaseDigest: base.digest }, workshop.tools);
  const merged = await importModel(fromFolder(await workshop.exported(digest, 'huggingFace')), workshop.tools);
  expect(merged.manifest.adapter).toBeNull();
  expect(merged.manifest.parameterCount).toBe(base.manifest.parameterCount);
  for (const model of [digest, merged.digest]) {
    const outputs = await runOnnx(await workshop.exported(model, 'onnx'), familyReference(family).batches[0]!);
    expectClose(outputs.logits!.data, mergedLogits);
  }
});

test('Universal Sentence Encoder Lite goes out as ONNX, with its published outputs at any length', async () => {
  const manifest = await storeUseLite(await convertUseLite(findUseLitePackage()), workshop.store);
  const { digest } = await workshop.store.write(Buffer.from(JSON.stringify(manifest)));
  const folder = await workshop.exported(digest, 'onnx');
  const file = new URL('../../numerics/reference/use-lite.reference.json', import.meta.url);
  const { references } = JSON.parse(await readFile(file, 'utf8')) as {
    references: { ids: number[]; output: string }[];
  };
  const short = references.filter(({ ids }) => ids.length > 0 && ids.length < 100).slice(0, 4);
  for (const { ids, output } of short) {
    const outputs = await runOnnx(folder, { ids: [ids], mask: [ids.map(() => 1)], typeIds: [] });
    const expected = new Float32Array(Uint8Array.from(Buffer.from(output, 'base64')).buffer);
    expectClose(outputs.embedding!.data, [...expected]);
  }
  await expect(workshop.exported(digest, 'huggingFace')).rejects.toMatchObject({
    problem: { code: 'UNSUPPORTED_EXPORT', path: ['format'] },
  });
});

describe('what comes along', () => {
  test('the model card names licence, labels and origin, and the one it came with stays', async () => {
    const path = await workshop.copyOf('distilbert');
    await writeFile(join(path, 'README.md'), '---\nlicense: cc-by-4.0\n---\nThe original.');
    await writeFile(join(path, 'LICENSE'), 'Do what you like.');
    const { digest, manifest } = await importModel(fromFolder(path), workshop.tools);
    expect(manifest.licence).toBe('cc-by-4.0');
    const folder = await workshop.exported(digest, 'huggingFace');
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('license: "cc-by-4.0"');
    expect(card).toContain(digest);
    expect(card).toContain('- `label`: `cards`, `transfers`, `fees`');
    expect(await readFile(join(folder, 'BASE_MODEL_README.md'), 'utf8')).toContain('The original.');
    expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toBe('Do what you like.');
    expect(await readFile(join(folder, 'tokenizer.json'))).toEqual(await readFile(join(path, 'tokenizer.json')));
  });

  test('the side that texts are cut from is in the tokenizer’s configuration', async () => {
    const { manifest } = await importReference('bert');
    const changed = { ...manifest, truncationSide: 'left' };
    const { digest } = await workshop.store.write(Buffer.from(JSON.stringify(changed)));
    const folder = await workshop.exported(digest, 'huggingFace');
    expect(await jsonIn(join(folder, 'tokenizer_config.json'))).toMatchObject({ truncation_side: 'left' });
    expect((await importModel(fromFolder(folder), workshop.tools)).manifest.truncationSide).toBe('left');
  });

  test('also where the model came with the left, and was trained with the right', async () => {
    const path = await workshop.copyOf('bert');
    const original = await jsonIn(join(path, 'tokenizer_config.json'));
    await writeFile(join(path, 'tokenizer_config.json'), JSON.stringify({ ...original, truncation_side: 'left' }));
    const { manifest } = await importModel(fromFolder(path), workshop.tools);
    expect(manifest.truncationSide).toBe('left');
    const { digest } = await workshop.store.write(
      Buffer.from(JSON.stringify({ ...manifest, truncationSide: 'right' })),
    );
    const folder = await workshop.exported(digest, 'huggingFace');
    expect(await jsonIn(join(folder, 'tokenizer_config.json'))).toEqual({ ...original, truncation_side: 'right' });
  });

  test('an export that fails discards what it wrote, and hands nothing on', async () => {
    const { digest } = await importReference('bert');
    const before = (await workshop.stored()).sort();
    const { store } = workshop;
    let writes = 0;
    const failing = {
      ...store,
      write: async (bytes: Uint8Array | readonly Uint8Array[]) => {
        if (++writes > 1) throw new Error('the disk is gone');
        return store.write(bytes);
      },
    };
    await expect(
      exportModel({ modelDigest: digest, format: 'huggingFace' }, { ...workshop.tools, store: failing }),
    ).rejects.toThrow('the disk is gone');
    expect((await workshop.stored()).sort()).toEqual(before);
  });

  test('media types say which artifacts are weights', async () => {
    const { artifacts, manifest } = await importReference('bert');
    const typeOf = new Map(artifacts.map(({ digest, mediaType }) => [digest, mediaType]));
    expect(typeOf.get(manifest.weights.digest)).toBe(mediaTypes.safetensors);
    expect(typeOf.get(manifest.tokenizer.digest)).toBe(mediaTypes.json);
    expect(typeOf.size).toBe(3 + manifest.files.length);
  });
});
