import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openRewardModel } from '../../gpu-worker/forward/reward-model.js';
import { rewardHeadOf } from '../../src/protocol/heads.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import { type decoderFamilies, decoderFolder } from '../numerics/reference/decoders/reference.js';
import { type families, modelFolder } from '../numerics/reference/hugging-face/reference.js';
import { expectClose } from './expect-close.js';
import { adapterOf } from './head-specs.js';
import { openForFile } from './open-for-file.js';
import { complaints, difficultTexts } from './texts.js';
import type { StoredModel } from './workshop.js';

const Logits = z.array(z.array(z.number()));

/** Not the empty text: without special tokens it has no token, and transformers reads nothing. */
const texts = [...difficultTexts.slice(3, 20), ...complaints.fees];

const { workshop, python } = await openForFile();

/** One family of each kind of class that holds a head, and of each place that it reads. */
const cases = [
  { family: 'bert', folder: modelFolder('bert'), pooling: 'firstToken' },
  { family: 'distilbert', folder: modelFolder('distilbert'), pooling: 'firstToken' },
  { family: 'llama', folder: decoderFolder('llama'), pooling: 'lastToken' },
  { family: 'gpt2', folder: decoderFolder('gpt2'), pooling: 'lastToken' },
  { family: 'qwen2', folder: decoderFolder('qwen2'), pooling: 'lastToken' },
] as const satisfies readonly {
  readonly family: (typeof families)[number] | (typeof decoderFamilies)[number];
  readonly folder: URL;
  readonly pooling: Hyperparameters['pooling'];
}[];

describe.each(cases)('a reward model of the family $family', ({ family, folder, pooling }) => {
  const base = fileURLToPath(folder);
  const told = { labels: 1, problem: null };
  let full: StoredModel;
  let adapted: StoredModel;
  beforeAll(async () => {
    const imported = await workshop.import(base);
    const usual = { pooling, maxLength: 32, epochs: 10, learningRate: 0.005 };
    full = await workshop.trainRewards(imported, usual);
    adapted = await workshop.trainRewards(imported, { ...usual, adapter: { ...adapterOf(family), dropout: 0 } });
  });

  it('gives equal rewards in transformers, as a whole and with its adapter merged', async () => {
    for (const model of [full, adapted])
      await expectEqual(model, { kind: 'transformers', folder: await workshop.export(model, 'huggingFace') });
  });

  it('gives equal rewards in a bare ONNX Runtime', async () => {
    await expectEqual(full, { kind: 'onnx', folder: await workshop.export(full, 'onnx') });
  });

  it('gives equal rewards in PEFT, as an adapter onto the base model', async () => {
    await expectEqual(adapted, { kind: 'peft', folder: await workshop.export(adapted, 'peft'), base });
  });

  it('comes back as the reward model that it was, and judges answers as before', async () => {
    const again = await workshop.import(await workshop.export(full, 'huggingFace'));
    expect(rewardHeadOf(again.manifest)).toEqual(rewardHeadOf(full.manifest));
    const answers = complaints.cards.map((text) => ({ prompt: 'cards', completion: ` ${text.slice(0, 12)}` }));
    const rewardsOf = async ({ digest }: StoredModel) => {
      const model = await openRewardModel(workshop.engine, workshop.store, digest);
      try {
        return [...(await model.score(answers, () => undefined))];
      } finally {
        await model.release();
      }
    };
    expectClose([await rewardsOf(again)], [await rewardsOf(full)]);
  });

  /** The rewards here are the outputs that Python computes from what was written. */
  async function expectEqual(model: StoredModel, settings: object): Promise<void> {
    const { logits, encodings } = await workshop.logits(model, texts);
    expect(logits.every(([reward]) => Number.isFinite(reward))).toBe(true);
    // Texts differ: a head of zeros would agree with anything.
    expect(new Set(logits.map(([reward]) => reward!.toFixed(3))).size).toBeGreaterThan(3);
    expectClose(logits, await python.call('logits', { ...settings, ...told, encodings }, Logits));
  }
});
