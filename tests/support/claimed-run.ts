import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { type Claim, claimJob } from '../../gpu-worker/queue/claim.js';
import type { RunWrite } from '../../gpu-worker/queue/write-run.js';
import type { NewCheckpoint } from '../../gpu-worker/thread-protocol.js';
import type { MetricsRecorded } from '../../src/protocol/run-event.js';
import { artifactOf, digestOf, engine, expireLease, type RunRows } from './run-rows.js';

/** Claims the next training job; throws when there is none. */
export async function claimTraining(rows: RunRows, workerId?: string): Promise<Claim & { readonly runId: string }> {
  const claim = await claimJob(rows.pool, {
    workerId: workerId ?? (await rows.addWorker()),
    lane: 'training',
    leaseSeconds: 30,
    engine,
  });
  if (claim === null || claim.job.payload.kind !== 'train') throw new Error('No training job could be claimed.');
  return { ...claim, runId: claim.job.payload.runId };
}

/** Lets the lease run out and claims the job again, as another worker. */
export async function loseAndClaim(rows: RunRows, claim: Claim): Promise<Claim & { readonly runId: string }> {
  await expireLease(rows.query, claim.job.id);
  return claimTraining(rows);
}

export function writeOf(claim: Claim & { readonly runId: string }, batch: number): RunWrite {
  return { jobId: claim.job.id, runId: claim.runId, writer: { attempt: claim.job.attempt, batch } };
}

export function lossAt(step: number): z.infer<typeof MetricsRecorded> {
  return { kind: 'metricsRecorded', step, epoch: step / 100, samples: [{ key: 'train/loss', value: 1 / step }] };
}

/** A checkpoint whose manifest and tensor file are named after `content`. */
export function checkpointAt(step: number, content = `step ${step}`, best = false): NewCheckpoint {
  return {
    id: randomUUID(),
    step,
    best,
    digest: digestOf(`${content} manifest`),
    sizeBytes: 100,
    artifacts: [artifactOf(`${content} manifest`), artifactOf(`${content} tensors`)],
  };
}
