import type { JobContext } from '../../../gpu-worker/thread-port.js';
import type {
  KeptLogProbabilities,
  NewCheckpoint,
  NewLogProbabilities,
  ReportedEvent,
  ResumePoint,
  StopReason,
} from '../../../gpu-worker/thread-protocol.js';

/** A process that dies without a word. */
export class Killed extends Error {}

/** The worker's side of a job: notes what is reported, and stops or kills it when told to. */
export function recordingContext(
  options: {
    readonly resume?: ResumePoint | null;
    readonly olderCheckpoints?: readonly ResumePoint[];
    readonly keptLogProbabilities?: readonly KeptLogProbabilities[];
    /** Called at every sign of life with their count so far. */
    readonly wishAt?: (beats: number) => StopReason | null;
    /** The step whose metrics never arrive, because the process is gone. */
    readonly killAtStep?: number;
  } = {},
) {
  const events: ReportedEvent[] = [];
  const statuses: string[] = [];
  const checkpoints: NewCheckpoint[] = [];
  const steps: number[] = [];
  const keptNow: NewLogProbabilities[] = [];
  let beats = 0;
  let wish: StopReason | null = null;
  const context: JobContext = {
    resume: options.resume ?? null,
    olderCheckpoints: options.olderCheckpoints ?? [],
    storageLeftBytes: null,
    keptLogProbabilities: options.keptLogProbabilities ?? [],
    requested: () => wish,
    beat() {
      beats++;
      wish ??= options.wishAt?.(beats) ?? null;
    },
    async events(reported) {
      for (const event of reported) {
        if (event.kind === 'metricsRecorded' && event.step === options.killAtStep) throw new Killed();
        events.push(event);
      }
    },
    status: (to) => statuses.push(to),
    checkpoint: (checkpoint) => checkpoints.push(checkpoint),
    wentBack: (step) => steps.push(step),
    generated: () => undefined,
    progressed: () => undefined,
    discard: () => undefined,
    keep: (kept) => keptNow.push(kept),
    timed: (_part, work) => work(),
    log: () => undefined,
  };
  const lastCheckpoint = (): ResumePoint | null => {
    const last = checkpoints.at(-1);
    if (last === undefined) return options.resume ?? null;
    return { checkpointId: last.id, attempt: 1, step: last.step, digest: last.digest };
  };
  /** Values of one metric, by step. */
  const series = (key: string) =>
    new Map(
      events.flatMap((event) =>
        event.kind === 'metricsRecorded'
          ? event.samples.filter((sample) => sample.key === key).map(({ value }) => [event.step, value] as const)
          : [],
      ),
    );
  const logged = () => events.flatMap((event) => (event.kind === 'logLine' ? [event.message] : []));
  return {
    context,
    events,
    statuses,
    checkpoints,
    wentBackTo: steps,
    /** Log-probabilities that were to be kept. */
    kept: keptNow,
    lastCheckpoint,
    series,
    logged,
    beats: () => beats,
  };
}
