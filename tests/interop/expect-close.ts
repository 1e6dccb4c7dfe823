import { expect } from 'vitest';
import type { TaskPrediction } from '../../src/protocol/job.js';

/** Expects outputs within 10⁻⁴ of the largest one. */
export function expectClose(actual: number[][], expected: number[][]): void {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  const scale = Math.max(...expected.flat().map(Math.abs));
  const worst = Math.max(...actual.flatMap((row, i) => row.map((value, j) => Math.abs(value - expected[i]![j]!))));
  expect(worst / scale, 'largest difference relative to the largest output').toBeLessThan(1e-4);
}

/** Expects a prediction for a whole text. @param given probabilities by label, or numbers by name */
export function expectNumbers(given: Readonly<Record<string, number | undefined>>, prediction: TaskPrediction): void {
  switch (prediction.kind) {
    case 'classification':
    case 'multiLabel':
      for (const { label, probability } of prediction.labels) expect(given[label]).toBeCloseTo(probability, 4);
      return;
    case 'regression':
      for (const { name, value } of prediction.values) {
        expect(Math.abs((given[name] ?? Number.NaN) - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
      }
      return;
    case 'reward':
      expect(given[prediction.task]).toBeCloseTo(prediction.output ?? Number.NaN, 4);
      return;
    case 'tokenClassification':
      throw new Error('a head of tokens says nothing of a whole text');
    default:
      prediction satisfies never;
  }
}
