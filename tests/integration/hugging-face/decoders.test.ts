import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ImportedModel, importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import type { ModelHead } from '../../../src/protocol/heads.js';
import { type ModelManifest, manifestBytes } from '../../../src/protocol/model-manifest.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import {
  decoderFamilies,
  decoderFolder,
  decoderParameter,
  decoderReference,
  decoderTensors,
  tokenFamilies,
} from '../../numerics/reference/decoders/reference.js';
import { fromFolder, openWorkshop, refusalOf, type Workshop } from './import-tools.js';
import { runOnnx } from './onnx-session.js';

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

const pathOf = (name: string) => fileURLToPath(decoderFolder(name));

function importReference(name: string): Promise<ImportedModel> {
  return importModel(fromFolder(pathOf(name)), workshop.tools);
}

interface Files {
  config: Record<string, unknown>;
  tensors: Map<string, Tensor>;
}

/** A copy of a reference model, changed; classifiers get the tokenizer of the model that they were made from. */
async function copyOf(name: string, change: (files: Files) => void = () => undefined): Promise<string> {
  const folder = join(workshop.root, `${name}-copy`);
  await cp(pathOf(name.replace('-classifier', '')), folder, { recursive: true });
  await cp(pathOf(name), folder, { recursive: true });
  const [configPath, weightsPath] = [join(folder, 'config.json'), join(folder, 'model.safetensors')];
  const files: Files = { config: await jsonIn(configPath), tensors: new Map((await tensorsIn(weightsPath)).tensors) };
  change(files);
  await writeFile(configPath, JSON.stringify(files.config));
  await writeFile(weightsPath, Buffer.concat(writeSafetensors(files.tensors)));
  return folder;
}

async function importCopy(name: string, change?: (files: Files) => void): Promise<ImportedModel> {
  return importModel(fromFolder(await copyOf(name, change)), workshop.tools);
}

async function tensorsIn(path: string) {
  return readSafetensors(await readFile(path));
}

async function jsonIn(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path, 'utf8'));
}

async function tensorsOf({ manifest }: ImportedModel): Promise<ReadonlyMap<string, Tensor>> {
  return readSafetensors(await workshop.store.read(manifest.weights.digest)).tensors;
}

/** Texts of the family's first batch, with types that decoders do not read. */
function batchOf(family: (typeof decoderFamilies)[number]) {
  const [batch] = decoderReference(family).batches;
  return { ids: batch!.ids, mask: batch!.mask, typeIds: [] };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  const scale = Array.from(expected).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (const [index, value] of Array.from(expected).entries()) {
    expect(Math.abs(actual[index]! - value)).toBeLessThan(1e-4 * scale);
  }
}

/** `states` [B,T,H] where there is a token. */
function atTokens(states: ArrayLike<number>, mask: readonly (readonly number[])[]): number[] {
  const rows = mask.flat();
  const width = states.length / rows.length;
  return Array.from(states).filter((_, index) => rows[Math.floor(index / width)] === 1);
}

describe('a language model of transformers', () => {
  test.each(decoderFamilies)(
    'comes in under the names of the bare model, and goes out as it came: %s',
    async (family) => {
      const imported = await importReference(family);
      const original = await tensorsIn(join(pathOf(family), 'model.safetensors'));
      expect(new Map(await tensorsOf(imported))).toEqual(
        new Map([...original.tensors].map(([name, tensor]) => [decoderParameter(name), tensor])),
      );
      expect(imported.ignoredTensors).toEqual([]);
      const { manifest } = imported;
      expect(manifest).toMatchObject({ heads: [], pooling: null, contextLength: 40 });
      const isTied = family !== 'llama' && family !== 'qwen2';
      expect(manifest.layers.map(({ name }) => name).at(-1)).toBe(
        isTied ? (family === 'gpt2' ? 'h.1' : 'layers.1') : 'lm_head',
      );

      const { logits } = await runOnnx(await workshop.exported(imported.digest, 'onnx'), batchOf(family));
      const { mask } = batchOf(family);
      const expected = decoderTensors(family).get('languageModel/logits')!.data;
      expectClose(atTokens(logits!.data, mask), atTokens(expected, mask));

      const folder = await workshop.exported(imported.digest, 'huggingFace');
      expect((await tensorsIn(join(folder, 'model.safetensors'))).tensors).toEqual(original.tensors);
      const [before, after] = [
        await jsonIn(join(pathOf(family), 'config.json')),
        await jsonIn(join(folder, 'config.json')),
      ];
      const { dtype, ...rest } = before;
      expect(after).toMatchObject({ ...rest, tie_word_embeddings: isTied });
      const again = await importModel(fromFolder(folder), workshop.tools);
      expect(again.manifest.weights).toEqual(manifest.weights);
      expect(again.manifest.config).toEqual(manifest.config);
    },
  );

  test.each(['llama', 'qwen2', 'qwen3', 'gemma3_text'] as const)(
    'in several files of 16 bits has the numbers of its files: %s',
    async (family) => {
      const { digest } = await importReference(`${family}-sharded`);
      const { ids, mask, typeIds } = batchOf(family);
      const outputs = await runOnnx(await workshop.exported(digest, 'onnx'), { ids, mask, typeIds });
      const expected = decoderTensors(`${family}-sharded`).get('states')!.data;
      expectClose(atTokens(outputs.last_hidden_state!.data, mask), atTokens(expected, mask));
    },
  );

  test('of Gemma 3 leaves out the token of pictures, for which it has no row', async () => {
    const folder = await copyOf('gemma3_text');
    const path = join(folder, 'tokenizer.json');
    const json = await jsonIn(path);
    const tokens = json.added_tokens as Record<string, unknown>[];
    const picture = { ...tokens[0], id: 344, content: '<image_soft_token>' };
    await writeFile(path, JSON.stringify({ ...json, added_tokens: [...tokens, { ...picture, content: '<another>' }] }));
    expect(await refusalOf(workshop, folder)).toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('has ids up to 344'),
    });

    await writeFile(path, JSON.stringify({ ...json, added_tokens: [...tokens, picture] }));
    const { digest, manifest } = await importModel(fromFolder(folder), workshop.tools);
    expect(manifest.tokenizer.vocabularySize).toBe(343);
    const exported = await workshop.exported(digest, 'huggingFace');
    expect(await jsonIn(join(exported, 'tokenizer.json'))).toEqual(json);
  });

  test('of 2019 comes in: names without a prefix, masks among the tensors', async () => {
    const imported = await importCopy('gpt2', ({ config, tensors }) => {
      delete config.architectures;
      config.activation_function = 'gelu_new';
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        tensors.set(name.replace(/^transformer\./, ''), tensor);
      }
      for (const layer of [0, 1]) {
        tensors.set(`h.${layer}.attn.bias`, { shape: [1, 1, 40, 40], data: new Float32Array(1600) });
        tensors.set(`h.${layer}.attn.masked_bias`, { shape: [1], data: new Float32Array(1) });
      }
    });
    expect(imported.ignoredTensors).toHaveLength(4);
    expect(imported.manifest.weights).toEqual((await importReference('gpt2')).manifest.weights);
  });

  test('whose configuration ties what its files hold apart keeps them apart', async () => {
    const { digest, manifest } = await importCopy('llama', ({ config }) => {
      config.tie_word_embeddings = true;
    });
    expect(manifest.layers.at(-1)?.name).toBe('lm_head');
    const folder = await workshop.exported(digest, 'huggingFace');
    expect(await jsonIn(join(folder, 'config.json'))).toMatchObject({ tie_word_embeddings: false });
  });

  test('without the matrix that it is not tied to is the bare model', async () => {
    const { digest } = await importCopy('llama', ({ config, tensors }) => {
      config.architectures = ['LlamaModel'];
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        if (name !== 'lm_head.weight') tensors.set(name.replace(/^model\./, ''), tensor);
      }
    });
    const folder = await workshop.exported(digest, 'huggingFace');
    expect(await jsonIn(join(folder, 'config.json'))).toMatchObject({ architectures: ['LlamaModel'] });
    expect([...(await tensorsIn(join(folder, 'model.safetensors'))).tensors.keys()]).toContain('norm.weight');
  });
});

describe('a classifier of transformers', () => {
  test.each(decoderFamilies)('computes the same, and goes out as it came: %s', async (family) => {
    const imported = await importCopy(`${family}-classifier`);
    expect(imported.manifest).toMatchObject({
      heads: [{ kind: 'classification', task: 'label', labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'] }],
      pooling: 'lastToken',
    });
    const outputs = await runOnnx(await workshop.exported(imported.digest, 'onnx'), batchOf(family));
    expectClose(outputs.logits!.data, decoderTensors(family).get('classifier/logits')!.data);

    const folder = await workshop.exported(imported.digest, 'huggingFace');
    const original = await tensorsIn(join(pathOf(`${family}-classifier`), 'model.safetensors'));
    expect((await tensorsIn(join(folder, 'model.safetensors'))).tensors).toEqual(original.tensors);
    const { architectures, pad_token_id } = await jsonIn(join(folder, 'config.json'));
    const before = await jsonIn(join(pathOf(`${family}-classifier`), 'config.json'));
    expect({ architectures, pad_token_id }).toEqual({
      architectures: before.architectures,
      pad_token_id: before.pad_token_id,
    });
    expect(await jsonIn(join(folder, 'tokenizer_config.json'))).toMatchObject({ padding_side: 'right' });
    const again = await importModel(fromFolder(folder), workshop.tools);
    expect(again.manifest.weights).toEqual(imported.manifest.weights);
    expect(again.manifest.heads).toEqual(imported.manifest.heads);
  });

  test.each([
    ['gpt2', 0, '<|endoftext|>'],
    ['llama', 319, '<|pad|>'],
    ['mistral', 2, '</s>'],
    ['qwen2', 279, '<|endoftext|>'],
    ['qwen3', 279, '<|endoftext|>'],
    ['gemma3_text', 0, '<pad>'],
  ] as const)('that names no padding gets a token for it: %s', async (family, id, content) => {
    const { digest } = await importCopy(`${family}-classifier`, ({ config }) => {
      config.pad_token_id = null;
    });
    const folder = await workshop.exported(digest, 'huggingFace');
    expect(await jsonIn(join(folder, 'config.json'))).toMatchObject({ pad_token_id: id });
    expect(await jsonIn(join(folder, 'tokenizer_config.json'))).toMatchObject({ pad_token: content });
  });

  test('with one output is a regression without a bias', async () => {
    const { manifest, digest } = await importCopy('llama-classifier', ({ config, tensors }) => {
      config.id2label = { 0: 'stars' };
      const { data } = tensors.get('score.weight')!;
      tensors.set('score.weight', { shape: [1, 16], data: data.slice(0, 16) });
    });
    expect(manifest.heads).toEqual([
      { kind: 'regression', task: 'label', outputs: ['stars'], means: [0], scales: [1] },
    ]);
    const folder = await workshop.exported(digest, 'huggingFace');
    expect(await jsonIn(join(folder, 'config.json'))).toMatchObject({
      architectures: ['LlamaForSequenceClassification'],
      problem_type: 'regression',
    });
  });

  test('with a bias that no class of transformers has is refused', async () => {
    const folder = await copyOf('llama-classifier', ({ tensors }) => {
      tensors.set('score.bias', { shape: [3], data: new Float32Array(3) });
    });
    expect(await refusalOf(workshop, folder)).toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('not known: score.bias'),
    });
  });

  test('whose tokenizer ends texts with the padding is refused', async () => {
    const folder = await copyOf('mistral-classifier');
    const path = join(folder, 'tokenizer.json');
    const json = await jsonIn(path);
    const end = { SpecialToken: { id: '</s>', type_id: 0 } };
    const processor = json.post_processor as { single: unknown[]; special_tokens: Record<string, unknown> };
    processor.single.push(end);
    processor.special_tokens['</s>'] = { id: '</s>', ids: [2], tokens: ['</s>'] };
    await writeFile(path, JSON.stringify(json));
    expect(await refusalOf(workshop, folder)).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: expect.stringContaining('ends every text with the padding token 2'),
    });
  });

  test.each(tokenFamilies)('of tokens has a bias: %s', async (family) => {
    const module = family === 'gpt2' ? 'classifier' : 'score';
    const change = ({ config, tensors }: Files) => {
      config.architectures = [String((config.architectures as string[])[0]).replace('Sequence', 'Token')];
      const weight = tensors.get('score.weight')!;
      tensors.delete('score.weight');
      tensors.set(`${module}.weight`, weight).set(`${module}.bias`, { shape: [3], data: Float32Array.of(1, 2, 3) });
    };
    const { digest, manifest } = await importCopy(`${family}-classifier`, change);
    expect(manifest).toMatchObject({ heads: [{ kind: 'tokenClassification' }], pooling: null });
    const folder = await workshop.exported(digest, 'huggingFace');
    const { tensors } = await tensorsIn(join(folder, 'model.safetensors'));
    expect(tensors.get(`${module}.bias`)?.data).toEqual(Float32Array.of(1, 2, 3));
    expect((await importModel(fromFolder(folder), workshop.tools)).manifest.weights).toEqual(manifest.weights);
  });
});

describe('heads that no class of transformers has', () => {
  const classes: ModelHead = { kind: 'classification', task: 'mood', labels: ['calm', 'glad'] };
  const number: ModelHead = { kind: 'regression', task: 'stars', outputs: ['stars'], means: [0], scales: [2] };

  /** A model with these heads, their weights drawn in order. */
  async function withHeads(heads: ModelHead[], pooling: ModelManifest['pooling']): Promise<string> {
    const { manifest } = await importReference('llama');
    const tensors = new Map(readSafetensors(await workshop.store.read(manifest.weights.digest)).tensors);
    for (const [index, head] of heads.entries()) {
      const rows = head.kind === 'regression' ? 1 : 2;
      const data = Float32Array.from({ length: 16 * rows }, (_, i) => Math.sin(i + index));
      tensors.set(`heads.${head.task}.weight`, { shape: [rows, 16], data });
    }
    const weights = await workshop.store.write(writeSafetensors(tensors));
    const changed = { ...manifest, heads, pooling, maxLength: 24, weights };
    return (await workshop.store.write(manifestBytes(changed))).digest;
  }

  test.each([
    ['several, on the last token', [classes, number], 'lastToken'],
    ['one on the mean', [classes], 'mean'],
  ] as const)('go out for sentence-transformers, and come back: %s', async (_, heads, pooling) => {
    const digest = await withHeads([...heads], pooling);
    const folder = await workshop.exported(digest, 'huggingFace');
    expect(await jsonIn(join(folder, '1_Pooling/config.json'))).toMatchObject(
      pooling === 'mean'
        ? { pooling_mode_mean_tokens: true, pooling_mode_cls_token: false }
        : { pooling_mode_lasttoken: true, pooling_mode_cls_token: false, pooling_mode_mean_tokens: false },
    );
    expect(await jsonIn(join(folder, '2_Dense/config.json'))).toMatchObject({ bias: false });
    const dense = await tensorsIn(join(folder, '2_Dense/model.safetensors'));
    expect([...dense.tensors.keys()]).toEqual(['linear.weight']);
    const again = await importModel(fromFolder(folder), workshop.tools);
    expect(again.manifest.heads).toEqual(heads);
    expect(again.manifest.pooling).toBe(pooling);
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card.includes('inputs["attention_mask"].sum(1) - 1')).toBe(pooling === 'lastToken');
    expect(card).not.toContain('.bias"]');
  });
});

describe('an adapter of PEFT', () => {
  test.each(decoderFamilies)('computes the same on its base, and goes out as it came: %s', async (family) => {
    const base = await importReference(family);
    const job = { ...fromFolder(pathOf(`${family}-adapter`)), adapterBaseDigest: base.digest };
    const adapted = await importModel(job, workshop.tools);
    expect(adapted.manifest).toMatchObject({ pooling: 'lastToken', heads: [{ kind: 'classification' }] });
    const outputs = await runOnnx(await workshop.exported(adapted.digest, 'onnx'), batchOf(family));
    expectClose(outputs.logits!.data, decoderTensors(family).get('adapter/logits')!.data);

    const folder = await workshop.exported(adapted.digest, 'peft');
    const original = await tensorsIn(join(pathOf(`${family}-adapter`), 'adapter_model.safetensors'));
    expect((await tensorsIn(join(folder, 'adapter_model.safetensors'))).tensors).toEqual(original.tensors);
    expect(await jsonIn(join(folder, 'adapter_config.json'))).toMatchObject({
      task_type: 'SEQ_CLS',
      r: 3,
      lora_alpha: 6,
      fan_in_fan_out: family === 'gpt2',
      modules_to_save: ['score'],
    });
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('pad_token_id=');
    const again = await importModel({ ...job, source: { kind: 'folder', path: folder } }, workshop.tools);
    expect(again.manifest.adapter).toEqual(adapted.manifest.adapter);
  });

  test('of a language model comes in without a head, and goes out as it came', async () => {
    const folder = join(workshop.root, 'language-model-adapter');
    await cp(pathOf('llama-adapter'), folder, { recursive: true });
    const [configPath, weightsPath] = [join(folder, 'adapter_config.json'), join(folder, 'adapter_model.safetensors')];
    const config = { ...(await jsonIn(configPath)), task_type: 'CAUSAL_LM', modules_to_save: null };
    await writeFile(configPath, JSON.stringify(config));
    const tensors = new Map([...(await tensorsIn(weightsPath)).tensors].filter(([name]) => name.includes('lora_')));
    await writeFile(weightsPath, Buffer.concat(writeSafetensors(tensors)));

    const base = await importReference('llama');
    const job = { ...fromFolder(folder), adapterBaseDigest: base.digest };
    const adapted = await importModel(job, workshop.tools);
    expect(adapted.manifest).toMatchObject({ heads: [], pooling: null, weights: base.manifest.weights });
    const exported = await workshop.exported(adapted.digest, 'peft');
    expect((await tensorsIn(join(exported, 'adapter_model.safetensors'))).tensors).toEqual(tensors);
    expect(await jsonIn(join(exported, 'adapter_config.json'))).toMatchObject({
      task_type: 'CAUSAL_LM',
      modules_to_save: null,
    });
    const card = await readFile(join(exported, 'README.md'), 'utf8');
    expect(card).toContain('AutoModelForCausalLM.from_pretrained');
    // The chat template that it was trained with may not be the base model's.
    expect(card).toContain('AutoTokenizer.from_pretrained("path/to/this-folder")');
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
      expect(await readFile(join(exported, name))).toEqual(await readFile(join(pathOf('llama'), name)));
    }
    const whole = await readFile(join(await workshop.exported(adapted.digest, 'huggingFace'), 'README.md'), 'utf8');
    expect(whole).toContain('pipeline_tag: text-generation');
    expect(whole).toContain('# A causal language model kept in Attune');
    // Merged, it is a language model again, of other logits.
    const [plain, merged] = [
      await runOnnx(await workshop.exported(base.digest, 'onnx'), batchOf('llama')),
      await runOnnx(await workshop.exported(adapted.digest, 'onnx'), batchOf('llama')),
    ];
    expect(merged.logits!.dims).toEqual(plain.logits!.dims);
    expect(merged.logits!.data[0]).not.toBeCloseTo(plain.logits!.data[0]!, 3);
  });
});
