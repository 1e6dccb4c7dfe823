import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AnswerTable, indexAnswers } from '../../../src/statistics/answers.js';
import { breakTies } from '../../../src/statistics/consensus/break-ties.js';
import { crowdlab } from '../../../src/statistics/consensus/crowdlab.js';
import { fitDawidSkene } from '../../../src/statistics/consensus/dawid-skene.js';
import { voteCounts } from '../../../src/statistics/consensus/majority-vote.js';

interface Answered {
  readonly name: string;
  readonly labels: number;
  /** [units, annotators], −1 where a person did not answer */
  readonly answers: readonly (readonly number[])[];
}
interface Fitted {
  readonly posteriors: readonly (readonly number[])[];
  readonly priors: readonly number[];
}
interface ModelCase extends Answered {
  readonly iterations: number;
  readonly confusion: Fitted & { readonly matrices: readonly (readonly (readonly number[])[])[] };
  readonly oneCoin: Fitted & { readonly accuracies: readonly number[] };
}
interface CrowdlabCase extends Answered {
  readonly predicted: readonly (readonly number[])[];
  readonly majority: readonly number[];
  readonly consensus: readonly number[];
  readonly quality: readonly number[];
  readonly agreement: readonly number[];
  readonly annotators: readonly (number | null)[];
  readonly agreementWithConsensus: readonly number[];
  readonly modelWeight: number;
  readonly weights: readonly number[];
}

const reference: { readonly models: readonly ModelCase[]; readonly crowdlab: readonly CrowdlabCase[] } = JSON.parse(
  readFileSync(new URL('../reference/consensus.reference.json', import.meta.url), 'utf8'),
);

function tableOf({ answers, labels }: Answered): AnswerTable {
  const given = answers.flatMap((row, u) =>
    row.flatMap((label, a) => (label < 0 ? [] : [{ unit: `u${u}`, annotator: `a${a}`, label }])),
  );
  return indexAnswers(given, [...Array(labels).keys()]);
}

function close(found: Iterable<number | null>, expected: readonly (number | null)[], digits = 9): void {
  const values = [...found];
  expect(values.length).toBe(expected.length);
  for (const [index, value] of values.entries()) {
    if (expected[index] === null) expect(value).toBeNull();
    else expect(value).toBeCloseTo(expected[index]!, digits);
  }
}

describe.each(reference.models)('Dawid & Skene beside crowd-kit: $name', (each) => {
  const table = tableOf(each);
  const options = { smoothing: 0, tolerance: 0, maxIterations: each.iterations };

  it('has its probabilities, shares and matrices', () => {
    const found = fitDawidSkene(table, { ...options, model: 'CONFUSION' });
    expect(found.iterations).toBe(each.iterations);
    for (const [u, posterior] of found.posteriors.entries()) close(posterior, each.confusion.posteriors[u]!, 6);
    close(found.priors, each.confusion.priors, 6);
    for (const { annotator, confusion } of found.annotators) {
      const matrix = each.confusion.matrices[Number(annotator.slice(1))]!;
      for (const [label, row] of confusion!.entries()) close(row, matrix[label]!, 6);
    }
  });

  it('has its probabilities, shares and accuracies with one coin', () => {
    const found = fitDawidSkene(table, { ...options, model: 'ONE_COIN' });
    for (const [u, posterior] of found.posteriors.entries()) close(posterior, each.oneCoin.posteriors[u]!);
    close(found.priors, each.oneCoin.priors);
    for (const { annotator, accuracy } of found.annotators) {
      expect(accuracy).toBeCloseTo(each.oneCoin.accuracies[Number(annotator.slice(1))]!, 9);
    }
  });
});

describe.each(reference.crowdlab)('CROWDLAB beside cleanlab: $name', (each) => {
  const table = tableOf(each);
  const found = crowdlab(table, each.predicted);
  if ('reason' in found) throw new Error(found.reason);
  const placeOf = (annotator: string) => Number(annotator.slice(1));

  it('has its majority votes, ties broken', () => {
    const votes = table.units.map((_, u) => voteCounts(table, u));
    expect(breakTies(table, votes, each.predicted)).toEqual(each.majority);
    const tied = votes.filter((counts) => counts.filter((count) => count === Math.max(...counts)).length > 1);
    expect(tied.length).toBeGreaterThanOrEqual(5);
  });

  it('has its labels, their quality and agreement', () => {
    expect(found.units.map(({ label }) => label)).toEqual(each.consensus);
    close(
      found.units.map(({ quality }) => quality),
      each.quality,
      12,
    );
    close(
      found.units.map(({ agreement }) => agreement),
      each.agreement,
      12,
    );
  });

  it('has its quality of people, and weights', () => {
    expect(found.modelWeight).toBeCloseTo(each.modelWeight, 12);
    for (const { annotator, quality, weight, agreementWithConsensus } of found.annotators) {
      const place = placeOf(annotator);
      close(
        [quality, weight, agreementWithConsensus],
        [each.annotators[place]!, each.weights[place]!, each.agreementWithConsensus[place]!],
      );
    }
  });
});
