import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crowdlab } from '../../../src/statistics/consensus/crowdlab.js';
import { dawidSkeneModelFor, fitDawidSkene } from '../../../src/statistics/consensus/dawid-skene.js';
import { majorityVotes } from '../../../src/statistics/consensus/majority-vote.js';
import { createRandom, uniform } from '../../../src/statistics/random.js';
import { tableOf } from './answers-of.js';

/** Answers of people with given accuracies to units with true labels x and y: [units, annotators]. */
function draw(units: number, accuracies: readonly number[], seed: number) {
  const random = createRandom(seed);
  const truth = Array.from({ length: units }, () => (uniform(random) < 0.6 ? 'x' : 'y'));
  const rows = truth.map((label) =>
    accuracies.map((accuracy) => (uniform(random) < accuracy ? label : label === 'x' ? 'y' : 'x')),
  );
  return { truth, table: tableOf(rows, ['x', 'y']) };
}

const rows = fc.array(fc.tuple(...Array.from({ length: 4 }, () => fc.constantFrom('x', 'y', 'z', null))), {
  minLength: 1,
  maxLength: 25,
});

describe('majority votes', () => {
  it('tell ties and break none', () => {
    const votes = majorityVotes(
      tableOf([
        ['x', 'x', 'y'],
        ['y', 'x', null],
        ['y', null, null],
      ]),
    );
    expect(votes).toEqual([
      { unit: 'u0', label: 'x', tied: ['x'], share: 2 / 3, answerCount: 3 },
      { unit: 'u1', label: null, tied: ['x', 'y'], share: 0.5, answerCount: 2 },
      { unit: 'u2', label: 'y', tied: ['y'], share: 1, answerCount: 1 },
    ]);
  });
});

describe('Dawid & Skene', () => {
  it('takes one coin below 20 answers of the median person', () => {
    expect(dawidSkeneModelFor(draw(19, [0.9, 0.9, 0.9], 1).table)).toBe('ONE_COIN');
    expect(dawidSkeneModelFor(draw(20, [0.9, 0.9, 0.9], 1).table)).toBe('CONFUSION');
    expect(fitDawidSkene(draw(19, [0.9, 0.9], 1).table).annotators[0]!.confusion).toBeNull();
  });

  it.each(['CONFUSION', 'ONE_COIN'] as const)(
    'finds how good people are, one who is mostly wrong among them: %s',
    (model) => {
      const accuracies = [0.95, 0.85, 0.75, 0.65, 0.2];
      const { truth, table } = draw(2000, accuracies, 4);
      const found = fitDawidSkene(table, { model });
      for (const [a, accuracy] of accuracies.entries()) expect(found.annotators[a]!.accuracy).toBeCloseTo(accuracy, 1);
      expect(found.priors[0]).toBeCloseTo(0.6, 1);
      expect(found.converged).toBe(true);
      const right = (labels: readonly (unknown | null)[]) => labels.filter((label, u) => label === truth[u]).length;
      const byModel = right(found.posteriors.map(([x]) => (x! > 0.5 ? 'x' : 'y')));
      expect(byModel).toBeGreaterThan(right(majorityVotes(table).map(({ label }) => label)) + 50);
    },
  );

  it('says how sure it is: of units at p, about p are right', () => {
    const { truth, table } = draw(4000, [0.8, 0.7, 0.65], 9);
    const { posteriors } = fitDawidSkene(table, { model: 'ONE_COIN' });
    const units = posteriors.map(([x], u) => ({ p: x!, isX: truth[u] === 'x' }));
    for (const low of [0, 0.2, 0.4, 0.6, 0.8]) {
      const near = units.filter(({ p }) => p >= low && p < low + 0.2);
      if (near.length < 200) continue;
      const mean = near.reduce((sum, { p }) => sum + p, 0) / near.length;
      expect(near.filter(({ isX }) => isX).length / near.length).toBeCloseTo(mean, 1);
    }
  });

  it('has ln P(answers) of one answer by hand, and keeps what is known', () => {
    // One person, one unit, label x: q(x) = 1, p(x) = 1, accuracy (1 + 1)/(1 + 2).
    const one = tableOf([['x']], ['x', 'y']);
    const found = fitDawidSkene(one, { model: 'ONE_COIN', smoothing: 1, maxIterations: 1 });
    expect(found.logLikelihood).toBeCloseTo(Math.log(2 / 3), 9);
    expect(found.converged).toBe(false);
    const known = fitDawidSkene(one, { model: 'ONE_COIN', smoothing: 1, known: new Map([['u0', 'y']]) });
    expect([...known.posteriors[0]!]).toEqual([0, 1]);
    expect(known.annotators[0]!.accuracy).toBeCloseTo(1 / 3, 12);
  });

  it('gives probabilities, and its objective never falls', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom('CONFUSION' as const, 'ONE_COIN' as const), (given, model) => {
        const found = fitDawidSkene(tableOf(given), { model, smoothing: 0.5, tolerance: 0, maxIterations: 40 });
        for (const probabilities of [...found.posteriors, ...(found.posteriors.length > 0 ? [found.priors] : [])]) {
          expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
        }
        for (const { confusion, accuracy } of found.annotators) {
          expect(accuracy).toBeGreaterThan(0);
          expect(accuracy).toBeLessThanOrEqual(1 + 1e-9);
          for (const row of confusion ?? []) expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
        }
        for (const [index, objective] of found.objectives.entries()) {
          expect(objective).toBeGreaterThanOrEqual((found.objectives[index - 1] ?? objective) - 1e-9);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('refuses options out of range, and known labels that are none', () => {
    const { table } = draw(20, [0.9], 1);
    expect(() => fitDawidSkene(table, { smoothing: -1 })).toThrow('smoothing: -1');
    expect(() => fitDawidSkene(table, { maxIterations: 0 })).toThrow('maxIterations: 0');
    expect(() => fitDawidSkene(table, { known: new Map([['u3', 'q']]) })).toThrow('known.u3: "q" is no label');
  });
});

describe('CROWDLAB', () => {
  it('has none of units with one answer each, or of one label', () => {
    expect(
      crowdlab(
        tableOf([
          ['x', null],
          [null, 'y'],
        ]),
        [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
      ),
    ).toEqual({
      reason: 'NO_UNIT_WITH_TWO_ANSWERS',
    });
    expect(crowdlab(tableOf([['x', 'x']]), [[1]])).toEqual({ reason: 'FEWER_THAN_TWO_LABELS' });
  });

  it('refuses what are no probabilities of the units', () => {
    const table = tableOf([['x', 'y']]);
    expect(() => crowdlab(table, [])).toThrow('predicted: 0 rows for 1 units');
    expect(() => crowdlab(table, [[1]])).toThrow('predicted[0]: 1 probabilities for 2 labels');
    expect(() => crowdlab(table, [[0.9, 0.9]])).toThrow('predicted[0]: [0.9, 0.9]');
    expect(() => crowdlab(table, [[Number.NaN, 1]])).toThrow('predicted[0]');
  });

  it('gives probabilities of labels', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const table = tableOf(given, ['x', 'y', 'z']);
        const found = crowdlab(
          table,
          table.units.map((_, u) => [0.2, 0.5, 0.3].map((_, k, all) => all[(k + u) % 3]!)),
        );
        if ('reason' in found) return;
        for (const { probabilities, quality } of found.units) {
          expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          expect(quality).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
      { numRuns: 100 },
    );
  });
});
