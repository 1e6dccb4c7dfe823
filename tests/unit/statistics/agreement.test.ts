import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Agreement, agreementReasons } from '../../../src/statistics/agreement/agreement.js';
import { cohenKappa } from '../../../src/statistics/agreement/cohen-kappa.js';
import { fleissKappa } from '../../../src/statistics/agreement/fleiss-kappa.js';
import { gwetAc1 } from '../../../src/statistics/agreement/gwet-ac1.js';
import { krippendorffAlpha } from '../../../src/statistics/agreement/krippendorff-alpha.js';
import { rawAgreement } from '../../../src/statistics/agreement/raw-agreement.js';
import { type AnswerTable, indexAnswers } from '../../../src/statistics/answers.js';
import { createRandom, uniform } from '../../../src/statistics/random.js';
import { answersOf, tableOf } from './answers-of.js';

const options = { seed: 5, rounds: 200 };
const alpha = (table: AnswerTable) => krippendorffAlpha(table, 'NOMINAL', options);
const all: readonly [string, (table: AnswerTable) => Agreement][] = [
  ['raw agreement', (table) => rawAgreement(table, options)],
  ['alpha', alpha],
  ['AC1', (table) => gwetAc1(table, options)],
  ['Fleiss’ kappa', (table) => fleissKappa(table, options)],
  ['Cohen’s kappa', (table) => cohenKappa(table, ['a0', 'a1'], 'NONE', options)],
];

describe('values by hand', () => {
  it('counts pairs for raw agreement: 1, 1/3 and 0 of three units', () => {
    const table = tableOf([
      ['x', 'x', null],
      ['x', 'x', 'y'],
      ['x', 'y', null],
      ['x', null, null],
    ]);
    expect(rawAgreement(table, options)).toMatchObject({ value: (1 + 1 / 3) / 3, unitCount: 3 });
  });

  it('has an alpha of −1/2 where two people never agree', () => {
    // n = 4 answers, two of each label: D_o = 1, D_e = 2·2·2/(4·3).
    expect(
      alpha(
        tableOf([
          ['x', 'y'],
          ['y', 'x'],
        ]),
      ).value,
    ).toBeCloseTo(-1 / 2, 12);
  });
});

describe('coefficients that are not defined', () => {
  it.each(all)('%s of nobody is none', (_, coefficient) => {
    expect(coefficient(tableOf([]))).toMatchObject({ value: null, reason: 'NO_ANSWERS', unitCount: 0 });
  });

  it.each(all)('%s of one person is none', (_, coefficient) => {
    expect(coefficient(tableOf([['x'], ['y'], ['x']]))).toMatchObject({
      value: null,
      reason: 'FEWER_THAN_TWO_ANNOTATORS',
    });
  });

  it.each(all)('%s of people who share no unit is none, and not 1', (_, coefficient) => {
    const apart = coefficient(
      tableOf([
        ['x', null],
        [null, 'x'],
        ['y', null],
        [null, 'y'],
      ]),
    );
    expect(apart).toMatchObject({ value: null, reason: 'NO_UNIT_WITH_TWO_ANSWERS', unitCount: 0 });
    expect(apart.text).toBe(agreementReasons.NO_UNIT_WITH_TWO_ANSWERS);
    expect(apart.interval).toMatchObject({ low: null, high: null, missing: 'NO_VALUE', rounds: 0 });
  });

  it('alpha and the kappas of equal answers are none, raw agreement is 1', () => {
    const table = tableOf(
      Array.from({ length: 20 }, () => ['x', 'x']),
      ['x', 'y'],
    );
    for (const [name, coefficient] of all) {
      const found = coefficient(table);
      if (name === 'raw agreement' || name === 'AC1') expect(found.value).toBe(1);
      else expect(found).toMatchObject({ value: null, reason: 'ALL_ANSWERS_EQUAL', unitCount: 20 });
    }
    // Without the label that could have been chosen, chance is not known.
    const unknown = tableOf(Array.from({ length: 20 }, () => ['x', 'x']));
    expect(gwetAc1(unknown, options)).toMatchObject({ value: null, reason: 'ALL_ANSWERS_EQUAL' });
  });

  it('an interval of few units is none, and tells it', () => {
    const { value, interval } = alpha(
      tableOf([
        ['x', 'x'],
        ['y', 'y'],
        ['x', 'y'],
      ]),
    );
    expect(value).not.toBeNull();
    expect(interval).toMatchObject({ low: null, missing: 'FEW_UNITS' });
  });

  it('an interval is none where many samples hold one label alone', () => {
    const rows = [...Array.from({ length: 99 }, () => ['x', 'x']), ['y', 'y']];
    const { value, interval } = alpha(tableOf(rows));
    expect(value).toBe(1);
    expect(interval).toMatchObject({ low: null, missing: 'MANY_UNDEFINED_SAMPLES', rounds: 200 });
    // A unit is in none of 100 draws with probability 0.99^100 = 0.366.
    expect(interval.undefinedRounds / 200).toBeCloseTo(0.366, 1);
  });
});

it('nearly one label alone: raw agreement and AC1 are near 1, alpha and kappa near 0', () => {
  const rows = Array.from({ length: 200 }, (_, u) => [u === 0 ? 'rare' : 'usual', u === 1 ? 'rare' : 'usual']);
  const table = tableOf(rows);
  expect(rawAgreement(table, options).value).toBe(0.99);
  expect(gwetAc1(table, options).value).toBeGreaterThan(0.98);
  expect(Math.abs(alpha(table).value!)).toBeLessThan(0.01);
  expect(Math.abs(cohenKappa(table, ['a0', 'a1'], 'NONE', options).value!)).toBeLessThan(0.01);
});

describe('properties', () => {
  const rows = fc.array(fc.tuple(...Array.from({ length: 4 }, () => fc.constantFrom('x', 'y', 'z', null))), {
    minLength: 1,
    maxLength: 30,
  });

  it('do not depend on the order of annotators, units or nominal labels', () => {
    fc.assert(
      fc.property(rows, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (given, order) => {
        const turned = given.map((row) => order.map((a) => row[a]!)).reverse();
        const renamed = turned.map((row) => row.map((label) => ({ x: 'c', y: 'a', z: 'b' })[label ?? ''] ?? null));
        for (const coefficient of [rawAgreement, gwetAc1, fleissKappa]) {
          const [one, two] = [coefficient(tableOf(given), options), coefficient(tableOf(renamed), options)];
          expect(two.reason).toBe(one.reason);
          if (one.value !== null) expect(two.value).toBeCloseTo(one.value, 10);
        }
        const [one, two] = [alpha(tableOf(given)), alpha(tableOf(renamed))];
        expect(two.reason).toBe(one.reason);
        if (one.value !== null) expect(two.value).toBeCloseTo(one.value, 10);
      }),
      { numRuns: 100 },
    );
  });

  it('are at most 1, and intervals hold what samples give', () => {
    fc.assert(
      fc.property(rows, (given) => {
        for (const [, coefficient] of all.slice(0, 4)) {
          const { value, interval } = coefficient(tableOf(given));
          if (value !== null) expect(value).toBeLessThanOrEqual(1 + 1e-12);
          if (interval.low !== null) expect(interval.low).toBeLessThanOrEqual(interval.high);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('with two labels, the levels of alpha are one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1, null)), { minLength: 1 }), (given) => {
        const table = tableOf(given);
        const [nominal, ordinal, interval] = (['NOMINAL', 'ORDINAL', 'INTERVAL'] as const).map(
          (level) => krippendorffAlpha(table, level, options).value,
        );
        if (nominal === null) expect([ordinal, interval]).toEqual([null, null]);
        else {
          expect(ordinal).toBeCloseTo(nominal!, 9);
          expect(interval).toBeCloseTo(nominal!, 9);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('intervals', () => {
  /** Two people who are right with probability 0.9, of two labels that are equally frequent. */
  function draw(units: number, seed: number): AnswerTable {
    const random = createRandom(seed);
    const rows = Array.from({ length: units }, () => {
      const truth = uniform(random) < 0.5 ? 'x' : 'y';
      const other = truth === 'x' ? 'y' : 'x';
      return [uniform(random) < 0.9 ? truth : other, uniform(random) < 0.9 ? truth : other];
    });
    return tableOf(rows);
  }

  it('hold the true value in about 95 of 100 cases', () => {
    // p_o = 0.9² + 0.1² = 0.82, of which chance gives 0.5.
    const truth = (0.82 - 0.5) / 0.5;
    let holding = 0;
    for (let seed = 0; seed < 200; seed++) {
      const { interval } = krippendorffAlpha(draw(150, seed), 'NOMINAL', { seed, rounds: 400 });
      if (interval.low! <= truth && truth <= interval.high!) holding++;
    }
    expect(holding / 200).toBeGreaterThan(0.9);
    expect(holding / 200).toBeLessThan(0.99);
  });

  it('are the same with the same seed, and others with another', () => {
    const table = draw(100, 3);
    const interval = (seed: number) => krippendorffAlpha(table, 'NOMINAL', { seed }).interval;
    expect(interval(7)).toEqual(interval(7));
    expect(interval(7)).not.toEqual(interval(8));
  });

  it('of 100,000 units take no minutes', () => {
    const table = draw(100_000, 1);
    const before = process.cpuUsage();
    const { interval } = krippendorffAlpha(table, 'NOMINAL', { seed: 1 });
    const { user } = process.cpuUsage(before);
    expect(interval.high! - interval.low!).toBeLessThan(0.02);
    expect(user / 1e6).toBeLessThan(10);
  });
});

describe('input', () => {
  it('refuses a label that can not be chosen, and says where', () => {
    expect(() => tableOf([['x', 'q']], ['x', 'y'])).toThrow('answers[1].label: "q" is none of the labels');
    expect(() => tableOf([['x', 'y']], ['x', 'y', 'x'])).toThrow('labels: "x" is there more than once');
  });

  it('refuses words for numbers, names that are unknown, and few rounds', () => {
    expect(() => krippendorffAlpha(tableOf([['x', 'y']]), 'INTERVAL', options)).toThrow(
      'labels: "x" is no finite number',
    );
    const rows = Array.from({ length: 20 }, (_, u) => [u % 2, u % 3 === 0 ? 0 : 1]);
    expect(() => cohenKappa(tableOf(rows), ['a0', 'nobody'], 'NONE', options)).toThrow('“nobody” gave no answer');
    expect(() => cohenKappa(tableOf(rows), ['a0', 'a0'], 'NONE', options)).toThrow('named twice');
    expect(() => alpha(tableOf(rows))).not.toThrow();
    expect(() => krippendorffAlpha(tableOf(rows), 'NOMINAL', { seed: 1, rounds: 5 })).toThrow('rounds: 5');
  });

  it('takes the first of several answers of one person to one unit, and counts the others', () => {
    const answers = [...answersOf([['x', 'y']]), { unit: 'u0', annotator: 'a1', label: 'x' }];
    const table = indexAnswers(answers);
    expect(table.repeatedCount).toBe(1);
    expect(rawAgreement(table, options).value).toBe(0);
  });
});
