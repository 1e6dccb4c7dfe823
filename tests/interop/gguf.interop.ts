import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { makeModel } from '../../gpu-worker/hugging-face/fresh/make-model.js';
import type { DecoderConfig } from '../../src/protocol/architectures/index.js';
import type { GgufType } from '../../src/protocol/job.js';
import { readSafetensors, writeSafetensors } from '../../src/storage/safetensors.js';
import { decoderFamilies, decoderFolder } from '../numerics/reference/decoders/reference.js';
import { ggufReferences } from '../numerics/reference/gguf/reference.js';
import { withAllMerges } from '../support/all-merges.js';
import { glossLmIn } from '../support/gloss-lm.js';
import { openLlamaCpp } from './llama-cpp.js';
import { difficultTexts } from './texts.js';
import { openWorkshop, type StoredModel } from './workshop.js';

const workshop = await openWorkshop();
afterAll(() => workshop[Symbol.asyncDispose]());
const llamaCpp = await openLlamaCpp(workshop.folder);

/**
 * Largest differences of the logarithms of probabilities, relative to the largest logit. In F16 llama.cpp rounds what
 * matrices are multiplied by to half precision too, in Q8_0 to 8 bits; its GELU is a table in half precision.
 */
const bounds = { F32: 1e-5, F16: 1e-2, Q8_0: 5e-2 } as const;
const boundOfGelu = 2e-3;

const { stringify, parse } = JSON;

async function change(path: string, changed: (json: Record<string, unknown>) => object): Promise<void> {
  await writeFile(path, stringify(changed(parse(await readFile(path, 'utf8')))));
}

/** A decoder of the references, changed. Mistral gets merges that scores express, which its real tokenizers have. */
async function decoder(family: string, changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = join(workshop.folder, crypto.randomUUID());
  await mkdir(folder);
  await cp(fileURLToPath(decoderFolder(family)), folder, { recursive: true });
  await change(join(folder, 'config.json'), (json) => ({ ...json, ...changes }));
  if (family === 'mistral') await change(join(folder, 'tokenizer.json'), withAllMerges);
  return folder;
}

/** A model of random weights whose rows are whole blocks of 8 bits. */
async function wide(architecture: DecoderConfig['architecture']): Promise<StoredModel> {
  const path = await decoder(architecture);
  return makeModel(
    {
      licence: null,
      source: {
        kind: 'configuration',
        architecture,
        sizes: {
          hiddenSize: 64,
          layers: 2,
          attentionHeads: 4,
          keyValueHeads: architecture === 'gpt2' ? 4 : 2,
          intermediateSize: 96,
          contextLength: 64,
          tiesEmbeddings: true,
          rotaryBase: 10_000,
          slidingWindow: null,
          normEpsilon: 1e-5,
          dropout: 0,
        },
        vocabularySize: null,
        tokenizer: { kind: 'folder', path },
        tokens: { begin: null, end: null, pad: null },
        deviation: 0.1,
        seed: 5,
      },
    },
    {
      store: workshop.store,
      hub: { endpoint: '', token: null },
      importFolders: null,
      downloadFolder: join(workshop.folder, 'downloads'),
      requireRoom: () => undefined,
      memoryBytes: 1e9,
      freeDiskBytes: async () => 1e9,
      onProgress: () => undefined,
      discard: async () => undefined,
    },
  );
}

async function exported(model: StoredModel, type: GgufType): Promise<string> {
  return join(await workshop.export(model, 'gguf', { type, modelName: 'A model' }), `model-${type}.gguf`);
}

/** Sequences of tokens of all kinds. */
const sequencesOf = (length: number, vocabulary: number) =>
  [37, 11].map((step) => Array.from({ length }, (_, index) => (index * step + 5) % vocabulary));

/** llama.cpp gives a model's probabilities, within the precision of a type; in F32 the most probable tokens as well. */
async function expectEqual(model: StoredModel, type: GgufType, length = 24): Promise<void> {
  const { config } = model.manifest as { config: DecoderConfig };
  const sequences = sequencesOf(length, Math.min(config.vocabularySize, 300));
  const file = await exported(model, type);
  const [logits, { probabilities }] = await Promise.all([
    workshop.logitsOfTokens(model, sequences),
    llamaCpp.evaluate(file, { sequences }),
  ]);
  const V = config.vocabularySize;
  let [worst, scale] = [0, 0];
  for (const [index, rows] of probabilities.entries()) {
    expect(rows).toHaveLength(length);
    for (const [t, row] of rows.entries()) {
      const expected = logits[index]!.slice(t * V, (t + 1) * V);
      const most = Math.max(...expected);
      const total = most + Math.log(expected.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
      expect(row).toHaveLength(V);
      for (const [token, logit] of expected.entries()) {
        worst = Math.max(worst, Math.abs(Math.log(row[token]!) - (logit - total)));
        scale = Math.max(scale, Math.abs(logit));
      }
      if (type === 'F32') expect(expected[row.indexOf(Math.max(...row))]).toBeCloseTo(most, 2);
    }
  }
  const hasGelu = config.architecture === 'gpt2' || config.architecture === 'gemma3_text';
  const bound = type === 'F32' && hasGelu ? boundOfGelu : bounds[type];
  expect(scale).toBeGreaterThan(0.1);
  expect(worst / scale, 'largest difference relative to the largest logit').toBeLessThan(bound);
}

describe.each(decoderFamilies)('%s', (family) => {
  it.each(['F32', 'F16'] as const)(
    'as transformers has it gives equal probabilities in llama.cpp: %s',
    async (type) => {
      const model = await workshop.import(await decoder(family));
      // Within the window, where there is one that llama.cpp does not have.
      await expectEqual(model, type, family === 'mistral' || family === 'qwen2' ? 4 : 24);
    },
  );

  it.each(['F32', 'F16', 'Q8_0'] as const)('made here gives equal probabilities in llama.cpp: %s', async (type) => {
    await expectEqual(await wide(family), type);
  });

  it('goes on with the same tokens', async () => {
    const model = await wide(family);
    const prompt = [7, 30, 12, 99];
    const count = 8;
    const { greedy } = await llamaCpp.evaluate(await exported(model, 'F32'), { greedy: { prompt, count } });
    const own: number[] = [];
    const { vocabularySize: V } = model.manifest.config as DecoderConfig;
    while (own.length < greedy.length) {
      const [logits] = await workshop.logitsOfTokens(model, [[...prompt, ...own]]);
      const last = logits!.slice(-V);
      own.push(last.indexOf(Math.max(...last)));
    }
    expect(greedy.length).toBeGreaterThan(0);
    expect(greedy).toEqual(own);
  });
});

describe('rotary scalings', () => {
  it.each(['llama-llama3', 'llama-linear', 'qwen3-yarn'])('%s', async (name) => {
    const folder = await decoder(name.replace(/-.*/, ''), ggufReferences()[name]!.changes);
    await expectEqual(await workshop.import(folder), 'F32', 36);
  });

  it('an attention factor of yarn’s that is not the usual one', async () => {
    const { rope_parameters: yarn } = ggufReferences()['qwen3-yarn']!.changes as { rope_parameters: object };
    const folder = await decoder('qwen3', { rope_parameters: { ...yarn, attention_factor: 1.7 } });
    await expectEqual(await workshop.import(folder), 'F32', 36);
  });
});

it('Llama with biases in attention and in the feed-forward network', async () => {
  const folder = await decoder('llama', { attention_bias: true, mlp_bias: true });
  const path = join(folder, 'model.safetensors');
  const tensors = new Map(readSafetensors(await readFile(path)).tensors);
  for (const [name, { shape }] of [...tensors]) {
    if (!/_proj\.weight$/.test(name)) continue;
    const data = Float32Array.from({ length: shape[0]! }, (_, index) => ((index * 7) % 11) / 11 - 0.5);
    tensors.set(name.replace('.weight', '.bias'), { shape: [shape[0]!], data });
  }
  await writeFile(path, Buffer.concat(writeSafetensors(tensors)));
  await expectEqual(await workshop.import(folder), 'F32');
});

describe('a tokenizer', () => {
  // Qwen's composes texts, which llama.cpp does not; SentencePiece puts a space before a text that begins with one, and
  // after special tokens, where Mistral's does not.
  const composed = difficultTexts.map((text) => text.normalize('NFC'));
  const usual = composed.filter((text) => !/^\s/.test(text) && !text.includes('<s>'));
  it.each([
    ['gpt2', difficultTexts],
    ['llama', difficultTexts],
    ['mistral', usual],
    ['qwen2', composed],
    ['qwen3', composed],
    ['gemma3_text', difficultTexts],
  ] as const)('of %s makes the same tokens of hard texts', async (family, texts) => {
    await expectTokens(await workshop.import(await decoder(family)), texts);
  });

  it('has the model’s chat template, and its first and last token', async () => {
    const folder = await decoder('llama');
    await writeFile(join(folder, 'chat_template.jinja'), '{{ messages[0].content }}');
    const file = await exported(await workshop.import(folder), 'F16');
    expect(await llamaCpp.evaluate(file, {})).toMatchObject({
      contextLength: 40,
      begin: 317,
      end: 318,
      addsBegin: true,
      chatTemplate: '{{ messages[0].content }}',
    });
  });
});

async function expectTokens(model: StoredModel, texts: readonly string[]): Promise<void> {
  const { tokenizer } = await workshop.opened(model);
  const options = { maxLength: 1e6, truncationSide: 'right', addSpecialTokens: false } as const;
  const { tokens } = await llamaCpp.evaluate(await exported(model, 'F16'), { texts });
  const names = (ids: readonly number[]) => ids.map((id) => tokenizer.token(id));
  expect(tokens.map(names)).toEqual(texts.map((text) => names(tokenizer.encodeIds(text, null, options).ids)));
  expect(texts.length).toBeGreaterThan(40);
}

describe('gloss-lm', () => {
  it.each(['F32', 'F16', 'Q8_0'] as const)('gives equal probabilities: %s', async (type) => {
    await expectEqual(await glossLmIn(workshop.store), type, 48);
  });

  it('has the same tokens for hard texts', async () => {
    // Of spaces alone llama.cpp has one fewer.
    const texts = difficultTexts.filter((text) => text.trim() !== '' || text === '');
    await expectTokens(await glossLmIn(workshop.store), [
      ...texts,
      '�',
      'a � b',
      'ｆｕｌｌ ① ﬁ',
      'الب e\u0301 ê\u0301',
    ]);
  });
});
