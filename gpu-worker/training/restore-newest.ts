import { ProblemError } from '../problem-error.js';
import type { ReportedEvent, ResumePoint } from '../thread-protocol.js';
import type { CheckpointManifest } from './training-checkpoint.js';

/** A checkpoint that could not be used, and why. */
interface PassedOver {
  readonly point: ResumePoint;
  readonly error: ProblemError;
}

/**
 * Restores the first of these checkpoints, the newest first, that can be used. An older one only costs steps: the steps
 * after it are computed again, to the same bytes.
 * @param restore must change nothing before it throws a ProblemError; other errors are passed on
 */
export async function restoreNewest(
  points: readonly ResumePoint[],
  restore: (point: ResumePoint) => Promise<CheckpointManifest>,
): Promise<{
  readonly restored: { readonly point: ResumePoint; readonly manifest: CheckpointManifest } | null;
  readonly passedOver: readonly PassedOver[];
}> {
  const passedOver: PassedOver[] = [];
  for (const point of points) {
    try {
      return { restored: { point, manifest: await restore(point) }, passedOver };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      passedOver.push({ point, error });
    }
  }
  return { restored: null, passedOver };
}

export function describePassedOver({ point, error }: PassedOver): ReportedEvent {
  const { code, message, hint } = error.problem;
  return line(
    'WARNING',
    `The checkpoint of step ${point.step} is passed over, ${code}: ${message}. ${hint ?? ''}`.trim(),
  );
}

export function line(level: 'INFO' | 'WARNING', message: string): ReportedEvent {
  return { kind: 'logLine', level, message };
}
