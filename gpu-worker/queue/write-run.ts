import type { RunEvent } from '../../src/protocol/run-event.js';
import type { RunStatus } from '../../src/protocol/run-status.js';
import { appendRunEvents, type Writer } from '../../src/protocol/sql/append-events.js';
import { changeRunStatus } from '../../src/protocol/sql/change-status.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { ReachedStatus } from '../thread-protocol.js';
import { AttemptOver } from './attempt-over.js';

/** A write of one attempt to its run. The writer's batch number makes the write safe to repeat. */
export interface RunWrite {
  readonly jobId: string;
  readonly runId: string;
  readonly writer: Writer;
}

/**
 * Appends events, and returns the last one's seq, or a later one's.
 * @param announced whether listeners are notified by the same transaction (appendRunEvents)
 * @throws AttemptOver
 */
export async function writeEvents(
  query: Query,
  write: RunWrite,
  events: readonly RunEvent[],
  announced = true,
): Promise<number> {
  const lastSeq = await appendRunEvents(query, write.runId, events, write.writer, announced);
  return lastSeq ?? (await whyRefused(query, write)).lastSeq;
}

/**
 * Writes TRAINING or EVALUATING. Returns `ignored` when the user has canceled: the run stays CANCELING, and the batch
 * number is not used.
 */
export async function writeStatus(
  query: Query,
  write: RunWrite,
  to: ReachedStatus,
  reason: string | null,
): Promise<'written' | 'ignored'> {
  if ((await changeRunStatus(query, { runId: write.runId, to, reason }, write.writer)) !== null) return 'written';
  return (await whyRefused(query, write)).reason === 'repeated' ? 'written' : 'ignored';
}

/**
 * Why a write was refused: it was made before, or the run is being canceled.
 * @throws AttemptOver when the attempt no longer holds the run
 */
async function whyRefused(
  query: Query,
  write: RunWrite,
): Promise<{ readonly reason: 'repeated' | 'canceling'; readonly lastSeq: number }> {
  const { runId, jobId, writer } = write;
  const [run] = await query<{ attempt: number; batch: string; status: RunStatus; lastSeq: string }>(
    'SELECT attempt, batch, status, last_seq AS "lastSeq" FROM runs WHERE id = $1',
    [runId],
  );
  if (run?.attempt === writer.attempt) {
    const lastSeq = Number(run.lastSeq);
    if (Number(run.batch) === writer.batch) return { reason: 'repeated', lastSeq };
    if (run.status === 'CANCELING') return { reason: 'canceling', lastSeq };
  }
  throw new AttemptOver(jobId, writer.attempt);
}
