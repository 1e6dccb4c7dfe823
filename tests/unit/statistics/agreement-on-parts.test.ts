import { describe, expect, it } from 'vitest';
import { groupedAgreement } from '../../../src/statistics/agreement/grouped-agreement.js';
import { gwetAc1 } from '../../../src/statistics/agreement/gwet-ac1.js';
import { krippendorffAlpha } from '../../../src/statistics/agreement/krippendorff-alpha.js';
import { labelSetAgreement } from '../../../src/statistics/agreement/label-sets.js';
import { rawAgreement } from '../../../src/statistics/agreement/raw-agreement.js';
import { spanAgreement } from '../../../src/statistics/agreement/span-agreement.js';
import { indexAnswers } from '../../../src/statistics/answers.js';
import { createRandom, uniform } from '../../../src/statistics/random.js';

const options = { seed: 3, rounds: 200 };
const random = createRandom(11);
const draw = (n: number) => Math.floor(uniform(random) * n);

/** 40 units, each with one to four answers. */
const units = Array.from({ length: 40 }, () => Array.from({ length: 1 + draw(4) }, () => draw(3)));

describe('parts of units', () => {
  it('has the values of units, where each unit is one part', () => {
    const answers = units.flatMap((given, u) =>
      given.map((label, a) => ({ unit: `u${u}`, annotator: `a${a}`, label: `${label}` })),
    );
    const table = indexAnswers(answers, ['0', '1', '2']);
    const found = groupedAgreement(
      units.map((categories) => [{ categories, weight: 1 }]),
      { ...options, categoryCount: 3, annotatorCount: 4 },
    );
    expect(found.raw.value).toBeCloseTo(rawAgreement(table, options).value!, 12);
    expect(found.alpha.value).toBeCloseTo(krippendorffAlpha(table, 'NOMINAL', options).value!, 12);
    expect(found.ac1.value).toBeCloseTo(gwetAc1(table, options).value!, 12);
    expect(found.raw.unitCount).toBe(rawAgreement(table, options).unitCount);
  });

  it('draws units with all of their parts: parts that repeat a unit make no interval narrower', () => {
    const of = (parts: number) =>
      groupedAgreement(
        units.map((categories) => Array.from({ length: parts }, () => ({ categories, weight: 1 }))),
        { seed: 1, rounds: 2000, categoryCount: 3, annotatorCount: 4 },
      ).raw.interval;
    const [one, ten] = [of(1), of(10)];
    expect(ten.high! - ten.low!).toBeCloseTo(one.high! - one.low!, 10);
  });

  it('says why there is no value', () => {
    const of = (parts: number[][], annotatorCount: number) =>
      groupedAgreement(
        parts.map((categories) => [{ categories, weight: 1 }]),
        { ...options, categoryCount: 2, annotatorCount },
      );
    expect(of([], 0).alpha.reason).toBe('NO_ANSWERS');
    expect(of([[0], [1]], 1).alpha.reason).toBe('FEWER_THAN_TWO_ANNOTATORS');
    expect(of([[0], [1]], 2).alpha.reason).toBe('NO_UNIT_WITH_TWO_ANSWERS');
    expect(of([[0, 0]], 2)).toMatchObject({
      alpha: { reason: 'ALL_ANSWERS_EQUAL' },
      raw: { value: 1 },
      ac1: { value: 1 },
    });
  });
});

describe('sets of labels', () => {
  const labels = ['x', 'y', 'z', 'never'];
  const answers = units.flatMap((given, u) =>
    given.map((_, a) => ({
      unit: `u${u}`,
      annotator: `a${a}`,
      labels: labels.slice(0, 3).filter(() => draw(3) === 0),
    })),
  );
  const found = labelSetAgreement(answers, labels, options);

  it('has for each label the values of the question whether it was given', () => {
    for (const [place, label] of labels.slice(0, 3).entries()) {
      const asked = answers.map(({ labels: given, ...rest }) => ({
        ...rest,
        label: given.includes(label) ? 'yes' : 'no',
      }));
      const table = indexAnswers(asked, ['no', 'yes']);
      expect(found.labels[place]!.raw.value).toBeCloseTo(rawAgreement(table, options).value!, 12);
      expect(found.labels[place]!.alpha.value).toBeCloseTo(krippendorffAlpha(table, 'NOMINAL', options).value!, 12);
      expect(found.labels[place]!.ac1.value).toBeCloseTo(gwetAc1(table, options).value!, 12);
    }
  });

  it('means over labels that have a value', () => {
    expect(found.labels[3]).toMatchObject({
      raw: { value: 1 },
      alpha: { reason: 'ALL_ANSWERS_EQUAL' },
      ac1: { value: 1 },
    });
    const alphas = found.labels.slice(0, 3).map(({ alpha }) => alpha.value!);
    expect(found.mean.alpha.value).toBeCloseTo((alphas[0]! + alphas[1]! + alphas[2]!) / 3, 12);
    const raw = found.labels.map(({ raw: { value } }) => value!);
    expect(found.mean.raw.value).toBeCloseTo((raw[0]! + raw[1]! + raw[2]! + raw[3]!) / 4, 12);
    expect(found.mean.alpha.interval.low).toBeLessThan(found.mean.alpha.value!);
    expect(found.mean.alpha.interval.high).toBeGreaterThan(found.mean.alpha.value!);
  });

  it('refuses a label that can not be chosen', () => {
    expect(() => labelSetAgreement([{ unit: 'u', annotator: 'a', labels: ['q'] }], labels, options)).toThrow(/“?"q"/);
  });
});

describe('spans', () => {
  const span = (start: number, end: number, label = 'name') => ({ start, end, label });

  it('has the F1 of equal spans by hand: 2/3, and 1 where neither gave any', () => {
    const { f1 } = spanAgreement(
      [
        { unit: 'u', annotator: 'a', spans: [span(0, 3), span(5, 8)] },
        { unit: 'u', annotator: 'b', spans: [span(0, 3)] },
        { unit: 'v', annotator: 'a', spans: [] },
        { unit: 'v', annotator: 'b', spans: [] },
      ],
      new Map([
        ['u', 10],
        ['v', 10],
      ]),
      options,
    );
    expect(f1).toMatchObject({ value: (2 / 3 + 1) / 2, unitCount: 2 });
  });

  it('has the alpha of characters, overlapping spans and people who gave none included', () => {
    const lengths = new Map(units.map((_, u) => [`u${u}`, 12]));
    const answers = units.flatMap((given, u) =>
      given.map((_, a) => ({
        unit: `u${u}`,
        annotator: `a${a}`,
        spans: Array.from({ length: draw(4) }, () => {
          const start = draw(11);
          return span(start, start + 1 + draw(12 - start), ['name', 'place'][draw(2)]);
        }),
      })),
    );
    const characters = answers.flatMap(({ unit, annotator, spans }) =>
      Array.from({ length: 12 }, (_, at) => {
        const names = spans.filter(({ start, end }) => start <= at && at < end).map(({ label }) => label);
        return { unit: `${unit}:${at}`, annotator, label: [...new Set(names)].sort().join() };
      }),
    );
    const expected = krippendorffAlpha(indexAnswers(characters), 'NOMINAL', options).value!;
    expect(spanAgreement(answers, lengths, options).alpha.value).toBeCloseTo(expected, 12);
  });
});
