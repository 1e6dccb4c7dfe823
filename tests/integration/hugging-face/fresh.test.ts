import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../../gpu-worker/hugging-face/config.js';
import { type MakeTools, makeModel } from '../../../gpu-worker/hugging-face/fresh/make-model.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import type { ImportedModel } from '../../../gpu-worker/thread-protocol.js';
import { convertUseLite, findUseLitePackage, storeUseLite } from '../../../src/models/bundled/use-lite.js';
import { ArchitectureName, freshOf } from '../../../src/protocol/architectures/index.js';
import type { ConfigurationSource } from '../../../src/protocol/model-source.js';
import type { Problem } from '../../../src/protocol/run-event.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';

let workshop: Workshop;
let tools: MakeTools;
beforeEach(async () => {
  workshop = await openWorkshop();
  tools = { ...workshop.tools, freeDiskBytes: async () => 1e9 };
});
afterEach(() => workshop.close());

const ofBert = { kind: 'folder', path: fileURLToPath(modelFolder('bert')) } as const;
const ofRoberta = { kind: 'folder', path: fileURLToPath(modelFolder('roberta')) } as const;

function source(changed: Partial<ConfigurationSource> = {}, sizes: Partial<ConfigurationSource['sizes']> = {}) {
  return {
    kind: 'configuration',
    architecture: 'llama',
    sizes: {
      hiddenSize: 32,
      layers: 2,
      attentionHeads: 4,
      keyValueHeads: 2,
      intermediateSize: 48,
      contextLength: 64,
      tiesEmbeddings: true,
      rotaryBase: 10_000,
      slidingWindow: null,
      normEpsilon: 1e-5,
      dropout: 0,
      ...sizes,
    },
    vocabularySize: null,
    tokenizer: ofBert,
    tokens: { begin: null, end: null, pad: null },
    deviation: 0.02,
    seed: 1,
    ...changed,
  } satisfies ConfigurationSource;
}

const make = (of: ConfigurationSource, changed: Partial<MakeTools> = {}) =>
  makeModel({ source: of, licence: null }, { ...tools, ...changed });

async function problemOf(of: ConfigurationSource, changed: Partial<MakeTools> = {}): Promise<Problem> {
  const before = await workshop.stored();
  const error = await make(of, changed).then(
    () => null,
    (thrown: { problem?: Problem }) => thrown,
  );
  expect(await workshop.stored()).toEqual(before);
  if (error?.problem === undefined) throw error ?? new Error('The model was made.');
  return error.problem;
}

async function jsonOf({ manifest }: ImportedModel, name: string): Promise<Record<string, unknown>> {
  const file = manifest.files.find((one) => one.name === name)!;
  return JSON.parse((await workshop.store.read(file.digest)).toString('utf8'));
}

const families = ArchitectureName.options.filter((architecture) => freshOf({ architecture }) !== null);

describe('a model that is made from nothing', () => {
  test.each(families)('%s: its config.json says what it is, and what is exported comes in again', async (family) => {
    const made = await make(
      source({ architecture: family, tokenizer: family.endsWith('roberta') ? ofRoberta : ofBert }),
    );
    expect(made.manifest.config.architecture).toBe(family);
    const config = await jsonOf(made, 'config.json');
    expect(readConfig(JSON.stringify(config)).config).toEqual(made.manifest.config);
    expect(config).toMatchObject({ model_type: family, initializer_range: 0.02 });

    const folder = await workshop.exported(made.digest, 'huggingFace');
    const again = await importModel(fromFolder(folder), tools);
    expect(again.manifest.config).toEqual(made.manifest.config);
    expect(again.manifest.weights).toEqual(made.manifest.weights);
    expect(again.manifest.tokenizer).toEqual(made.manifest.tokenizer);
  });

  test('is the same for the same seed, and another for another', async () => {
    const first = await make(source());
    expect((await make(source())).digest).toBe(first.digest);
    const other = await make(source({ seed: 2 }));
    expect(other.manifest.weights.digest).not.toBe(first.manifest.weights.digest);
    expect(other.source).toBe('configuration:llama,seed=2');
  });

  test('has the pieces of Universal Sentence Encoder Lite and the tokens that end its texts', async () => {
    const useLite = await convertUseLite(findUseLitePackage());
    const manifest = await storeUseLite(useLite, workshop.store);
    const { digest } = await workshop.store.write(Buffer.from(JSON.stringify(manifest)));
    const made = await make(
      source({ tokenizer: { kind: 'baseModel', modelId: '00000000-0000-4000-8000-000000000001', digest } }),
    );
    expect(made.manifest.config).toMatchObject({ vocabularySize: 8000, padTokenId: null });
    expect(made.manifest.tokenizer.vocabularySize).toBe(8000);
    // They are pieces there, and special here: a text that spells one has it.
    const tokenizer = JSON.parse((await workshop.store.read(made.manifest.tokenizer.digest)).toString('utf8'));
    const special = tokenizer.added_tokens.map(({ id, content }: { id: number; content: string }) => [id, content]);
    expect(special).toEqual([
      [1, '<s>'],
      [2, '</s>'],
    ]);
    expect({ ...tokenizer, added_tokens: [] }).toEqual(useLite.tokenizer);
    expect(made.manifest.licence).toBe('Apache-2.0');
    expect(await jsonOf(made, 'config.json')).toMatchObject({ bos_token_id: 1, eos_token_id: 2, pad_token_id: null });
    expect(await jsonOf(made, 'tokenizer_config.json')).toMatchObject({
      bos_token: '<s>',
      eos_token: '</s>',
      model_max_length: 64,
      model_input_names: ['input_ids', 'attention_mask'],
    });
    // 8000 · 32 embeddings, 2 · (32² · 2 + 2 · 16 · 32 + 3 · 32 · 48 + 2 · 32) of layers, 32 of the last norm.
    expect(made.manifest.parameterCount).toBe(256_000 + 2 * (2048 + 1024 + 4608 + 64) + 32);
  });

  test('has the tokens that the input names, and rows beyond the vocabulary', async () => {
    const made = await make(
      source(
        { vocabularySize: 128, tokens: { begin: '[SEP]', end: '[CLS]', pad: '[MASK]' } },
        { tiesEmbeddings: false },
      ),
    );
    const vocabulary = JSON.parse((await workshop.store.read(made.manifest.tokenizer.digest)).toString('utf8')).model
      .vocab;
    expect(await jsonOf(made, 'config.json')).toMatchObject({
      vocab_size: 128,
      bos_token_id: vocabulary['[SEP]'],
      eos_token_id: vocabulary['[CLS]'],
      pad_token_id: vocabulary['[MASK]'],
      tie_word_embeddings: false,
    });
    const { tensors } = readSafetensors(await workshop.store.read(made.manifest.weights.digest));
    expect(tensors.get('lm_head.weight')!.shape).toEqual([128, 32]);
    expect(tensors.get('embed_tokens.weight')!.data).not.toEqual(tensors.get('lm_head.weight')!.data);
  });
});

describe('what cannot be made', () => {
  test.each<[string, Partial<ConfigurationSource>, string[], string]>([
    [
      'a token that there is not',
      { tokens: { begin: null, end: '<end>', pad: null } },
      ['source', 'endToken'],
      'NOT_FOUND',
    ],
    ['fewer rows than tokens', { vocabularySize: 100 }, ['source', 'vocabularySize'], 'INVALID_VALUE'],
    [
      'a folder that is not there',
      { tokenizer: { kind: 'folder', path: '/nowhere' } },
      ['source', 'tokenizer', 'folder', 'path'],
      'NOT_FOUND',
    ],
  ])('%s', async (_, changed, path, code) => {
    expect(await problemOf(source(changed))).toMatchObject({ path, code });
  });

  test('a decoder whose texts nothing ends, a RoBERTa without a padding token', async () => {
    const vocab = { '[UNK]': 0, a: 1, b: 2 };
    const model = { type: 'WordLevel', vocab, unk_token: '[UNK]' };
    const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
    await writeFile(join(workshop.root, 'tokenizer.json'), JSON.stringify({ version: '1.0', ...parts, model }));
    const tokenizer = { kind: 'folder', path: workshop.root } as const;
    expect(await problemOf(source({ tokenizer }))).toMatchObject({ path: ['source', 'endToken'], code: 'REQUIRED' });
    const roberta = source({ tokenizer, architecture: 'roberta' });
    expect(await problemOf(roberta)).toMatchObject({ path: ['source', 'padToken'], code: 'REQUIRED' });
    expect((await make(source({ tokenizer, architecture: 'bert' }))).manifest.config).toMatchObject({ padTokenId: 0 });
    await rm(join(workshop.root, 'tokenizer.json'));
    expect(await problemOf(source({ tokenizer }))).toMatchObject({
      path: ['source', 'tokenizer', 'folder'],
      code: 'INVALID_MODEL',
    });
  });

  test('what memory, disk, quota or an index cannot hold: nothing is written', async () => {
    const large = source({}, { hiddenSize: 4096, intermediateSize: 16_384 });
    expect(await problemOf(large)).toMatchObject({ code: 'OUT_OF_MEMORY' });
    expect(await problemOf(large, { memoryBytes: 1e12 })).toMatchObject({ code: 'DISK_FULL' });
    const requireRoom = () => {
      throw new Error('beyond the quota');
    };
    await expect(make(source(), { requireRoom })).rejects.toThrow('beyond the quota');
    const beyond = source({ vocabularySize: 2 ** 24 }, { hiddenSize: 128 });
    expect(await problemOf(beyond, { memoryBytes: 1e15 })).toMatchObject({ path: ['source'], code: 'TOO_LARGE' });
    expect(await workshop.stored()).toEqual([]);
  });

  test('ends when it is no longer wanted, and leaves nothing', async () => {
    let reports = 0;
    const onProgress = ({ bytesDone, bytesTotal }: { bytesDone: number; bytesTotal: number }) => {
      expect(bytesDone).toBeLessThanOrEqual(bytesTotal);
      reports += 1;
      if (bytesDone > 0) throw new Error('canceled');
    };
    await expect(make(source({}, { hiddenSize: 256, intermediateSize: 1024 }), { onProgress })).rejects.toThrow(
      'canceled',
    );
    expect(reports).toBeGreaterThan(0);
    expect(await workshop.stored()).toEqual([]);
  });
});
