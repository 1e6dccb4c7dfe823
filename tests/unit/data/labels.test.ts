import { describe, expect, it } from 'vitest';
import { classesOf } from '../../../gpu-worker/data/labels.js';
import { noTarget } from '../../../gpu-worker/losses/cross-entropy.js';
import { ProblemError } from '../../../gpu-worker/problem-error.js';

const where = { path: ['tasks', '0', 'labelColumn'], name: 'intent' };

describe('classesOf', () => {
  it('numbers labels in the order of the logits and marks missing ones', () => {
    expect([...classesOf(['b', null, 'a', 'b'], ['a', 'b'], where)]).toEqual([1, noTarget, 0, 1]);
  });

  it('names labels that the head does not know, with their counts', () => {
    const values = ['a', 'x', 'y', 'x', ''];
    const error = (() => {
      try {
        return classesOf(values, ['a', 'b'], where);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(ProblemError);
    expect((error as ProblemError).problem).toMatchObject({
      path: ['tasks', '0', 'labelColumn'],
      code: 'UNKNOWN_LABEL',
      message: 'column “intent” holds 3 label(s) that the head does not know: “x” (2), “y” (1), “” (1)',
    });
  });
});
