import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import type { RewardHead } from '../../../src/protocol/heads.js';
import type { TextPrediction } from '../../../src/protocol/job.js';
import { openEngine } from '../../numerics/engine/compare.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { expectSame, predictions, withHeads } from './head-models.js';
import { fromFolder, inspectedIn, openWorkshop, type Workshop } from './import-tools.js';

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

const head: RewardHead = {
  kind: 'reward',
  task: 'reward',
  mean: 0.25,
  scale: 1.5,
  evidence: { pairs: 40, right: 31, low: 0.625, high: 0.876 },
  templateTime: '2026-01-02T03:04:05.000Z',
};

const jsonIn = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

describe.each([
  ['bert', fileURLToPath(modelFolder('bert')), 'firstToken', 'BertForSequenceClassification'],
  ['llama', fileURLToPath(decoderFolder('llama')), 'lastToken', 'LlamaForSequenceClassification'],
] as const)('a reward model of the family %s', (_, source, pooling, className) => {
  const write = async () =>
    withHeads(workshop, (await importModel(fromFolder(source), workshop.tools)).manifest, [head], { pooling });

  test('goes out as a classifier of one number, and comes back as it was', async () => {
    const { digest, manifest } = await write();
    const expected = await predictions(engine, workshop, digest);
    expect(expected[0]!.tasks).toMatchObject([{ kind: 'reward', task: 'reward' }]);
    const folder = await workshop.exported(digest, 'huggingFace');
    const config = await jsonIn(join(folder, 'config.json'));
    expect(config).toMatchObject({
      architectures: [className],
      id2label: { 0: 'reward' },
      problem_type: 'regression',
      attune: head,
    });
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('31 of 40 pairs that it did not learn');
    const again = await importModel(fromFolder(folder), workshop.tools);
    expect(again.manifest).toMatchObject({ heads: manifest.heads, pooling, maxLength: 12 });
    expectSame(await predictions(engine, workshop, again.digest), expected);

    // Without Attune's notes nothing tells it from a regression of one number, whose numbers are its outputs.
    const { attune: __, ...foreign } = config;
    await writeFile(join(folder, 'config.json'), JSON.stringify(foreign));
    const weights = await readFile(join(folder, 'model.safetensors'));
    const length = Number(weights.readBigUInt64LE(0));
    const header = JSON.parse(weights.subarray(8, 8 + length).toString());
    const text = JSON.stringify({ ...header, __metadata__: { format: 'pt' } }).padEnd(length);
    await writeFile(
      join(folder, 'model.safetensors'),
      Buffer.concat([weights.subarray(0, 8), Buffer.from(text), weights.subarray(8 + length)]),
    );
    const { manifest: unknown } = await importModel(fromFolder(folder), workshop.tools);
    expect(unknown.heads).toMatchObject([{ kind: 'regression', outputs: ['reward'], means: [0], scales: [1] }]);

    // Whoever imports it may say what it is, as of TRL's reward models.
    const named = { ...fromFolder(folder), isRewardModel: true };
    const rewards = await importModel(named, workshop.tools);
    const heads = [{ ...head, mean: 0, scale: 1, evidence: null, templateTime: null, looksPastPadding: true }];
    expect(rewards.manifest.heads).toEqual(heads);
    expect((await inspectedIn(workshop, folder, named)).model!.heads).toEqual(heads);
    const outputs = (of: TextPrediction[]) =>
      of.flatMap(({ tasks }, i) =>
        expected[i]!.truncated ? [] : tasks.map((each) => 'output' in each && each.output),
      );
    expect(outputs(expected).length).toBeGreaterThan(0);
    expectSame(outputs(await predictions(engine, workshop, rewards.digest)), outputs(expected));
    expect((await predictions(engine, workshop, rewards.digest))[0]!.tasks).toMatchObject([{ kind: 'reward' }]);
  });

  test('keeps what its own notes say where it is named one again, and is none without a head of one number', async () => {
    const { digest, manifest } = await write();
    const folder = await workshop.exported(digest, 'huggingFace');
    const again = await importModel({ ...fromFolder(folder), isRewardModel: true }, workshop.tools);
    expect(again.manifest.heads).toEqual(manifest.heads);
    const others = { ...fromFolder(source), isRewardModel: true };
    await expect(importModel(others, workshop.tools)).rejects.toMatchObject({
      problem: { code: 'UNSUPPORTED_MODEL', message: expect.stringContaining('head') },
    });
    expect((await inspectedIn(workshop, source, others)).problems).toMatchObject([{ code: 'UNSUPPORTED_MODEL' }]);
  });

  test('goes out as ONNX, with what its number stands for', async () => {
    const { digest } = await write();
    const folder = await workshop.exported(digest, 'onnx');
    expect(await jsonIn(join(folder, 'heads.json'))).toMatchObject([
      { kind: 'reward', task: 'reward', standardization: { mean: 0.25, scale: 1.5, isApplied: false } },
    ]);
  });
});

test('a reward model that reads what ends answers goes out with another padding token, which transformers looks past', async () => {
  const copy = join(workshop.root, 'no-padding');
  await cp(fileURLToPath(decoderFolder('llama')), copy, { recursive: true });
  const { pad_token: _, ...others } = await jsonIn(join(copy, 'tokenizer_config.json'));
  await writeFile(join(copy, 'tokenizer_config.json'), JSON.stringify(others));
  const { added_tokens: known } = await jsonIn(join(copy, 'tokenizer.json'));
  const { id: end } = known.find(({ content }: { content: string }) => content === others.eos_token);
  const config = await jsonIn(join(copy, 'config.json'));
  await writeFile(join(copy, 'config.json'), JSON.stringify({ ...config, eos_token_id: end }));
  const base = (await importModel(fromFolder(copy), workshop.tools)).manifest;
  const padding = async (written: RewardHead) => {
    const { digest } = await withHeads(workshop, base, [written], { pooling: 'lastToken' });
    return jsonIn(join(await workshop.exported(digest, 'huggingFace'), 'tokenizer_config.json'));
  };
  expect(await padding(head)).toMatchObject({ pad_token: others.bos_token });
  // One that transformers trained does not read the end where it is the padding, and stays as it was.
  expect(await padding({ ...head, looksPastPadding: true })).toMatchObject({ pad_token: others.eos_token });
});
