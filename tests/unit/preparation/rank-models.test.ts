import { describe, expect, it } from 'vitest';
import type { MeasuredModel } from '../../../gpu-worker/preparation/model-choice/measure-model.js';
import { type Measured, rankModels } from '../../../gpu-worker/preparation/model-choice/rank-models.js';
import type { PlannedTraining } from '../../../src/protocol/recommendation/candidate.js';
import { supervisedSpec } from '../../support/specs.js';

const spec = supervisedSpec({ labels: ['ham', 'spam'] });
const noBudget = { memoryBytes: null, seconds: null };

function training(kind: PlannedTraining['kind'], memoryBytes: number, seconds: number): PlannedTraining {
  const { hyperparameters } = spec;
  return { kind, hyperparameters, trainableParameters: 1, checkpointBytes: 1, memoryBytes, seconds };
}

const all = [training('FULL', 4e9, 600), training('LORA', 2e9, 400), training('FROZEN', 1e9, 60)];

/** A model whose probe is right where `right` says so. */
function model(
  name: string,
  right: readonly number[],
  more: Partial<MeasuredModel['evidence']['reading']> & { logMe?: number } = {},
): Measured {
  const { logMe = 0, ...reading } = more;
  const gains = Float64Array.from(right);
  const score = right.reduce((sum, each) => sum + each, 0) / right.length;
  return {
    modelId: crypto.randomUUID(),
    name,
    spec,
    trainings: all,
    trainExamples: 1000,
    reasons: [],
    measured: {
      gains,
      evidence: {
        reading: {
          texts: right.length,
          tokensPerWord: 1.5,
          unknownShare: 0,
          medianTokens: 10,
          percentile95Tokens: 20,
          maxLength: 128,
          truncatedShare: 0,
          ...reading,
        },
        probe: {
          measure: 'ACCURACY',
          score,
          standardError: Math.sqrt((score * (1 - score)) / right.length),
          baseline: 0.5,
          examples: right.length,
          logMe,
          seconds: 1,
        },
      },
    },
  };
}

const rights = (count: number, wrong: number) => Array.from({ length: count }, (_, i) => (i < wrong ? 0 : 1));
const codesOf = (ranked: ReturnType<typeof rankModels>['models'][number]) => ranked.reasons.map(({ code }) => code);

describe('the order of models', () => {
  it('goes by the scores of their probes', () => {
    const { models } = rankModels([model('worse', rights(100, 40)), model('better', rights(100, 10))], [], noBudget);
    expect(models.map(({ name, rank }) => [name, rank])).toEqual([
      ['better', 1],
      ['worse', 2],
    ]);
    expect(models[0]!.reasons[0]).toEqual({
      code: 'BEST_PROBE',
      weight: 'FOR',
      message:
        'Its frozen features reach an accuracy of 0.900 ± 0.030 on 100 examples that the probe did not see: the best of all.',
    });
    expect(models[1]!.reasons[0]).toMatchObject({ code: 'PROBE', weight: 'AGAINST' });
  });

  it('tells a model like the best that errs on nearly the same examples as often', () => {
    // One more error of 100: the difference is 0.01, and its standard error √(0.0099 / 100) = 0.00995.
    const near = rankModels([model('a', rights(100, 10)), model('b', rights(100, 11))], [], noBudget).models;
    expect(near[1]!.reasons[0]!.code).toBe('PROBE');
    // Two errors more and one less: the difference is the same, and its standard error √(0.0299 / 100) = 0.0173.
    const apart = rights(100, 12);
    apart[0] = 1;
    const like = rankModels([model('a', rights(100, 10)), model('b', apart)], [], noBudget).models;
    expect(like[1]!.reasons[0]!.code).toBe('BEST_PROBE');
  });

  it('has last, and without a rank, what no budget has room for and what could not be measured', () => {
    const { measured: _, ...gone } = model('gone', [1]) as Measured & { measured: MeasuredModel };
    const failure = { code: 'UNREADABLE_MODEL', weight: 'EXCLUDES', message: 'Its file is gone.' } as const;
    const small = { ...model('small', rights(10, 5)), trainings: [training('FROZEN', 1e9, 30)] };
    const denied = { modelId: crypto.randomUUID(), name: 'denied', reasons: [failure] };
    const { models } = rankModels([{ ...gone, failure }, model('large', rights(10, 1)), small], [denied], {
      memoryBytes: null,
      seconds: 45,
    });
    expect(models.map(({ name, rank }) => [name, rank])).toEqual([
      ['small', 1],
      ['gone', null],
      ['large', null],
      ['denied', null],
    ]);
    expect(models[2]!.reasons).toEqual([
      {
        code: 'OVER_TIME',
        weight: 'EXCLUDES',
        message: 'To train heads alone takes about 1 min, and the budget has 45 s.',
      },
    ]);
    expect(models.slice(1).map(({ suggested }) => suggested)).toEqual([null, null, null]);
  });
});

describe('the training that is suggested', () => {
  const suggested = (memoryBytes: number | null, seconds: number | null) =>
    rankModels([model('a', [1, 0, 1, 1])], [], { memoryBytes, seconds }).models[0]!;

  it('is that of all weights, else an adapter, else heads alone, by what the budget has room for', () => {
    expect(suggested(null, null).suggested).toBe('FULL');
    expect(suggested(3e9, null).suggested).toBe('LORA');
    expect(suggested(3e9, 100).suggested).toBe('FROZEN');
    expect(codesOf(suggested(3e9, 100))).toEqual([
      'BEST_PROBE',
      'OVER_MEMORY',
      'OVER_TIME',
      'FITS_BUDGET',
      'SUGGESTED_TRAINING',
    ]);
  });

  it('is heads alone where a class has fewer than five examples', () => {
    const few = { ...model('a', [1, 0, 1, 1]), trainExamples: 9 };
    const { suggested: kind, reasons } = rankModels([few], [], noBudget).models[0]!;
    expect(kind).toBe('FROZEN');
    expect(reasons.at(-1)!.message).toContain('4.5 examples of a class');
  });
});

describe('what is told of a model', () => {
  it('is what its vocabulary lacks, what it cuts, and that it is no better than guessing', () => {
    const { models } = rankModels(
      [model('a', rights(100, 50), { unknownShare: 0.02, truncatedShare: 0.4, percentile95Tokens: 300, logMe: -1 })],
      [],
      noBudget,
    );
    expect(codesOf(models[0]!)).toEqual([
      'BEST_PROBE',
      'NO_BETTER_THAN_GUESSING',
      'UNKNOWN_TOKENS',
      'TEXTS_TRUNCATED',
      'SUGGESTED_TRAINING',
    ]);
  });

  it('is the highest LogME and the most compact tokens, beside others', () => {
    const { models } = rankModels(
      [model('a', rights(100, 30), { logMe: 0.4, tokensPerWord: 1.2 }), model('b', rights(100, 10), { logMe: 0.1 })],
      [],
      noBudget,
    );
    const a = models.find(({ name }) => name === 'a')!;
    expect(codesOf(a)).toEqual(['PROBE', 'BEST_TRANSFERABILITY', 'MOST_COMPACT_TOKENS', 'SUGGESTED_TRAINING']);
  });
});
