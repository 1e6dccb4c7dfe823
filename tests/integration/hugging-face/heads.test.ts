import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tokenizeTexts } from '../../../gpu-worker/data/tokenize.js';
import { splitWords } from '../../../gpu-worker/data/word-spans.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { sigmoid } from '../../../gpu-worker/metrics/sigmoid.js';
import { loadManifest } from '../../../gpu-worker/models/load-model.js';
import { outputNames, writtenHead } from '../../../src/protocol/heads.js';
import type { TaskPrediction, TextPrediction } from '../../../src/protocol/job.js';
import { readSafetensors, writeSafetensors } from '../../../src/storage/safetensors.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';
import { tinyConfig } from '../../numerics/architectures/tiny-encoder.js';
import { openEngine } from '../../numerics/engine/compare.js';
import { writeTinyModel } from '../../numerics/recipes/support.js';
import { type Family, families, withClassifierModule } from '../../numerics/reference/hugging-face/reference.js';
import { expectSame, headsOf, predictions, someHeads, texts, withHeads, writeModel } from './head-models.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';
import { runOnnx } from './onnx-session.js';

let engine: Engine;
let workshop: Workshop;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

const kinds = ['multiLabel', 'regression', 'tokenClassification'] as const;
const cases = families.flatMap((family) => kinds.map((kind) => ({ family, kind })));
const classOf = {
  bert: 'Bert',
  distilbert: 'DistilBert',
  roberta: 'Roberta',
  'xlm-roberta': 'XLMRoberta',
  electra: 'Electra',
  mpnet: 'MPNet',
  'deberta-v2': 'DebertaV2',
  modernbert: 'ModernBert',
};
const headModule = (family: Family) => (withClassifierModule.has(family) ? 'classifier.out_proj' : 'classifier');

async function jsonIn(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path, 'utf8'));
}

const poolingOf = (kind: (typeof kinds)[number]) => (kind === 'tokenClassification' ? null : 'firstToken');

describe.each(cases)('$family with one head: $kind', ({ family, kind }) => {
  const [head] = headsOf(kind);
  const write = () => writeModel(workshop, family, [head!], { pooling: poolingOf(kind) });

  test('goes out as the class of transformers that has it, which is told of it in its own words', async () => {
    const { digest, tensors } = await write();
    const folder = await workshop.exported(digest, 'huggingFace');
    const isOfTokens = kind === 'tokenClassification';
    const config = await jsonIn(join(folder, 'config.json'));
    const names = outputNames(head!);
    expect(config).toMatchObject({
      architectures: [`${classOf[family]}${isOfTokens ? 'ForTokenClassification' : 'ForSequenceClassification'}`],
      id2label: Object.fromEntries(names.map((name, id) => [id, name])),
      label2id: Object.fromEntries(names.map((name, id) => [name, id])),
      attune: { kind, task: head!.task },
    });
    expect(config.problem_type).toBe(
      { multiLabel: 'multi_label_classification', regression: 'regression', tokenClassification: undefined }[kind],
    );
    const exported = readSafetensors(await readFile(join(folder, 'model.safetensors')));
    expect(JSON.parse(exported.metadata.get('attune')!)).toMatchObject({ heads: [writtenHead(head!)] });
    const module = isOfTokens ? 'classifier' : headModule(family);
    const [weight, bias] = [exported.tensors.get(`${module}.weight`)!, exported.tensors.get(`${module}.bias`)!];
    const [own, ownBias] = [tensors.get(`heads.${head!.task}.weight`)!, tensors.get(`heads.${head!.task}.bias`)!];
    const { means, scales } = head!.kind === 'regression' ? head! : { means: [], scales: [] };
    const H = tinyConfig(family).hiddenSize;
    expect(weight.data).toEqual(own.data.map((value, i) => value * (scales[Math.floor(i / H)] ?? 1)));
    expect(bias.data).toEqual(ownBias.data.map((value, k) => value * (scales[k] ?? 1) + (means[k] ?? 0)));
    // Classifiers of tokens have no pooler, but for ModernBERT's.
    const ofPooler = /pooler|pre_classifier|classifier\.dense|^head\./;
    const count = [...exported.tensors.keys()].filter((name) => ofPooler.test(name));
    expect(count).toHaveLength(isOfTokens && family !== 'modernbert' ? 0 : 2);
  });

  test('comes back as the same head, and says the same', async () => {
    const { digest, manifest } = await write();
    const expected = await predictions(engine, workshop, digest);
    const folder = await workshop.exported(digest, 'huggingFace');
    const again = await importModel(fromFolder(folder), workshop.tools);
    expect(again.manifest).toMatchObject({ heads: manifest.heads, pooling: manifest.pooling, maxLength: 12 });
    expectSame(await predictions(engine, workshop, again.digest), expected);

    // transformers writes the weights again without Attune's notes, and keeps those of config.json.
    const path = join(folder, 'model.safetensors');
    const { tensors } = readSafetensors(await readFile(path));
    await writeFile(path, Buffer.concat(writeSafetensors(tensors, new Map([['format', 'pt']]))));
    const saved = await importModel(fromFolder(folder), workshop.tools);
    expect(saved.manifest.heads).toEqual(manifest.heads);
    const config = await jsonIn(join(folder, 'config.json'));
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, attune: { kind: 'something else' } }));
    const foreign = await importModel(fromFolder(folder), workshop.tools);
    expect(foreign.manifest.heads).toEqual([withoutNotes(head!)]);
  });

  test('goes out as ONNX, which says in a bare runtime what Attune says', async () => {
    const { digest } = await write();
    const folder = await workshop.exported(digest, 'onnx');
    const expected = await predictions(engine, workshop, digest);
    expectOutputs(await runTexts(folder), expected, ['logits']);
    expect(await jsonIn(join(folder, 'heads.json'))).toMatchObject([{ kind, task: head!.task, output: 'logits' }]);
    expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')).id2label[0]).toBe(outputNames(head!)[0]);
  });
});

/** What a head of transformers' is taken for where nobody noted more. */
function withoutNotes(head: ReturnType<typeof headsOf>[number]) {
  switch (head.kind) {
    case 'classification':
      return { ...head, task: 'label' };
    case 'multiLabel':
      return { ...head, task: 'label', thresholds: head.labels.map(() => 0.5) };
    case 'regression':
      return { ...head, task: 'label', means: head.outputs.map(() => 0), scales: head.outputs.map(() => 1) };
    case 'tokenClassification':
      return { ...head, task: 'label', scheme: 'iob2' };
    case 'reward':
      return { kind: 'regression', task: 'label', outputs: ['reward'], means: [0], scales: [1] };
    default:
      return head satisfies never;
  }
}

describe.each(families)('%s with heads of all kinds', (family) => {
  test.each(['firstToken', 'mean'] as const)(
    'on %s: as modules of sentence-transformers, the bare model with its heads beside it, and as ONNX',
    async (pooling) => {
      const heads = headsOf('tokenClassification', 'regression', 'classification', 'multiLabel');
      const { digest } = await writeModel(workshop, family, heads, { pooling });
      const expected = await predictions(engine, workshop, digest);
      const folder = await workshop.exported(digest, 'huggingFace');
      const config = await jsonIn(join(folder, '0_Transformer/config.json'));
      expect(config.architectures).toEqual([`${classOf[family]}Model`]);
      const again = await importModel(fromFolder(folder), workshop.tools);
      expect(again.manifest).toMatchObject({ heads, pooling, maxLength: 12 });
      expectSame(await predictions(engine, workshop, again.digest), expected);

      const onnx = await workshop.exported(digest, 'onnx');
      const names = heads.map(({ task }) => `logits_${task}`);
      expectOutputs(await runTexts(onnx), expected, names);
      expect(await jsonIn(join(onnx, 'heads.json'))).toMatchObject(
        heads.map(({ kind, task }) => (kind === 'classification' ? { task } : { kind, task })),
      );
    },
  );
});

test('Universal Sentence Encoder Lite with heads of all kinds goes out as ONNX', async () => {
  const base = await loadManifest(workshop.store, await writeTinyModel(workshop.store));
  const heads = headsOf('tokenClassification', 'regression', 'classification', 'multiLabel');
  const { digest } = await withHeads(workshop, base, heads);
  const folder = await workshop.exported(digest, 'onnx');
  const names = heads.map(({ task }) => `logits_${task}`);
  expectOutputs(await runTexts(folder), await predictions(engine, workshop, digest), names);
});

test('the card names kind, labels and how a pipeline gives them', async () => {
  const cards: Record<string, string> = {};
  for (const kind of kinds) {
    const { digest } = await writeModel(workshop, 'bert', headsOf(kind), { pooling: poolingOf(kind) });
    cards[kind] = await readFile(join(await workshop.exported(digest, 'huggingFace'), 'README.md'), 'utf8');
  }
  expect(cards.multiLabel).toContain('pipeline_tag: text-classification');
  expect(cards.multiLabel).toContain('max_length=12, function_to_apply="sigmoid")');
  expect(cards.multiLabel).toContain('{"cards": 0.5, "transfers": 0.31, "fees": 0.625, "cash: abroad": 0.2}');
  expect(cards.regression).toContain('measure("a text", top_k=None)');
  expect(cards.regression).toContain('`price` (mean 250.5, deviation 41.25)');
  expect(cards.tokenClassification).toContain('pipeline_tag: token-classification');
  expect(cards.tokenClassification).toContain('aggregation_strategy="first"');
  expect(cards.tokenClassification).toContain('heads read the state of every token');
});

/** Outputs of the exported graph for each text, tokens of padding among them; and which tokens begin a word. */
async function runTexts(folder: string) {
  const tokenizer = createTokenizer(await readFile(join(folder, 'tokenizer.json')));
  const options = { maxLength: 12, truncationSide: 'right' } as const;
  const encoded = texts.map((text) => tokenizer.encode(text, null, options));
  const words = texts.map((text) => splitWords(text));
  const { firstOfWord, offsets } = tokenizeTexts(
    tokenizer,
    { texts, pairs: null, words, readsTypes: false },
    options,
    () => undefined,
  );
  const T = Math.max(...encoded.map(({ ids }) => ids.length));
  const padded = (rows: readonly (readonly number[])[]) =>
    rows.map((row) => [...row, ...new Array<number>(T - row.length).fill(0)]);
  const outputs = await runOnnx(folder, {
    ids: padded(encoded.map(({ ids }) => ids)),
    mask: padded(encoded.map(({ ids }) => ids.map(() => 1))),
    typeIds: padded(encoded.map(({ typeIds }) => typeIds)),
  });
  const beginnings = texts.map((_, row) =>
    [...firstOfWord!.subarray(offsets[row], offsets[row + 1])].flatMap((word, token) => (word < 0 ? [] : [token])),
  );
  return { outputs, beginnings };
}

function expectOutputs(
  { outputs, beginnings }: Awaited<ReturnType<typeof runTexts>>,
  expected: readonly TextPrediction[],
  names: readonly string[],
): void {
  expect(Object.keys(outputs).sort()).toEqual([...names].sort());
  for (const [k, name] of names.entries()) {
    const { dims, data } = outputs[name]!;
    for (const [row, { tasks }] of expected.entries()) {
      const width = data.length / texts.length;
      expectOutput(tasks[k]!, data.subarray(row * width, (row + 1) * width), dims, beginnings[row]!);
    }
  }
}

/** @param beginnings first tokens of the words */
function expectOutput(
  prediction: TaskPrediction,
  logits: Float32Array,
  dims: readonly number[],
  beginnings: readonly number[],
): void {
  const descending = (values: readonly number[]) => [...values].sort((a, b) => b - a);
  switch (prediction.kind) {
    case 'classification':
    case 'multiLabel': {
      expect(dims).toEqual([texts.length, prediction.labels.length]);
      const given = prediction.kind === 'classification' ? softmax(logits) : [...logits].map(sigmoid);
      const probabilities = prediction.labels.map(({ probability }) => probability);
      expectSame(probabilities, descending(given));
      return;
    }
    case 'regression':
      expect(dims).toEqual([texts.length, 2]);
      expectSame(
        prediction.values.map(({ value }) => value),
        [...logits],
      );
      return;
    case 'tokenClassification': {
      const { labels } = someHeads.tokenClassification;
      expect(dims).toEqual([texts.length, expect.any(Number), labels.length]);
      expect(prediction.words.length).toBeGreaterThan(0);
      const given = beginnings.map((token) =>
        softmax(logits.subarray(token * labels.length, (token + 1) * labels.length)),
      );
      expect(prediction.words.map(({ tag }) => tag)).toEqual(given.map((of) => labels[of.indexOf(Math.max(...of))]));
      expectSame(
        prediction.words.map(({ probability }) => probability),
        given.map((of) => Math.max(...of)),
      );
      return;
    }
    case 'reward':
      expectSame([prediction.output], [...logits]);
      return;
    default:
      prediction satisfies never;
  }
}

function softmax(logits: Float32Array): number[] {
  const exponentials = [...logits].map((logit) => Math.exp(logit - Math.max(...logits)));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / sum);
}
