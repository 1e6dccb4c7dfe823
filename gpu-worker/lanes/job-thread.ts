import { Worker } from 'node:worker_threads';
import type { GenerationEvent } from '../../src/protocol/generation.js';
import type { Problem } from '../../src/protocol/run-event.js';
import type { MachineSpeed } from '../../src/protocol/training-time/machine-speed.js';
import type { EngineChoice } from '../engine/types.js';
import type { Log } from '../log.js';
import type { Claim } from '../queue/claim.js';
import type { Report } from '../telemetry/write-queue.js';
import type {
  BatchSettings,
  DataSettings,
  FromThread,
  JobOutcome,
  JobProgress,
  NewLogProbabilities,
  ThreadSettings,
  TimedPart,
  ToThread,
  TransferSettings,
} from '../thread-protocol.js';

/** Receives a running job's messages. */
interface JobListener {
  onReport(report: Report): void;
  onGenerated(events: readonly GenerationEvent[]): void;
  onProgressed(progress: JobProgress): void;
  onDiscard(digests: readonly string[]): void;
  onKeep(kept: NewLogProbabilities): void;
  onTook(part: TimedPart, milliseconds: number): void;
}

/** The main thread's end of thread-protocol.ts. */
export interface JobThread {
  /** The engine of the thread; null for a thread without an engine. */
  readonly engine: EngineChoice | null;
  /** False once the thread has died; the outcome of its last job was then a failure. */
  readonly alive: boolean;
  /** Runs one job. Never rejects: if the thread dies, the job has failed. */
  run(claim: Claim, control: SharedArrayBuffer, listener: JobListener): Promise<JobOutcome>;
  /** Tells the thread how many of the current job's reports are written, so that it can send more. */
  acknowledge(jobId: string, messages: number): void;
  /** How fast the thread trains, measured between jobs; null where it can not be told. */
  measure(): Promise<MachineSpeed | null>;
  /** Ends the thread between jobs. Resolves when the engine is released and the thread is gone. */
  exit(): Promise<void>;
}

interface Running {
  readonly listener: JobListener;
  readonly end: (outcome: JobOutcome) => void;
}

/** Starts a thread and waits until it is ready. Rejects when the thread dies before. */
export async function startJobThread(
  script: URL,
  settings: ThreadSettings | TransferSettings | BatchSettings | DataSettings,
  log: Log,
): Promise<JobThread> {
  const worker = new Worker(script, { workerData: settings, name: settings.lane });
  const send = (message: ToThread): void => worker.postMessage(message);
  let running: Running | null = null;
  let measured: ((speed: MachineSpeed | null) => void) | null = null;
  let death: Error | null = null;
  let ready: (engine: EngineChoice | null) => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;

  const die = (error: Error): void => {
    death ??= error;
    refuse(death);
    running?.end({ kind: 'failed', problem: crashed(death) });
    running = null;
    measured?.(null);
    measured = null;
  };
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      die(new Error(`The ${settings.lane} thread ended with code ${code}.`));
      resolve();
    });
  });
  worker.on('error', (error) => die(error instanceof Error ? error : new Error(String(error))));
  worker.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'ready':
        ready(message.engine);
        return;
      case 'events':
      case 'status':
      case 'checkpoint':
      case 'wentBack':
        running?.listener.onReport(message);
        return;
      case 'generated':
        running?.listener.onGenerated(message.events);
        return;
      case 'progressed':
        running?.listener.onProgressed(message.progress);
        return;
      case 'discard':
        running?.listener.onDiscard(message.digests);
        return;
      case 'keep':
        running?.listener.onKeep(message.kept);
        return;
      case 'took':
        running?.listener.onTook(message.part, message.milliseconds);
        return;
      case 'measured':
        measured?.(message.speed);
        measured = null;
        return;
      case 'ended':
        running?.end(message.outcome);
        running = null;
        return;
      case 'log':
        log[message.level]({ lane: settings.lane }, message.message);
        return;
      default:
        message satisfies never;
    }
  });

  const engine = await new Promise<EngineChoice | null>((resolve, reject) => {
    ready = resolve;
    refuse = reject;
  });
  return {
    engine,
    get alive() {
      return death === null;
    },
    run: ({ job, origin: _, ...given }, control, listener) =>
      new Promise((end) => {
        if (death !== null) {
          end({ kind: 'failed', problem: crashed(death) });
          return;
        }
        running = { listener, end };
        send({ kind: 'start', job, control, ...given });
      }),
    measure: () =>
      new Promise((resolve) => {
        if (death !== null) {
          resolve(null);
          return;
        }
        measured = resolve;
        send({ kind: 'measure' });
      }),
    acknowledge: (jobId, messages) => send({ kind: 'committed', jobId, messages }),
    async exit() {
      if (death === null) send({ kind: 'exit' });
      await exited;
    },
  };
}

function crashed(error: Error): Problem {
  const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return {
    path: [],
    code: outOfMemory ? 'OUT_OF_MEMORY' : 'THREAD_CRASHED',
    message: `The worker thread died: ${error.message}`,
    hint: outOfMemory ? 'Try a smaller batch size, a smaller maximum length or a smaller dataset.' : null,
  };
}
