import { expect } from 'vitest';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import { type PolicyChoice, policySpec } from '../../support/specs.js';
import { jobOf } from './head-workshop.js';
import { Killed, recordingContext } from './recording-context.js';
import { defaults, openWorkshop, words, writeTable } from './support.js';
import { writeTinyEncoder } from './tiny-encoders.js';

/** Prompts of two to five words. */
const rows = Array.from({ length: 64 }, (_, index) => ({
  split: index % 4 === 3 ? 'validation' : 'train',
  prompt: Array.from({ length: 2 + (index % 4) }, (_, place) => words[(3 * index + place) % words.length]).join(' '),
}));

const usual: Partial<Hyperparameters> = {
  ...defaults,
  dropout: null,
  maxLength: 36,
  batchSize: 4,
  learningRate: 1e-2,
  warmupRatio: 0,
  schedule: 'constant',
  epochs: 1,
};

/** A tiny language model and prompts, on which policies are trained: by default 12 updates an epoch. */
export async function openPolicyWorkshop() {
  const workshop = await openWorkshop();
  const common = {
    baseModelDigest: await writeTinyEncoder(workshop.store, 'llama', { languageModel: true }),
    datasetDigest: await writeTable(workshop.store, workshop.folder, { prompt: 'VARCHAR' }, rows),
  };
  const specOf = (choice: PolicyChoice = {}, h: Partial<Hyperparameters> = {}) =>
    policySpec({ ...common, maxTokens: 12, ...choice, hyperparameters: { ...usual, ...h } });

  /** Trains to the end. */
  async function finish(...given: Parameters<typeof specOf>) {
    const recorded = recordingContext();
    const outcome = await train(jobOf(specOf(...given)), recorded.context, workshop.tools);
    if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
    const { result, model } = outcome;
    if (result.kind !== 'train') throw new Error('a training is expected');
    return { ...recorded, model, findings: result.findings ?? [] };
  }

  /** Trains once without a break, and once killed after a checkpoint and resumed; both must end alike. */
  async function expectSameBytes(choice: PolicyChoice, keys: readonly string[] = []): Promise<void> {
    const h = { checkpointEverySteps: 5, epochs: 2 };
    const whole = await finish(choice, h);
    const job = jobOf(specOf(choice, h));
    const killed = recordingContext({ killAtStep: 8 });
    await expect(train(job, killed.context, workshop.tools)).rejects.toThrow(Killed);
    const resume = killed.lastCheckpoint();
    expect(resume?.step).toBe(5);
    const resumed = recordingContext({ resume });
    const outcome = await train(job, resumed.context, workshop.tools);
    if (outcome.kind !== 'finished') throw new Error(JSON.stringify(outcome));
    expect(outcome.model!.digest).toBe(whole.model.digest);
    for (const key of ['train/reward', 'train/policyLoss', 'validation/reward', ...keys]) {
      const before = new Map([...whole.series(key)].filter(([step]) => step > 5));
      expect(before.size, key).toBeGreaterThan(0);
      expect(resumed.series(key), key).toEqual(before);
    }
  }

  return { ...workshop, common, specOf, finish, expectSameBytes };
}

export const values = (series: ReadonlyMap<number, number | null>) => [...series.values()].map((value) => value!);
export const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
