import { expect, test } from 'vitest';
import { ProblemError } from '../../../gpu-worker/problem-error.js';

test('what names of users’ files hold becomes text that the database can store', () => {
  const named = { path: [], code: 'UNKNOWN_LABEL', message: 'label “a\0b”', hint: 'cut off: \uD83D, whole: 🙂' };
  expect(new ProblemError(named).problem).toEqual({
    path: [],
    code: 'UNKNOWN_LABEL',
    message: 'label “a␀b”',
    hint: 'cut off: \uFFFD, whole: 🙂',
  });
  expect(new ProblemError({ ...named, hint: null }).problem.hint).toBeNull();
});
