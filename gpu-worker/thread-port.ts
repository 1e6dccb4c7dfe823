import type { MessagePort } from 'node:worker_threads';
import type { GenerationEvent } from '../src/protocol/generation.js';
import type { ClaimedJob } from '../src/protocol/job.js';
import { messageOf } from '../src/protocol/message-of.js';
import type { Problem } from '../src/protocol/run-event.js';
import type { MachineSpeed } from '../src/protocol/training-time/machine-speed.js';
import type { EngineChoice } from './engine/types.js';
import { ProblemError } from './problem-error.js';
import { type StopFlag, stopFlag } from './stop-flag.js';
import type {
  FromThread,
  JobOutcome,
  JobProgress,
  KeptLogProbabilities,
  NewCheckpoint,
  NewLogProbabilities,
  ReachedStatus,
  ReportedEvent,
  ResumePoint,
  TimedPart,
  ToThread,
} from './thread-protocol.js';

/**
 * How many messages of a job may be on the way to the database before `events` waits: what two writes take at most
 * (`maxBatchEvents`). With one write's, a run that reports fast stood still during each, and the next found nothing.
 */
const maxUncommittedMessages = 2_000;

/** The services for a job, beside computing. Everything is written in the order in which it is reported. */
export interface JobContext extends StopFlag {
  readonly resume: ResumePoint | null;
  /** The run's other kept checkpoints, newest first. */
  readonly olderCheckpoints: readonly ResumePoint[];
  /** How many bytes an import, export or batch prediction may write; null: no limit. */
  readonly storageLeftBytes: number | null;
  /** Log-probabilities by the job's reference that earlier jobs kept, the newest first. */
  readonly keptLogProbabilities: readonly KeptLogProbabilities[];
  /** Reports events. Resolves when more may be reported: at once, unless the database is far behind. */
  events(events: readonly ReportedEvent[]): Promise<void>;
  /** Reports what a generation says. */
  generated(events: readonly GenerationEvent[]): void;
  status(to: ReachedStatus, reason?: string): void;
  /**
   * Reports a checkpoint. Its row is written after all events reported before it, so that a resumed run has every
   * metric up to its step.
   */
  checkpoint(checkpoint: NewCheckpoint): void;
  /** Reports that the attempt goes on after `step`, because the checkpoint of `resume` could not be used. */
  wentBack(step: number): void;
  /** Reports how far the job has come. Only the newest is kept, so it may be called at any rate. */
  progressed(progress: JobProgress): void;
  /** Discards artifacts that this job wrote and that nothing will refer to. */
  discard(digests: readonly string[]): void;
  /** Has log-probabilities kept for later jobs; those that can not be are computed again then. */
  keep(kept: NewLogProbabilities): void;
  /** Does a part of the job, and says how long it took. */
  timed<Result>(part: TimedPart, work: () => Promise<Result>): Promise<Result>;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void;
}

export interface JobService {
  readonly port: MessagePort;
  /** Null in a thread without an engine. */
  readonly engine: EngineChoice | null;
  /**
   * Runs one job. An error that it throws fails the job: with a ProblemError's problem, else with the error's `code` or
   * INTERNAL.
   */
  readonly run: (job: ClaimedJob, context: JobContext) => Promise<JobOutcome>;
  /** Measures how fast the thread trains. Absent in a thread that does not train. */
  readonly measure?: () => Promise<MachineSpeed>;
  /** Frees the engine before the thread ends. */
  readonly release: () => Promise<void>;
}

/** The job thread's end of thread-protocol.ts: serves jobs, one at a time, until the main thread requests its exit. */
export function serveJobs(service: JobService): void {
  const { port } = service;
  const post = (message: FromThread): void => port.postMessage(message);
  let current: { readonly jobId: string; readonly onCommitted: (messages: number) => void } | null = null;

  const start = async (message: ToThread & { kind: 'start' }): Promise<void> => {
    const jobId = message.job.id;
    let sent = 0;
    let committed = 0;
    let resume: (() => void) | null = null;
    const report = (reported: FromThread): void => {
      sent += 1;
      post(reported);
    };
    current = {
      jobId,
      onCommitted(messages) {
        committed = messages;
        if (sent - committed < maxUncommittedMessages) resume?.();
      },
    };
    const context: JobContext = {
      ...stopFlag(message.control),
      resume: message.resume,
      olderCheckpoints: message.olderCheckpoints,
      storageLeftBytes: message.storageLeftBytes,
      keptLogProbabilities: message.keptLogProbabilities,
      async events(events) {
        if (events.length > 0) report({ kind: 'events', jobId, events });
        if (sent - committed < maxUncommittedMessages) return;
        await new Promise<void>((resolve) => {
          resume = resolve;
        });
        resume = null;
      },
      generated: (events) => post({ kind: 'generated', jobId, events }),
      status: (to, reason) => report({ kind: 'status', jobId, to, reason: reason ?? null }),
      checkpoint: (checkpoint) => report({ kind: 'checkpoint', jobId, checkpoint }),
      wentBack: (step) => report({ kind: 'wentBack', jobId, step }),
      progressed: (progress) => post({ kind: 'progressed', jobId, progress }),
      discard: (digests) => post({ kind: 'discard', jobId, digests }),
      keep: (kept) => post({ kind: 'keep', jobId, kept }),
      async timed(part, work) {
        const startedAt = performance.now();
        const result = await work();
        post({ kind: 'took', jobId, part, milliseconds: performance.now() - startedAt });
        return result;
      },
      log: (level, text) => post({ kind: 'log', level, message: text }),
    };
    const outcome = await service.run(message.job, context).catch((error: unknown): JobOutcome => {
      context.log('error', error instanceof Error ? (error.stack ?? error.message) : String(error));
      return { kind: 'failed', problem: problemOf(error) };
    });
    current = null;
    post({ kind: 'ended', jobId, outcome });
  };

  const measure = async (): Promise<void> => {
    const speed = await service.measure?.().catch((error: unknown) => {
      post({ kind: 'log', level: 'warn', message: `Measuring the speed of training failed: ${messageOf(error)}` });
      return null;
    });
    post({ kind: 'measured', speed: speed ?? null });
  };

  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'start':
        void start(message);
        return;
      case 'committed':
        if (current?.jobId === message.jobId) current.onCommitted(message.messages);
        return;
      case 'measure':
        void measure();
        return;
      case 'exit':
        void service.release().finally(() => port.close());
        return;
      default:
        message satisfies never;
    }
  });
  post({ kind: 'ready', engine: service.engine });
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL';
  return { path: [], code, message: messageOf(error), hint: null };
}
