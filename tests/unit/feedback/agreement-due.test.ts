import { expect, test } from 'vitest';
import { isAgreementDue } from '../../../src/feedback/agreement-due.js';

/** At which counts agreement is computed when items are settled one by one. */
function dueUpTo(count: number, units: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1).filter((after) => isAgreementDue(after - 1, after, units));
}

test('agreement is computed from the first moment on at which there can be enough', () => {
  expect(isAgreementDue(8, 9, 10)).toBe(false);
  expect(isAgreementDue(9, 10, 10)).toBe(true);
  expect(isAgreementDue(0, 1, 1)).toBe(true);
  expect(isAgreementDue(3, 400, 10)).toBe(true);
});

test('agreement is computed whenever about a twentieth more is settled, however many items there are', () => {
  const due = dueUpTo(100_000, 30);
  // ln(100,000 / 30) / ln 1.05
  expect(due.length).toBeGreaterThan(150);
  expect(due.length).toBeLessThanOrEqual(168);
  const late = due.filter((count) => count > 400);
  for (const [i, count] of late.slice(1).entries()) {
    expect(count / late[i]!).toBeGreaterThan(1.045);
    expect(count / late[i]!).toBeLessThan(1.055);
  }
});

test('agreement is not computed when no more is settled', () => {
  expect(isAgreementDue(400, 400, 10)).toBe(false);
  expect(isAgreementDue(401, 400, 10)).toBe(false);
});
