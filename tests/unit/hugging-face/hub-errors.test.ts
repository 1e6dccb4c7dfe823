import { expect, test } from 'vitest';
import { hubProblem } from '../../../gpu-worker/hugging-face/hub/hub-errors.js';

const hub = { endpoint: 'https://hub.example', token: null };
const failures = [
  { kind: 'network', cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) },
  { kind: 'status', status: 503, errorCode: null },
] as const;

test.each(failures)('that files are kept is said where they are: $kind', (failure) => {
  const hintOf = (keepsFiles?: boolean) =>
    hubProblem(failure, keepsFiles === undefined ? hub : { ...hub, keepsFiles }, 'a/b').problem.hint;
  expect(hintOf()).toMatch(/downloaded files are kept/i);
  expect(hintOf(true)).toBe(hintOf());
  expect(hintOf(false)).not.toMatch(/kept|import/i);
});
