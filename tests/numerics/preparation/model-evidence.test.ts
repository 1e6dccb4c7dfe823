import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logMe } from '../../../gpu-worker/preparation/model-choice/log-me.js';
import { labelTargets, meanOf } from '../../../gpu-worker/preparation/model-choice/probe-scores.js';
import { predictLeftOut } from '../../../gpu-worker/preparation/model-choice/ridge-probe.js';
import { decompose } from '../../../gpu-worker/preparation/model-choice/spectrum.js';
import { decomposeSymmetric } from '../../../gpu-worker/preparation/model-choice/symmetric-eigen.js';
import { center } from '../../../gpu-worker/preparation/report/cross-validation.js';
import { numbers } from '../reference/numbers.js';

interface LeftOutReference {
  readonly penalty: number;
  readonly predictions: readonly (readonly number[])[];
}
interface Case {
  readonly seed: number;
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly groups: readonly number[] | null;
  readonly logMeOfClasses: number;
  readonly logMeOfNumbers: number;
  readonly leftOutClasses: LeftOutReference;
  readonly leftOutNumbers: LeftOutReference;
}
const reference: {
  readonly cases: readonly Case[];
  readonly ranking: { readonly rows: number; readonly labels: number; readonly precision: number };
} = JSON.parse(readFileSync(new URL('../reference/model-evidence.reference.json', import.meta.url), 'utf8'));

const noBeat = () => undefined;

function draw(seed: number, count: number): Float64Array {
  const stream = numbers(seed);
  return Float64Array.from({ length: count }, () => stream.next().value);
}

/** The features and targets that the script draws. */
function given({ seed, rows, columns, classes }: Case) {
  const features = draw(seed, rows * columns);
  const labels = Array.from({ length: rows }, (_, n) => (n * 7) % classes);
  for (const [n, label] of labels.entries()) features[n * columns + (label % columns)]! += 0.6;
  const noise = draw(seed + 1, rows * 2);
  const factors = [
    [1, -2],
    [0.5, 0.25],
  ];
  return {
    features,
    classTargets: Array.from({ length: classes }, (_, k) => Float64Array.from(labels, (own) => (own === k ? 1 : 0))),
    numberTargets: factors.map(([a, b], column) =>
      Float64Array.from(
        labels.keys(),
        (n) => a! * features[n * columns]! + b! * features[n * columns + 1]! + 0.3 * noise[2 * n + column]!,
      ),
    ),
  };
}

describe('LogME', () => {
  it.each(reference.cases)('of $rows examples with $columns features is that of its authors', (each) => {
    const { features, classTargets, numberTargets } = given(each);
    const spectrum = decompose(features, each.columns, noBeat);
    expect(logMe(spectrum, classTargets)).toBeCloseTo(each.logMeOfClasses, 7);
    expect(logMe(spectrum, numberTargets)).toBeCloseTo(each.logMeOfNumbers, 7);
  });

  it('is higher of features that tell the classes than of features that do not', () => {
    const labels = Array.from({ length: 80 }, (_, n) => n % 2);
    const targets = [0, 1].map((k) => Float64Array.from(labels, (own) => (own === k ? 1 : 0)));
    const noise = draw(4, 80 * 5);
    const telling = noise.slice();
    for (const [n, label] of labels.entries()) telling[n * 5]! += label;
    expect(logMe(decompose(telling, 5, noBeat), targets)).toBeGreaterThan(logMe(decompose(noise, 5, noBeat), targets));
  });
});

describe('a ridge probe', () => {
  it.each(reference.cases)('of $rows examples predicts what those that did not see them do', (each) => {
    const { features, classTargets, numberTargets } = given(each);
    const spectrum = decompose(center(features, each.columns), each.columns, noBeat);
    const groups = each.groups === null ? null : Int32Array.from(each.groups);
    for (const [targets, expected] of [
      [classTargets, each.leftOutClasses],
      [numberTargets, each.leftOutNumbers],
    ] as const) {
      const { predictions, penalty } = predictLeftOut(spectrum, targets, groups, noBeat);
      expect(penalty / expected.penalty).toBeCloseTo(1, 9);
      for (const [k, column] of expected.predictions.entries()) {
        for (const [n, value] of column.entries()) expect(predictions[k]![n]).toBeCloseTo(value, 8);
      }
    }
  });
});

describe('label ranking average precision', () => {
  it('is that of scikit-learn', () => {
    const { rows, labels, precision } = reference.ranking;
    const scores = draw(9, rows * labels);
    const values = Float32Array.from(draw(10, rows * labels), (value, at) =>
      value > 0.2 || at % labels === Math.floor(at / labels) % labels ? 1 : 0,
    );
    const predictions = Array.from({ length: labels }, (_, k) =>
      Float64Array.from({ length: rows }, (_, n) => scores[n * labels + k]!),
    );
    expect(meanOf(labelTargets(values, labels).score(predictions).gains)).toBeCloseTo(precision, 12);
  });
});

describe('the eigenvalues of a symmetric matrix', () => {
  it('are 1 and 3 of [[2, 1], [1, 2]], with its diagonals as directions', () => {
    const { values, vectors } = decomposeSymmetric(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values].map((value) => Number(value.toFixed(12)))).toEqual([1, 3]);
    expect(vectors[0]! * vectors[1]!).toBeCloseTo(-0.5, 12);
    expect(vectors[2]! * vectors[3]!).toBeCloseTo(0.5, 12);
  });

  it.each([1, 2, 7, 40])('multiply to the matrix again, of %i rows', (n) => {
    const half = draw(n, n * n);
    const matrix = Float64Array.from(half, (value, at) => value + half[(at % n) * n + Math.floor(at / n)]!);
    const { values, vectors } = decomposeSymmetric(matrix.slice(), n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
        expect(sum).toBeCloseTo(matrix[i * n + j]!, 10);
      }
    }
  });

  it('may be equal, and 0', () => {
    const { values, vectors } = decomposeSymmetric(Float64Array.of(0, 0, 0, 0, 5, 0, 0, 0, 5), 3);
    expect([...values]).toEqual([0, 5, 5]);
    expect([...vectors.subarray(0, 3)].map(Math.abs)).toEqual([1, 0, 0]);
  });
});
