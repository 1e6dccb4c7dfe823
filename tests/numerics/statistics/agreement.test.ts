import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cohenKappa } from '../../../src/statistics/agreement/cohen-kappa.js';
import { fleissKappa } from '../../../src/statistics/agreement/fleiss-kappa.js';
import { gwetAc1 } from '../../../src/statistics/agreement/gwet-ac1.js';
import { krippendorffAlpha } from '../../../src/statistics/agreement/krippendorff-alpha.js';
import { indexAnswers, type Label } from '../../../src/statistics/answers.js';

interface Case {
  readonly name: string;
  readonly labels: number;
  readonly scale: readonly number[];
  /** [units, annotators], −1 where a person did not answer */
  readonly answers: readonly (readonly number[])[];
  readonly alpha: { readonly nominal: number; readonly ordinal: number; readonly interval: number };
  readonly ac1: { readonly given: number; readonly occurring: number };
  readonly fleiss?: number;
  readonly cohen: { readonly none: number; readonly linear: number; readonly quadratic: number };
}

const reference: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../reference/agreement.reference.json', import.meta.url), 'utf8'),
);
const options = { seed: 1, rounds: 100 };

/** The answers of a case with other names for its labels. */
function tableOf({ answers }: Case, names: readonly Label[], isGiven = true) {
  const given = answers.flatMap((row, u) =>
    row.flatMap((label, a) => (label < 0 ? [] : [{ unit: `u${u}`, annotator: `a${a}`, label: names[label]! }])),
  );
  return indexAnswers(given, isGiven ? names : undefined);
}

describe.each(reference.cases)('agreement beside Python: $name', (each) => {
  const words = Array.from({ length: each.labels }, (_, label) => `label ${label}`);
  const table = tableOf(each, words);

  it('has the alpha of krippendorff', () => {
    expect(krippendorffAlpha(table, 'NOMINAL', options).value).toBeCloseTo(each.alpha.nominal, 12);
    expect(krippendorffAlpha(table, 'ORDINAL', options).value).toBeCloseTo(each.alpha.ordinal, 12);
    const numbers = tableOf(each, each.scale);
    expect(krippendorffAlpha(numbers, 'INTERVAL', options).value).toBeCloseTo(each.alpha.interval, 12);
  });

  it('has the AC1 of irrCAC', () => {
    expect(gwetAc1(table, options).value).toBeCloseTo(each.ac1.given, 12);
    expect(gwetAc1(tableOf(each, words, false), options).value).toBeCloseTo(each.ac1.occurring, 12);
  });

  it('has the kappa of Fleiss that statsmodels has, or says why there is none', () => {
    const found = fleissKappa(table, options);
    if (each.fleiss === undefined) expect(found).toMatchObject({ value: null, reason: 'UNEQUAL_NUMBERS' });
    else expect(found.value).toBeCloseTo(each.fleiss, 12);
  });

  it('has the kappa of Cohen that scikit-learn has', () => {
    const kappa = (weights: 'NONE' | 'LINEAR' | 'QUADRATIC') => cohenKappa(table, ['a0', 'a1'], weights, options).value;
    expect(kappa('NONE')).toBeCloseTo(each.cohen.none, 12);
    expect(kappa('LINEAR')).toBeCloseTo(each.cohen.linear, 12);
    expect(kappa('QUADRATIC')).toBeCloseTo(each.cohen.quadratic, 12);
  });
});
