import { describe, expect, it } from 'vitest';
import { classesOf, requireKnown } from '../../../gpu-worker/data/labels.js';
import { noTarget } from '../../../gpu-worker/losses/cross-entropy.js';
import { ProblemError } from '../../../gpu-worker/problem-error.js';

const where = { path: ['tasks', '0', 'labelColumn'], name: 'intent' };

describe('classesOf', () => {
  it('numbers labels in the order of the logits and marks missing ones', () => {
    expect(classesOf(['b', null, 'a', 'b'], ['a', 'b'], where, 'refuse')).toEqual({
      classes: Int32Array.of(1, noTarget, 0, 1),
      unknown: [],
    });
  });

  it('names labels that the head does not know, with their counts', () => {
    const values = ['a', 'x', 'y', 'x', ''];
    const error = (() => {
      try {
        return classesOf(values, ['a', 'b'], where, 'refuse');
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

  it('numbers such labels after those of the head where they are counted', () => {
    const values = ['x', 'a', null, 'y', 'x', 'constructor'];
    const read = classesOf(values, ['a', 'b'], where, 'count');
    expect(read).toEqual({ classes: Int32Array.of(2, 0, noTarget, 3, 2, 4), unknown: ['x', 'y', 'constructor'] });
    expect(() => requireKnown(values, read, ['a', 'b'], where)).not.toThrow();
    const others = classesOf(['x', null], ['a', 'b'], where, 'count');
    expect(() => requireKnown(['x', null], others, ['a', 'b'], where)).toThrow('“x” (1)');
    const none = classesOf([null], ['a', 'b'], where, 'count');
    expect(() => requireKnown([null], none, ['a', 'b'], where)).not.toThrow();
  });
});
