import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { certify } from '../../../gpu-worker/certificate/certify.js';
import { readRows } from '../../../gpu-worker/certificate/read-rows.js';
import { exportModel } from '../../../gpu-worker/hugging-face/export-model.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { loadManifest, loadModel } from '../../../gpu-worker/models/load-model.js';
import { convertUseLite, findUseLitePackage, storeUseLite } from '../../../src/models/bundled/use-lite.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import { type Tokenizer, TokenizerError } from '../../../src/tokenizer/index.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { languageModellingSpec, multiTaskSpec, supervisedSpec } from '../../support/specs.js';
import { headsOf, writeModel } from '../hugging-face/head-models.js';
import { fromFolder, openWorkshop, type Workshop } from '../hugging-face/import-tools.js';
import { certificateOf, importAdapter, importReference, storeDataset } from './certified.js';

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

const labels = ['cards', 'transfers', 'fees'];
const rowsOf = (split: string, count: number, label: (row: number) => string): [string, string, string][] =>
  Array.from({ length: count }, (_, row) => [split, `'my card and transfer ${row}'`, label(row)]);

/** A classifier of a BERT, and the experiment that could have made it. */
async function topics(
  rows: readonly [string, string, string][],
  changed: Partial<Parameters<typeof supervisedSpec>[0]> = {},
): Promise<{ digest: string; spec: RunSpec; datasetDigest: string }> {
  const digest = await importReference(workshop, 'bert');
  const datasetDigest = await storeDataset(workshop, ['text', 'label'], rows);
  return { digest, datasetDigest, spec: supervisedSpec({ labels, datasetDigest, ...changed }) };
}

describe('the rows of a certificate', () => {
  const label = (row: number) => `'${labels[row % 3]}'`;
  const split = (name: string, count: number) => rowsOf(name, count, label);

  test('are of the test split, drawn from all over it, with its scores', async () => {
    const { digest, spec, datasetDigest } = await topics([
      ...split('train', 4),
      ...split('validation', 4),
      ...split('test', 100),
    ]);
    const { rows, checks } = await certificateOf(workshop, digest, 'huggingFace', {
      madeBy: { spec, testSplit: 'test' },
    });
    expect(rows).toMatchObject({ texts: 'testSplit', split: 'test', datasetDigest });
    expect(rows.rows).toHaveLength(32);
    expect(Math.min(...rows.rows)).toBeLessThan(20);
    expect(Math.max(...rows.rows)).toBeGreaterThan(95);
    expect(new Set(rows.rows).size).toBe(32);
    const [check] = checks;
    expect(check).toMatchObject({
      file: 'model.safetensors',
      precision: 'float32',
      runner: 'freshGraph',
      tolerance: 1e-4,
      base: null,
      outputs: [{ name: 'logits of label', task: 'label', count: 96, answers: { count: 32, same: 32 } }],
    });
    expect(check!.scores.map(({ measure }) => measure)).toEqual(['accuracy', 'loss']);
    for (const { trained, exported } of check!.scores) expect(exported).toBeCloseTo(trained, 5);
  });

  test('are of the validation split where the test split has no labels', async () => {
    const { digest, spec } = await topics([
      ...split('validation', 5),
      ...rowsOf('test', 5, () => 'CAST(NULL AS VARCHAR)'),
    ]);
    const { rows } = await certificateOf(workshop, digest, 'onnx', { madeBy: { spec, testSplit: 'test' } });
    expect(rows).toMatchObject({ texts: 'validationSplit', split: 'validation', rows: [0, 1, 2, 3, 4] });
  });

  test('are those that were held out of the training split', async () => {
    const heldOut = { examples: 6, seed: 1, stratifyBy: ['label'], keepTogether: ['text'] };
    const { digest, spec } = await topics(split('train', 24), { validationSplit: 'train' });
    const madeBy = { spec: { ...spec, heldOut }, testSplit: null };
    const { rows, checks } = await certificateOf(workshop, digest, 'onnx', { madeBy });
    expect(rows).toMatchObject({ texts: 'heldOutPart', split: 'train' });
    expect(rows.rows).toHaveLength(6);
    expect(checks[0]!.outputs[0]!.answers).toEqual({ count: 6, same: 6 });
  });

  test('are texts without targets where the data are gone', async () => {
    const { digest, spec, datasetDigest } = await topics(split('validation', 5));
    await workshop.store.remove(datasetDigest);
    const { rows, checks } = await certificateOf(workshop, digest, 'onnx', { madeBy: { spec, testSplit: null } });
    expect(rows).toMatchObject({ texts: 'broughtAlong', split: null, datasetDigest: null });
    expect(rows.rows.length).toBeGreaterThan(20);
    expect(checks[0]).toMatchObject({ scores: [], runner: 'onnxRuntime' });
  });

  test('are documents of a language model, of which tokens are predicted', async () => {
    const { digest } = await importModel(fromFolder(fileURLToPath(decoderFolder('llama'))), workshop.tools);
    const datasetDigest = await storeDataset(
      workshop,
      ['text'],
      Array.from({ length: 40 }, (_, row) => ['validation', `'number ${row} of the texts'`]),
    );
    const madeBy = { spec: languageModellingSpec({ datasetDigest }), testSplit: null };
    const { rows, checks } = await certificateOf(workshop, digest, 'onnx', { madeBy });
    expect(rows).toMatchObject({ texts: 'validationSplit', datasetDigest });
    expect(rows.rows).toHaveLength(32);
    const [{ outputs, scores }] = checks as [(typeof checks)[number]];
    expect(outputs[0]!.answers!.same).toBe(outputs[0]!.answers!.count);
    expect(scores.map(({ measure }) => measure)).toEqual(['perplexity', 'loss', 'tokenAccuracy']);
    // A model of random weights guesses among all tokens.
    expect(scores[0]!.trained).toBeGreaterThan(10);
    expect(scores[0]!.exported).toBeCloseTo(scores[0]!.trained, 2);
  });
});

describe('without an experiment, the rows', () => {
  const read = async (kind: 'heads' | 'tokens', tokenizer: Partial<Tokenizer>, digest: string, readsPairs = false) => {
    const model = await loadModel(workshop.store, digest);
    try {
      const known = { ...model, tokenizer: { ...model.tokenizer, ...tokenizer } };
      return await readRows(kind, { readsPairs }, known, workshop.store, () => undefined);
    } finally {
      await model.weights.close();
    }
  };

  test('are pairs of texts for a model of pairs', async () => {
    const digest = await importReference(workshop, 'bert');
    const [single, pairs] = [await read('heads', {}, digest), await read('heads', {}, digest, true)];
    expect(pairs.tokens.lengths.length).toBe(single.tokens.lengths.length);
    // [CLS] a [SEP] b [SEP]: the tokens of the text itself, and those of the next one.
    const [first = 0, second = 0] = single.tokens.lengths;
    expect(pairs.tokens.lengths[0]).toBe(first + second - 1);
  });

  test.each(['heads', 'tokens'] as const)(
    'are drawn where the tokenizer has no tokens for any text: %s',
    async (kind) => {
      const { digest, manifest } = await importModel(fromFolder(fileURLToPath(decoderFolder('llama'))), workshop.tools);
      const encodeIds = () => {
        throw new TokenizerError('UNKNOWN_TEXT', '', 'no token');
      };
      const rows = await read(kind, { encodeIds }, digest);
      expect(rows.note).toMatchObject({ texts: 'drawnTokens', rows: [0, 1, 2, 3, 4, 5, 6, 7] });
      expect(rows.tokens.ids.every((id) => id >= 0 && id < manifest.config.vocabularySize)).toBe(true);
      expect(new Set(rows.tokens.ids).size).toBeGreaterThan(10);
      expect(rows.picked === null).toBe(kind === 'heads');
      expect(await read(kind, { encodeIds }, digest)).toEqual(rows);
    },
  );
});

describe('what is compared', () => {
  test('heads of all kinds, each by its answers and scores', async () => {
    const heads = headsOf('multiLabel', 'regression', 'tokenClassification', 'classification');
    const { digest } = await writeModel(workshop, 'bert', heads, { pooling: 'mean' });
    const columns = ['words', 'topics', 'price', 'share', 'entities', 'urgent'];
    const datasetDigest = await storeDataset(
      workshop,
      columns,
      Array.from({ length: 8 }, (_, row) => [
        'validation',
        `['my', 'card', 'here']`,
        row % 2 === 0 ? `['cards']` : `['fees', 'transfers']`,
        `${200 + 10 * row}`,
        `${0.01 * row}`,
        `['O', 'B-WHAT', 'O']`,
        row % 3 === 0 ? `'yes'` : `'no'`,
      ]),
    );
    const none = { kind: 'none' } as const;
    const tasks = [
      {
        name: 'topics',
        weight: 1,
        head: {
          kind: 'multiLabel' as const,
          labelColumn: 'topics',
          labels: ['cards', 'transfers', 'fees', 'cash: abroad'],
          classWeights: none,
          thresholds: { kind: 'chosen' as const },
        },
      },
      { name: 'cost', weight: 1, head: { kind: 'regression' as const, targetColumns: ['price', 'share'] } },
      {
        name: 'entities',
        weight: 1,
        head: {
          kind: 'tokenClassification' as const,
          tagColumn: 'entities',
          labels: ['O', 'B-WHO', 'I-WHO', 'B-WHAT', 'I-WHAT'],
          scheme: 'iob2' as const,
          classWeights: none,
        },
      },
      {
        name: 'urgent',
        weight: 1,
        head: {
          kind: 'classification' as const,
          labelColumn: 'urgent',
          labels: ['no', 'yes'],
          classWeights: none,
        },
      },
    ];
    const spec = multiTaskSpec({ tasks, datasetDigest, textColumn: 'words' });
    for (const format of ['huggingFace', 'onnx'] as const) {
      const { checks, rows } = await certificateOf(workshop, digest, format, { madeBy: { spec, testSplit: null } });
      expect(rows.texts).toBe('validationSplit');
      const [{ outputs, scores }] = checks as [(typeof checks)[number]];
      expect(outputs.map(({ task, count }) => [task, count])).toEqual([
        ['topics', 32],
        ['cost', 16],
        ['entities', 5 * rows.tokenCount],
        ['urgent', 16],
      ]);
      // Words count by their first tokens; a regression has no answers.
      expect(outputs.map(({ answers }) => answers)).toEqual([
        { count: 8, same: 8 },
        null,
        { count: 24, same: 24 },
        { count: 8, same: 8 },
      ]);
      expect(scores.map(({ task, measure }) => `${task} ${measure}`)).toEqual([
        'topics micro.f1',
        'topics loss',
        'cost average.rmse',
        'cost loss',
        'entities entities.micro.f1',
        'entities loss',
        'urgent accuracy',
        'urgent loss',
      ]);
      for (const { trained, exported } of scores) expect(exported / trained || 1).toBeCloseTo(1, 3);
    }
  });

  test.each(['huggingFace', 'peft', 'onnx'] as const)('an adapter is in the export: %s', async (format) => {
    const digest = await importAdapter(workshop, 'bert', 'bert-lora');
    const [check] = (await certificateOf(workshop, digest, format)).checks;
    expect(check!.base!.adapterShare).toBeCloseTo(1, 3);
    expect(check!.base!.largestDifference).toBeGreaterThan(0.01);
  });

  test('states of a bare encoder, and what its pooler gives', async () => {
    const digest = await importReference(workshop, 'bert-bare');
    const [check] = (await certificateOf(workshop, digest, 'onnx')).checks;
    expect(check!.outputs.map(({ name, answers }) => [name, answers])).toEqual([
      ['last_hidden_state', null],
      ['pooler_output', null],
    ]);
  });

  test('the embedding of Universal Sentence Encoder Lite', async () => {
    const manifest = await storeUseLite(await convertUseLite(findUseLitePackage()), workshop.store);
    const { digest } = await workshop.store.write(Buffer.from(JSON.stringify(manifest)));
    const [check] = (await certificateOf(workshop, digest, 'onnx')).checks;
    expect(check!.outputs).toMatchObject([{ name: 'embedding', count: 24 * 512 }]);
  });
});

describe('an export that is not checked', () => {
  const little = () => ({
    ...workshop.tools,
    certify: async () => ({
      kind: 'notChecked' as const,
      reason: 'notEnoughMemory' as const,
      neededBytes: 24e9,
      availableBytes: 8e9,
    }),
  });

  test('because the worker has too little memory for twice its size', async () => {
    const digest = await importReference(workshop, 'bert');
    const manifest = await loadManifest(workshop.store, digest);
    const certificate = await certify(
      { modelDigest: digest, format: 'onnx', manifest, files: [] },
      {
        store: workshop.store,
        openEngine: () => Promise.reject(new Error('no engine is needed')),
        availableBytes: () => 1e6,
        folder: workshop.root,
        onProgress: () => undefined,
      },
    );
    // 192 MiB are for graphs and outputs.
    const neededBytes = 8 * manifest.parameterCount + 192 * 2 ** 20;
    expect(certificate).toEqual({ kind: 'notChecked', reason: 'notEnoughMemory', neededBytes, availableBytes: 1e6 });
  });

  test('says so in its certificate', async () => {
    const modelDigest = await importReference(workshop, 'bert');
    const { files, certificate } = await exportModel({ modelDigest, format: 'onnx' }, little());
    expect(certificate).toMatchObject({ kind: 'notChecked', reason: 'notEnoughMemory' });
    const { digest } = files.find(({ name }) => name === 'certificate.json')!;
    expect(JSON.parse((await workshop.store.read(digest)).toString('utf8'))).toEqual(certificate);
  });

  test('fails where a certificate is required, with both figures, and keeps nothing', async () => {
    const modelDigest = await importReference(workshop, 'bert');
    const before = await workshop.stored();
    const asked = { modelDigest, format: 'onnx', requireCertificate: true } as const;
    await expect(exportModel(asked, little())).rejects.toMatchObject({
      problem: {
        code: 'OUT_OF_MEMORY',
        path: ['requireCertificate'],
        message: expect.stringMatching(/24\.00 GB.*8\.00 GB/),
      },
    });
    expect((await workshop.stored()).sort()).toEqual(before.sort());
  });

  test('ends when it is no longer wanted, and keeps nothing', async () => {
    const modelDigest = await importReference(workshop, 'bert');
    const before = await workshop.stored();
    const unwanted = new Error('no longer wanted');
    const tools = {
      ...workshop.tools,
      onProgress({ file }: { readonly file: string }) {
        if (file === 'certificate.json') throw unwanted;
      },
    };
    await expect(exportModel({ modelDigest, format: 'huggingFace' }, tools)).rejects.toBe(unwanted);
    expect((await workshop.stored()).sort()).toEqual(before.sort());
  });
});
