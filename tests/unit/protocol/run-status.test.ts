import { expect, test } from 'vitest';
import {
  canTransition,
  isTerminal,
  RunStatus,
  runTransitions,
  statusesBefore,
} from '../../../src/protocol/run-status.js';

const all = RunStatus.options;

/** Every status that can be reached from `from`, itself included. */
function reachable(from: RunStatus): ReadonlySet<RunStatus> {
  const seen = new Set<RunStatus>([from]);
  for (const status of seen) for (const next of runTransitions[status]) seen.add(next);
  return seen;
}

test('a run can get everywhere from QUEUED, and to an end from everywhere', () => {
  expect([...reachable('QUEUED')].toSorted()).toEqual([...all].toSorted());
  for (const status of all) expect([...reachable(status)].some(isTerminal)).toBe(true);
});

test('nothing follows an end', () => {
  for (const status of all.filter(isTerminal)) expect(runTransitions[status]).toEqual([]);
});

test('only a run whose last evaluation ran, or that was done before its cancellation, succeeds', () => {
  expect(statusesBefore('SUCCEEDED')).toEqual(['EVALUATING', 'CANCELING']);
});

test('a run that is being canceled is never queued, paused or trained again', () => {
  for (const to of ['QUEUED', 'PAUSED', 'PREPARING', 'TRAINING', 'EVALUATING'] as const) {
    expect(canTransition('CANCELING', to)).toBe(false);
  }
});

test('statusesBefore is the inverse of the table', () => {
  for (const from of all) for (const to of all) expect(statusesBefore(to).includes(from)).toBe(canTransition(from, to));
});
