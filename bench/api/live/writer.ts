/**
 * A worker's main thread as far as telemetry goes: it hands steps to the worker's own writers, which put them into the
 * database in batches of theirs. A step's `train/loss` is the moment at which it was measured.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { createPool } from '../../../gpu-worker/queue/connection.js';
import { createRunWriter, type RunWriter } from '../../../gpu-worker/telemetry/run-writer.js';
import type { ReportedEvent } from '../../../gpu-worker/thread-protocol.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { answerQuestions } from '../child.js';
import { sharedNow } from './clock.js';
import type { WriterQuestion, Written } from './write.js';

const trainingKeys = ['train/loss', 'train/learningRate', 'train/gradientNorm', 'train/examplesPerSecond'];
/** Messages that a thread may have on their way before it waits. */
const mostWaiting = 2000;
const quiet = { debug: () => undefined, info: () => undefined, warn: console.warn, error: console.error };

interface Target {
  readonly runId: string;
  readonly writer: RunWriter;
  pushed: number;
  committed: number;
  /** Called at every commit. */
  onCommitted: () => void;
}

let pool: pg.Pool | undefined;
let store: ArtifactStore | undefined;
const targets = new Map<string, Target>();

answerQuestions<WriterQuestion, Written>(async ({ databaseUrl, artifacts, runIds, seconds, pace }) => {
  pool ??= createPool(databaseUrl, (error) => console.warn(error));
  store ??= await openFileSystemStore({ root: artifacts });
  const written = runIds.map((runId) => targetOf(runId));
  const before = written.reduce((sum, { pushed }) => sum + pushed, 0);
  const beganAt = sharedNow();
  if ('events' in pace) {
    for (let i = 0; i < pace.events; i += 1) for (const target of written) push(target);
  } else if ('perSecond' in pace) {
    await writeAtRate(written, pace.perSecond, seconds);
  } else {
    await Promise.all(written.map((target) => flood(target, beganAt + 1000 * seconds)));
  }
  await Promise.all(written.map(committed));
  const events = written.reduce((sum, { pushed }) => sum + pushed, 0) - before;
  return { events, points: events * trainingKeys.length, beganAt, elapsedSeconds: (sharedNow() - beganAt) / 1000 };
});

function targetOf(runId: string): Target {
  const known = targets.get(runId);
  if (known !== undefined) return known;
  const writer = createRunWriter({
    pool: pool!,
    store: store!,
    job: { id: runId, attempt: 1 },
    runId,
    signal: new AbortController().signal,
    log: quiet,
    onCommitted(messages) {
      target.committed = messages;
      target.onCommitted();
    },
    onFailed(error) {
      throw error;
    },
  });
  const target: Target = { runId, writer, pushed: 0, committed: 0, onCommitted: () => undefined };
  targets.set(runId, target);
  return target;
}

/** One step, measured now. */
function push(target: Target): void {
  target.pushed += 1;
  const step = target.pushed;
  const event: ReportedEvent = {
    kind: 'metricsRecorded',
    step,
    epoch: step / 1000,
    samples: trainingKeys.map((key, i) => ({ key, value: i === 0 ? sharedNow() : Math.sin(step + i) })),
  };
  target.writer.push({ kind: 'events', jobId: target.runId, events: [event] });
}

/** Steps of each run at a rate; those of different runs are not at the same moment. */
async function writeAtRate(written: readonly Target[], perSecond: number, seconds: number): Promise<void> {
  const begin = sharedNow();
  const interval = 1000 / (perSecond * written.length);
  const events = Math.round(perSecond * seconds) * written.length;
  for (let i = 0; i < events; i += 1) {
    const wait = begin + i * interval - sharedNow();
    if (wait > 0) await delay(wait);
    push(written[i % written.length]!);
  }
}

/** As many steps as go, waiting where a thread would. */
async function flood(target: Target, end: number): Promise<void> {
  while (sharedNow() < end) {
    while (target.pushed - target.committed < mostWaiting) push(target);
    await nextCommit(target);
  }
}

/**
 * Waits until all steps are in the database. The writer's own `drain` is for the end of a run: it writes at once from
 * then on.
 */
async function committed(target: Target): Promise<void> {
  while (target.committed < target.pushed) await nextCommit(target);
}

function nextCommit(target: Target): Promise<void> {
  return new Promise((resolve) => {
    target.onCommitted = resolve;
  });
}
