import { describe, expect, it } from 'vitest';
import {
  checkStoppingMetric,
  isExhausted,
  noValidation,
  observeValidation,
} from '../../../gpu-worker/training/early-stopping.js';

const observeAll = (metric: string, values: readonly (number | null)[], patience: number, minDelta = 0) => {
  const rule = { metric, patience, minDelta };
  const histories = [noValidation];
  for (const [index, value] of values.entries()) {
    const samples = [{ key: metric, value }];
    histories.push(observeValidation(histories.at(-1) ?? noValidation, samples, index + 1, rule));
  }
  return { last: histories.at(-1), exhausted: histories.map((history) => isExhausted(history, rule)) };
};

describe('observeValidation', () => {
  it('stops after `patience` evaluations without a better loss', () => {
    const { last, exhausted } = observeAll('validation/loss', [0.5, 0.4, 0.45, 0.41, 0.3], 2);
    expect(exhausted).toEqual([false, false, false, false, true, false]);
    expect(last).toEqual({ best: { value: 0.3, step: 5 }, evaluationsWithoutImprovement: 0 });
  });

  it('knows that a higher F1 is better', () => {
    const { last, exhausted } = observeAll('validation/intent/f1', [0.5, 0.6, 0.6], 1);
    expect(exhausted).toEqual([false, false, false, true]);
    expect(last?.best).toEqual({ value: 0.6, step: 2 });
  });

  it('asks for more than `minDelta`', () => {
    const { last } = observeAll('validation/loss', [0.5, 0.45, 0.39], 3, 0.1);
    expect(last?.best).toEqual({ value: 0.39, step: 3 });
  });

  it('takes a value that is missing or not finite for no improvement', () => {
    expect(observeAll('validation/loss', [null, 0.5], 1).exhausted).toEqual([false, true, false]);
    const history = observeValidation(noValidation, [], 1, { metric: 'validation/loss', patience: 1, minDelta: 0 });
    expect(history).toEqual({ best: null, evaluationsWithoutImprovement: 1 });
  });

  it('never ends a training without a rule, and finds its best by the loss', () => {
    let history = noValidation;
    for (const [step, value] of [0.5, 0.4, 0.6].entries()) {
      history = observeValidation(history, [{ key: 'validation/loss', value }], step, null);
    }
    expect(history.best).toEqual({ value: 0.4, step: 1 });
    expect(isExhausted({ ...history, evaluationsWithoutImprovement: 1e9 }, null)).toBe(false);
  });
});

describe('checkStoppingMetric', () => {
  it('names what is measured', () => {
    const rule = { metric: 'validation/f2', patience: 1, minDelta: 0 };
    expect(() => checkStoppingMetric(rule, ['validation/loss', 'validation/f1'])).toThrow('“validation/f2”');
    expect(() => checkStoppingMetric({ ...rule, metric: 'validation/f1' }, ['validation/f1'])).not.toThrow();
    expect(() => checkStoppingMetric(null, [])).not.toThrow();
  });
});
