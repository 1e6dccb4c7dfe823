import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import { onlineDpo, type PolicyChoice } from '../../support/specs.js';
import { last } from './head-workshop.js';
import { mean, openPolicyWorkshop, values } from './policy-workshop.js';
import { lora } from './tiny-encoders.js';

/** Online DPO on the toy task “shorter answers”. */

let workshop: Awaited<ReturnType<typeof openPolicyWorkshop>>;
beforeAll(async () => {
  workshop = await openPolicyWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe('a policy whose shorter answers win', () => {
  it.each([
    ['the sigmoid loss', { algorithm: onlineDpo }, {}],
    ['IPO', { algorithm: { ...onlineDpo, loss: 'ipo', betas: [0.5] } }, {}],
    ['an adapter', { algorithm: onlineDpo }, { adapter: lora, learningRate: 3e-2 }],
  ] satisfies [string, PolicyChoice, Partial<Hyperparameters>][])('writes shorter ones by %s', async (_, choice, h) => {
    const run = await workshop.finish({ samples: 2, ...choice }, { epochs: 3, ...h });
    const lengths = values(run.series('train/length'));
    expect(mean(lengths.slice(-6))).toBeLessThan(0.75 * mean(lengths.slice(0, 6)));
    expect(last(run.series('validation/reward'))).toBeGreaterThan(run.series('validation/reward').get(0)!);
    expect(Math.max(...values(run.series('train/logProbabilityGap')))).toBeLessThan(1e-4);
    // Margins are of fresh pairs, before they are learned from: they only tend upwards.
    const margins = values(run.series('train/margin'));
    const half = margins.length >> 1;
    expect(mean(margins.slice(half))).toBeGreaterThan(mean(margins.slice(0, half)));
    expect(run.series('train/clippedHigh').size).toBe(0);
  });
});

describe('the first update', () => {
  it('has the loss ln 2 and a gradient, and compares with no margin', async () => {
    const run = await workshop.finish({ samples: 2, algorithm: onlineDpo });
    expect(run.series('train/policyLoss').get(1)).toBeCloseTo(Math.LN2, 4);
    expect(run.series('train/margin').get(1)).toBeCloseTo(0, 4);
    expect(run.series('train/gradientNorm').get(1)).toBeGreaterThan(0.01);
  });
});

describe('β', () => {
  it('may be another in each epoch', async () => {
    const run = await workshop.finish({ samples: 2, algorithm: { ...onlineDpo, betas: [0.1, 0.4] } }, { epochs: 2 });
    const betas = values(run.series('train/beta'));
    expect([betas[0], betas.at(-1)]).toEqual([expect.closeTo(0.1, 6), expect.closeTo(0.4, 6)]);
  });
});

describe('pairs with equal rewards', () => {
  it('are left out, and a run without others changes nothing', async () => {
    const same = {
      name: 'same',
      weight: 1,
      source: { kind: 'rule', rule: { kind: 'lengthRange', unit: 'tokens', least: 0, most: null } },
    } as const;
    const run = await workshop.finish({ samples: 2, algorithm: onlineDpo, rewards: [same] });
    expect(values(run.series('train/equalGroups'))).toEqual(Array(12).fill(1));
    expect(run.series('train/policyLoss').size).toBe(0);
    expect(last(run.series('validation/kl'))).toBeCloseTo(0, 6);
    expect(run.findings.map(({ code }) => code)).toContain('REWARDS_RARELY_DIFFER');
    // A completion without an end loses against one with an end.
    const algorithm = { ...onlineDpo, missingEndPenalty: 1 };
    const penalized = await workshop.finish({ samples: 2, algorithm, rewards: [same], maxTokens: 6 });
    expect(Math.min(...values(penalized.series('train/equalGroups')))).toBeLessThan(1);
  });
});

describe('a run that is interrupted', () => {
  it('ends with the same bytes', async () => {
    await workshop.expectSameBytes({ samples: 2, iterations: 2, algorithm: { ...onlineDpo, betas: [0.1, 0.3] } });
  });
});
