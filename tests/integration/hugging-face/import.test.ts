import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ImportedModel, importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { longestText } from '../../../src/protocol/architectures/index.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { tinyConfig } from '../../numerics/architectures/tiny-encoder.js';
import { families, modelFolder, parameterName } from '../../numerics/reference/hugging-face/reference.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

function importReference(name: string): Promise<ImportedModel> {
  return importModel(fromFolder(fileURLToPath(modelFolder(name))), workshop.tools);
}

interface Files {
  config: Record<string, unknown>;
  tensors: Map<string, Tensor>;
}

/** Imports a reference model as it would be after a change. */
async function importChanged(name: string, change: (files: Files) => void): Promise<ImportedModel> {
  const folder = await workshop.copyOf(name);
  const [configPath, weightsPath] = [join(folder, 'config.json'), join(folder, 'model.safetensors')];
  const files: Files = {
    config: JSON.parse(await readFile(configPath, 'utf8')),
    tensors: new Map(readSafetensors(await readFile(weightsPath)).tensors),
  };
  change(files);
  await writeFile(configPath, JSON.stringify(files.config));
  await writeFile(weightsPath, Buffer.concat(writeSafetensors(files.tensors)));
  return importModel(fromFolder(folder), workshop.tools);
}

async function tensorsOf({ manifest }: ImportedModel): Promise<ReadonlyMap<string, Tensor>> {
  return readSafetensors(await workshop.store.read(manifest.weights.digest)).tensors;
}

const zeros = (...shape: number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((all, size) => all * size, 1)),
});

describe('a classifier of transformers', () => {
  test('has the classes of its head, however many num_labels claims', async () => {
    const { manifest } = await importChanged('bert', ({ config }) => {
      Object.assign(config, { id2label: null, label2id: null, num_labels: 5e9 });
    });
    expect(manifest.heads).toEqual([
      { kind: 'classification', task: 'label', labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'] },
    ]);
  });

  test.each(families)('comes in with pooler, head and labels, so that it can be used at once: %s', async (family) => {
    const imported = await importReference(family);
    const original = readSafetensors(await readFile(new URL('model.safetensors', modelFolder(family)))).tensors;
    const renamed = [...original].map(([name, tensor]): [string, Tensor] => [
      parameterName(family, name, 'label'),
      tensor,
    ]);
    expect(new Map(await tensorsOf(imported))).toEqual(new Map(renamed));
    expect(imported.ignoredTensors).toEqual([]);
    expect(imported.manifest).toMatchObject({
      heads: [{ task: 'label', labels: ['cards', 'transfers', 'fees'] }],
      pooling: 'firstToken',
      contextLength: longestText(tinyConfig(family)),
      maxLength: null,
      adapter: null,
      parameterCount: [...original.values()].reduce((count, { data }) => count + data.length, 0),
    });
    const layers = imported.manifest.layers.map(({ name }) => name);
    expect(layers.at(0)).toBe('embeddings');
    expect(layers.at(-1)).toBe('pooler');
  });

  test('without id2label has transformers’ own names', async () => {
    const { manifest } = await importChanged('distilbert', ({ config }) => {
      delete config.id2label;
    });
    expect(manifest.heads).toMatchObject([{ labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'] }]);
  });

  const labels = ['cards', 'transfers', 'fees'];

  test.each([
    ['regression', { kind: 'regression', task: 'label', outputs: labels, means: [0, 0, 0], scales: [1, 1, 1] }],
    ['multi_label_classification', { kind: 'multiLabel', task: 'label', labels, thresholds: [0.5, 0.5, 0.5] }],
    ['single_label_classification', { kind: 'classification', task: 'label', labels }],
    [null, { kind: 'classification', task: 'label', labels }],
  ])('has the head of its problem: %s', async (type, head) => {
    const { manifest, ignoredTensors } = await importChanged('bert', ({ config }) => {
      config.problem_type = type;
    });
    expect(manifest).toMatchObject({ heads: [head], pooling: 'firstToken' });
    expect(ignoredTensors).toEqual([]);
  });

  test.each(families)('with one output is a regression, as transformers takes it: %s', async (family) => {
    const { manifest } = await importChanged(family, (files) => {
      keepOutputs(files, 1);
      files.config.id2label = { 0: 'LABEL_0' };
    });
    expect(manifest.heads).toEqual([
      { kind: 'regression', task: 'label', outputs: ['LABEL_0'], means: [0], scales: [1] },
    ]);
  });

  test('with one output may be one label that is there or not', async () => {
    const { manifest } = await importChanged('bert', (files) => {
      keepOutputs(files, 1);
      Object.assign(files.config, { problem_type: 'multi_label_classification', id2label: { 0: 'toxic' } });
    });
    expect(manifest.heads).toEqual([{ kind: 'multiLabel', task: 'label', labels: ['toxic'], thresholds: [0.5] }]);
  });
});

/** The head's first rows. */
function keepOutputs({ tensors }: Files, outputs: number): void {
  for (const [name, { shape, data }] of tensors) {
    if (!/^classifier\.(out_proj\.)?(weight|bias)$/.test(name)) continue;
    const rowLength = data.length / shape[0]!;
    tensors.set(name, { shape: [outputs, ...shape.slice(1)], data: data.slice(0, outputs * rowLength) });
  }
}

describe('a classifier of tokens', () => {
  /** The classifier of texts without its pooler, its head as that of tokens. */
  function asTokenClassifier({ config, tensors }: Files, labels: readonly string[]): void {
    config.architectures = [String((config.architectures as string[])[0]).replace('Sequence', 'Token')];
    config.id2label = { ...labels };
    for (const [name, tensor] of [...tensors]) {
      if (/(pooler|pre_classifier|classifier\.dense)\./.test(name)) tensors.delete(name);
      if (!name.startsWith('classifier.out_proj.')) continue;
      tensors.delete(name);
      tensors.set(name.replace('out_proj.', ''), tensor);
    }
  }

  test.each(families)('comes in with its tags, and without a pooler that it does not read: %s', async (family) => {
    const { manifest, ignoredTensors } = await importChanged(family, (files) =>
      asTokenClassifier(files, ['O', 'B-CARD', 'I-CARD']),
    );
    expect(manifest).toMatchObject({
      heads: [{ kind: 'tokenClassification', task: 'label', labels: ['O', 'B-CARD', 'I-CARD'], scheme: 'iob2' }],
      pooling: null,
      maxLength: null,
    });
    expect(manifest.layers.at(-1)?.name === 'pooler').toBe(family === 'modernbert');
    expect(ignoredTensors).toEqual([]);
  });

  test.each([
    [['O', 'B-CARD', 'CARD'], 'plain'],
    [['NOUN', 'VERB', 'O'], 'plain'],
    [['B-', 'I-', 'O'], 'plain'],
  ])('with the tags %j: %s', async (tags, scheme) => {
    const { manifest } = await importChanged('bert', (files) => asTokenClassifier(files, tags));
    expect(manifest.heads).toMatchObject([{ labels: tags, scheme }]);
  });

  test('that has a pooler nevertheless keeps it, for whoever trains a head on it', async () => {
    const { manifest } = await importChanged('bert', ({ config }) => {
      config.architectures = ['BertForTokenClassification'];
    });
    expect(manifest.pooling).toBeNull();
    expect(manifest.layers.at(-1)?.name).toBe('pooler');
  });
});

describe('a bare model', () => {
  test.each([
    ['bert-bare', true, []],
    ['distilbert-bare', false, []],
    ['roberta-bare', false, ['pooler.dense.bias', 'pooler.dense.weight']],
    ['xlm-roberta-bare', false, ['pooler.dense.bias', 'pooler.dense.weight']],
    ['electra-bare', false, []],
    ['mpnet-bare', false, ['pooler.dense.bias', 'pooler.dense.weight']],
    ['deberta-v2-bare', false, []],
    ['modernbert-bare', false, [], 'firstToken'],
  ] as const)(
    'has no heads, and a pooler where its classifiers use it: %s',
    async (name, hasPooler, ignored, pooling?: string) => {
      const { manifest, ignoredTensors } = await importReference(name);
      expect(manifest).toMatchObject({ heads: [], pooling: pooling ?? null, maxLength: null });
      expect(manifest.layers.some((layer) => layer.name === 'pooler')).toBe(hasPooler);
      expect([...ignoredTensors].sort()).toEqual(ignored);
    },
  );

  test('with heads of pre-training and old buffers is the same model without them', async () => {
    const plain = await importReference('bert-bare');
    const { manifest, ignoredTensors } = await importChanged('bert-bare', ({ config, tensors }) => {
      config.architectures = ['BertForPreTraining'];
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        // As files were written before 2019.
        const old = name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');
        tensors.set(`bert.${old}`, tensor);
      }
      tensors.set('bert.embeddings.position_ids', zeros(1, 64));
      tensors.set('cls.predictions.bias', zeros(120));
      tensors.set('cls.predictions.decoder.weight', zeros(120, 32));
      tensors.set('cls.seq_relationship.weight', zeros(2, 32));
    });
    expect(manifest.weights).toEqual(plain.manifest.weights);
    expect(ignoredTensors).toEqual([
      'bert.embeddings.position_ids',
      'cls.predictions.bias',
      'cls.predictions.decoder.weight',
      'cls.seq_relationship.weight',
    ]);
  });

  test('of masked words brings ModernBERT’s prediction head to classifiers, with what they read', async () => {
    const bare = await importChanged('modernbert-bare', ({ config, tensors }) => {
      config.architectures = ['ModernBertForMaskedLM'];
      config.classifier_pooling = 'mean';
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        tensors.set(`model.${name}`, tensor);
      }
      tensors.set('head.dense.weight', zeros(16, 16));
      tensors.set('head.norm.weight', zeros(16));
      tensors.set('decoder.weight', zeros(280, 16));
      tensors.set('decoder.bias', zeros(280));
    });
    expect(bare.manifest.layers.slice(-2).map(({ name }) => name)).toEqual(['pooler', 'lm_head']);
    expect(bare.manifest.pooling).toBe('mean');
    expect(bare.ignoredTensors).toEqual(['decoder.weight']);

    // Without the whole of it no masked words are predicted.
    const partly = await importChanged('modernbert-bare', ({ tensors }) => tensors.set('decoder.bias', zeros(280)));
    expect(partly.manifest.layers.at(-1)?.name).toBe('layers.1');
    expect(partly.ignoredTensors).toEqual(['decoder.bias']);
  });

  test('of masked words ignores that head in each family', async () => {
    const distilBert = await importChanged('distilbert-bare', ({ tensors }) => {
      tensors.set('vocab_projector.weight', zeros(120, 32));
      tensors.set('vocab_layer_norm.bias', zeros(32));
    });
    expect(distilBert.ignoredTensors).toEqual(['vocab_layer_norm.bias', 'vocab_projector.weight']);
    const roberta = await importChanged('roberta-bare', ({ tensors }) => {
      tensors.set('lm_head.dense.weight', zeros(32, 32));
    });
    expect(roberta.ignoredTensors).toContain('lm_head.dense.weight');
    const electra = await importChanged('electra-bare', ({ tensors }) => {
      tensors.set('discriminator_predictions.dense.weight', zeros(16, 16));
    });
    expect(electra.ignoredTensors).toEqual(['discriminator_predictions.dense.weight']);
    const deberta = await importChanged('deberta-v2-bare', ({ tensors }) => {
      tensors.set('lm_predictions.lm_head.bias', zeros(75));
      tensors.set('mask_predictions.classifier.weight', zeros(1, 16));
    });
    expect(deberta.ignoredTensors).toEqual(['lm_predictions.lm_head.bias', 'mask_predictions.classifier.weight']);
  });

  test('has no positions where its configuration says that a DeBERTa does not read them', async () => {
    const withPositions = (isRead: boolean) =>
      importChanged('deberta-v2-bare', ({ config, tensors }) => {
        config.position_biased_input = isRead;
        tensors.set('embeddings.position_embeddings.weight', zeros(64, 16));
      });
    expect((await withPositions(false)).ignoredTensors).toEqual(['embeddings.position_embeddings.weight']);
    expect((await withPositions(true)).ignoredTensors).toEqual([]);
  });
});

test('a heads.safetensors that Attune did not write is no part of the model', async () => {
  const folder = await workshop.copyOf('bert-bare');
  const foreign = new Map([['decoder.weight', zeros(2, 2)]]);
  await writeFile(join(folder, 'heads.safetensors'), Buffer.concat(writeSafetensors(foreign)));
  const { manifest } = await importModel(fromFolder(folder), workshop.tools);
  expect(manifest.weights).toEqual((await importReference('bert-bare')).manifest.weights);
});

describe('the same model', () => {
  test('sharded gives the same bytes as in one file', async () => {
    const [whole, sharded] = [await importReference('bert'), await importReference('bert-sharded')];
    expect(sharded.manifest.weights).toEqual(whole.manifest.weights);
  });

  test('imported twice is one model', async () => {
    expect((await importReference('roberta')).digest).toBe((await importReference('roberta')).digest);
  });

  test('under another licence is another model', async () => {
    const path = fileURLToPath(modelFolder('bert'));
    const { manifest } = await importModel({ ...fromFolder(path), licence: 'mit' }, workshop.tools);
    expect(manifest.licence).toBe('mit');
    expect((await importReference('bert')).manifest.licence).toBe('unknown');
  });
});

test('progress goes up to all of the model’s bytes', async () => {
  const reports: number[] = [];
  const { manifest } = await importModel(fromFolder(fileURLToPath(modelFolder('bert'))), {
    ...workshop.tools,
    onProgress: ({ bytesDone, bytesTotal }) => {
      expect(bytesDone).toBeLessThanOrEqual(bytesTotal);
      reports.push(bytesDone);
    },
  });
  expect(reports.at(-1)).toBe(4 * manifest.parameterCount);
  expect([...reports].sort((a, b) => a - b)).toEqual(reports);
});

test('an adapter in PEFT’s format comes in on its base model, and only that', async () => {
  const base = await importReference('bert');
  const path = fileURLToPath(modelFolder('adapters/bert-lora/trained'));
  const imported = await importModel({ ...fromFolder(path), adapterBaseDigest: base.digest }, workshop.tools);
  expect(imported.manifest).toMatchObject({
    weights: base.manifest.weights,
    adapter: { config: { rank: 4, alpha: 8 } },
  });
  expect(imported.source).toBe(`folder:${path}`);
  await expect(
    importModel({ ...fromFolder(fileURLToPath(modelFolder('bert'))), adapterBaseDigest: base.digest }, workshop.tools),
  ).rejects.toMatchObject({ problem: { code: 'INVALID_MODEL', message: expect.stringContaining('not an adapter') } });
});
