import { rm } from 'node:fs/promises';
import type { Pool } from 'pg';
import type { Tracing } from '../../src/observability/tracing.js';
import { type JobPayload, laneOf } from '../../src/protocol/job.js';
import type { Problem } from '../../src/protocol/run-event.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { ArtifactMissing } from '../../src/storage/keep-artifacts.js';
import type { Log } from '../log.js';
import { traceJob } from '../observability/job-traces.js';
import type { JobEnd, WorkerMetrics } from '../observability/worker-metrics.js';
import { ProblemError } from '../problem-error.js';
import { AttemptOver } from '../queue/attempt-over.js';
import type { Claim } from '../queue/claim.js';
import { inTransaction, queryOf } from '../queue/connection.js';
import { discardArtifacts } from '../queue/discard-artifacts.js';
import { type Desired, heartbeat } from '../queue/heartbeat.js';
import { progressRowOf, writeProgress } from '../queue/job-progress.js';
import { keepLogProbabilities } from '../queue/keep-log-probabilities.js';
import { isTransient, retryTransient } from '../queue/retry.js';
import { fail, stop, succeed } from '../queue/settle.js';
import { transferOf } from '../queue/transfer-row.js';
import { createJobControl, type StopSwitch, stopSwitch } from '../stop-flag.js';
import { createGenerationWriter } from '../telemetry/generation-writer.js';
import { createProgressWriter } from '../telemetry/progress-writer.js';
import { createRunWriter } from '../telemetry/run-writer.js';
import type { JobOutcome, JobProgress, NewLogProbabilities } from '../thread-protocol.js';
import type { JobThread } from './job-thread.js';
import { keepLease } from './lease.js';
import { watchForStall } from './stall-watch.js';

export interface JobSettings {
  readonly pool: Pool;
  readonly store: ArtifactStore;
  readonly log: Log;
  readonly leaseMs: number;
  readonly heartbeatIntervalMs: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Null: nobody is told what the worker does. */
  readonly metrics?: WorkerMetrics | null;
  /** Null: there are no traces. */
  readonly tracing?: Tracing | null;
  /** Called when the thread no longer responds: only the end of this process can stop it. */
  readonly onStalled: (silenceMs: number) => void;
}

/** A running job, as the worker sees it. */
export interface RunningJob {
  /** The run, import, export, batch prediction or generation of the job, which a user's wish names. Null: none. */
  readonly subjectId: string | null;
  /** Reads the user's wish from the database again. */
  lookAgain(): void;
  /** Asks the thread to write a checkpoint and stop. */
  shutDown(): void;
  /** Resolves when the job is settled, released or abandoned. */
  readonly ended: Promise<void>;
}

/** More acknowledgements than any job has reports, so that the thread never waits for one. */
const everything = Number.MAX_SAFE_INTEGER;

/**
 * Runs a claimed job on a thread and settles it.
 * @param grantedAt when the claim, or the last heartbeat, was sent, on the clock `now`
 */
export function runJob(claim: Claim, grantedAt: number, thread: JobThread, settings: JobSettings): RunningJob {
  const { pool, store, log, leaseMs, now, metrics = null, tracing = null } = settings;
  const { job, origin } = claim;
  const runId = job.payload.kind === 'train' ? job.payload.runId : null;
  const subjectId = subjectOf(job.payload);
  const traced = tracing === null ? null : traceJob(tracing, job, origin);
  const fields = {
    jobId: job.id,
    kind: job.payload.kind,
    attempt: job.attempt,
    ...(subjectId === null ? {} : { subjectId }),
    ...(origin.requestId === null ? {} : { requestId: origin.requestId }),
    ...traced?.fields,
  };
  const followed = metrics?.started(laneOf(job.payload), job.payload.kind) ?? null;
  const control = createJobControl();
  const stopping = stopSwitch(control);
  const lost = new AbortController();

  const giveUp = (reason: string): void => {
    log.warn({ ...fields, reason }, 'Giving up this attempt');
    stopping.request('abandon');
    thread.acknowledge(job.id, everything);
  };
  const lease = keepLease({
    beat: () => heartbeat(queryOf(pool), job, leaseMs / 1000),
    leaseMs,
    intervalMs: settings.heartbeatIntervalMs,
    grantedAt,
    now,
    onDesired: (desired) => follow(desired, stopping),
    onLost: (reason) => {
      lost.abort();
      giveUp(reason);
    },
    onFailure: (error) => {
      metrics?.heartbeatFailed();
      log.warn({ ...fields, reason: error.message }, 'A heartbeat failed');
    },
  });
  const writer =
    runId === null
      ? null
      : createRunWriter({
          pool,
          store,
          job,
          runId,
          signal: lost.signal,
          log,
          onCommitted: (messages) => {
            followed?.committed(messages);
            thread.acknowledge(job.id, messages);
          },
          onFailed: (error) => giveUp(error.message),
        });
  const generations =
    job.payload.kind !== 'generate'
      ? null
      : createGenerationWriter({
          pool,
          job,
          generationId: job.payload.generationId,
          signal: lost.signal,
          log,
          onFailed: (error) => giveUp(error.message),
        });
  const progressRow = progressRowOf(job.payload);
  const progressWriter =
    progressRow === null
      ? null
      : createProgressWriter<JobProgress>({
          write: (progress) => writeProgress(queryOf(pool), job, progressRow, progress),
          onFailure: (error) => log.warn({ ...fields, reason: error.message }, 'Writing progress failed'),
        });
  const endWatch = watchForStall({ beats: stopping.beats, now, onStalled: settings.onStalled });

  /** Never rejects: files that stay behind only cost disk space. */
  const discard = (digests: readonly string[]): Promise<void> =>
    inTransaction(pool, (query) => discardArtifacts(query, store, digests)).catch((error: unknown) =>
      log.warn({ ...fields, reason: String(error) }, 'Removing unfinished files failed'),
    );
  const keeping: Promise<void>[] = [];
  /** Never rejects: what is not kept is computed again by whoever needs it. */
  const keep = (kept: NewLogProbabilities): Promise<void> =>
    inTransaction(pool, (query) => keepLogProbabilities(query, store, job, kept)).catch(async (error: unknown) => {
      log.warn({ ...fields, reason: String(error) }, 'Keeping log-probabilities failed');
      await discard([kept.artifact.digest]);
    });
  /** Never rejects: what stays behind is removed later, as what lost workers leave. */
  const removeFolder = (folder: string): Promise<void> =>
    rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
      log.warn({ ...fields, reason: String(error) }, 'Removing what was computed failed'),
    );
  const settle = (work: (query: Query) => Promise<void>): Promise<void> =>
    retryTransient(() => inTransaction(pool, work), {
      signal: lost.signal,
      onRetry: (error, delayMs) => log.warn({ ...fields, delayMs, reason: error.message }, 'Settling the job failed'),
    });

  const work = async (): Promise<void> => {
    log.info(fields, 'Job claimed');
    let outcome: JobOutcome | null = null;
    let end: JobEnd = 'returned';
    try {
      outcome = await thread.run(claim, control, {
        onReport(report) {
          traced?.reported(report);
          if (writer !== null) {
            followed?.reported(report.kind === 'events' ? report.events : []);
            writer.push(report);
          } else thread.acknowledge(job.id, everything);
        },
        onGenerated: (events) => generations?.push(events),
        onProgressed: (progress) => progressWriter?.push(progress),
        onDiscard: discard,
        onKeep: (kept) => keeping.push(keep(kept)),
        onTook: (part, milliseconds) => traced?.took(part, milliseconds),
      });
      endWatch();
      traced?.computed();
      await writer?.drain();
      await generations?.drain();
      await progressWriter?.drain();
      await Promise.all(keeping);
      const ended = outcome;
      await settle((query) => record(query, ended));
      end = ended.kind;
      if (ended.kind === 'finished' && ended.items !== undefined) await removeFolder(ended.items.folder);
      if (ended.kind === 'finished') for (const folder of ended.samples?.folders ?? []) await removeFolder(folder);
      log.info({ ...fields, outcome: ended.kind }, 'Job ended');
    } catch (error) {
      // Discarded before the job is returned to the queue, because its next attempt may write equal files.
      const files = runId === null ? filesOf(outcome) : [];
      if (files.length > 0) await discard(files);
      await giveBack(error);
    } finally {
      endWatch();
      lease.stop();
      followed?.ended(end);
      traced?.ended(end);
    }
  };

  const record = async (query: Query, outcome: JobOutcome): Promise<void> => {
    switch (outcome.kind) {
      case 'finished':
        await succeed(query, store, job, outcome);
        return;
      case 'failed':
        await fail(query, job, outcome.problem, outcome.problems);
        return;
      case 'stopped':
        await stop(query, job);
        return;
      default:
        outcome satisfies never;
    }
  };

  /** Settles a job whose outcome could not be recorded. */
  const giveBack = async (error: unknown): Promise<void> => {
    const reason = String(error);
    if (error instanceof AttemptOver || isTransient(error)) {
      log.warn({ ...fields, reason }, 'The job is left to the next attempt');
      return;
    }
    // What changed meanwhile is no fault of the worker's: its user reads it.
    if (error instanceof ProblemError) log.warn({ ...fields, reason }, 'What the job made was refused');
    else log.error({ ...fields, reason }, 'The job could not be settled as it ended');
    const problem = error instanceof ProblemError ? error.problem : refused(reason);
    const settled = error instanceof ArtifactMissing ? stop : (query: Query) => fail(query, job, problem);
    await settle((query) => settled(query, job)).catch((second: unknown) => {
      log.error({ ...fields, reason: String(second) }, 'The job is left to the next attempt');
    });
  };

  return { subjectId, lookAgain: lease.beatNow, shutDown: () => stopping.request('shutdown'), ended: work() };
}

function subjectOf(payload: JobPayload): string | null {
  if (payload.kind === 'train') return payload.runId;
  if (payload.kind === 'generate') return payload.generationId;
  return transferOf(payload)?.id ?? null;
}

/**
 * The digests of the files of a transfer or an evaluation. A stopped or failed transfer has discarded its files itself;
 * a training's are those of its checkpoints too.
 */
function filesOf(outcome: JobOutcome | null): readonly string[] {
  if (outcome?.kind !== 'finished') return [];
  return [...(outcome.model?.artifacts ?? []), ...(outcome.files ?? [])].map(({ digest }) => digest);
}

function follow(desired: Desired, stopping: StopSwitch): void {
  switch (desired) {
    case 'RUN':
      stopping.withdrawPause();
      return;
    case 'PAUSE':
      stopping.request('pause');
      return;
    case 'CANCEL':
      stopping.request('cancel');
      return;
    default:
      desired satisfies never;
  }
}

/** The database refused the job's report, which is a fault of this program and not of its user. */
function refused(reason: string): Problem {
  return { path: [], code: 'INTERNAL', message: `The database refused the job's report: ${reason}`, hint: null };
}
