import { z } from 'zod';

export const RunStatus = z.enum([
  'QUEUED',
  'PREPARING',
  'TRAINING',
  'EVALUATING',
  'PAUSED',
  'CANCELING',
  'SUCCEEDED',
  'FAILED',
  'CANCELED',
]);
export type RunStatus = z.infer<typeof RunStatus>;

/**
 * Every allowed transition. A run goes back to QUEUED when its worker is lost (the next attempt goes on from the last
 * checkpoint) or when a paused run is resumed. CANCELING may still end as SUCCEEDED when the last step was done first.
 */
export const runTransitions: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  QUEUED: ['PREPARING', 'PAUSED', 'CANCELED', 'FAILED'],
  PREPARING: ['TRAINING', 'QUEUED', 'PAUSED', 'CANCELING', 'CANCELED', 'FAILED'],
  TRAINING: ['EVALUATING', 'QUEUED', 'PAUSED', 'CANCELING', 'CANCELED', 'FAILED'],
  EVALUATING: ['SUCCEEDED', 'QUEUED', 'PAUSED', 'CANCELING', 'CANCELED', 'FAILED'],
  PAUSED: ['QUEUED', 'CANCELED'],
  CANCELING: ['CANCELED', 'SUCCEEDED', 'FAILED'],
  SUCCEEDED: [],
  FAILED: [],
  CANCELED: [],
};

export const terminalRunStatuses: readonly RunStatus[] = ['SUCCEEDED', 'FAILED', 'CANCELED'];

export function isTerminal(status: RunStatus): boolean {
  return terminalRunStatuses.includes(status);
}

export function canTransition(from: RunStatus, to: RunStatus): boolean {
  return runTransitions[from].includes(to);
}

/** The statuses that a run may enter `to` from. sql/change-status.ts has them in the WHERE of its UPDATE. */
export function statusesBefore(to: RunStatus): readonly RunStatus[] {
  return RunStatus.options.filter((from) => canTransition(from, to));
}
