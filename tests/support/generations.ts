import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { likeliestTokens } from '../../gpu-worker/generation/sampling/likeliest.js';
import { type Claim, claimJob } from '../../gpu-worker/queue/claim.js';
import { ownerUserId } from '../../src/access/viewer.js';
import { poolQuery } from '../../src/database/transaction.js';
import { enqueueJob } from '../../src/jobs/enqueue-job.js';
import type {
  GeneratedToken,
  GenerateJob,
  GenerationEvent,
  GenerationSettings,
  LoggedGenerationEvent,
} from '../../src/protocol/generation.js';
import { appendGenerationEvents, endGeneration } from '../../src/protocol/sql/generation-log.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { digestOf, engine, type RunRows } from './run-rows.js';

const generationSettings: GenerationSettings = {
  sampling: { ...likeliestTokens, temperature: 1, seed: 7 },
  maxTokens: 8,
  stop: [],
  samples: 1,
  topLogProbabilities: null,
  constraint: null,
  weights: 'float32',
};

/** A queued generation of a prompt, which somebody listens to for `listenedSeconds` more; null: it is always wanted. */
export async function addGeneration(rows: RunRows, listenedSeconds: number | null = null): Promise<string> {
  const id = randomUUID();
  const payload: GenerateJob = {
    kind: 'generate',
    generationId: id,
    modelDigest: digestOf('model'),
    prompts: [{ kind: 'text', text: 'once' }],
    settings: generationSettings,
  };
  await rows.transaction(async (query) => {
    await query(
      `INSERT INTO generations (id, project_id, base_model_id, prompts, settings, status, listened_until)
       VALUES ($1, $2, $3, $4, $5, 'QUEUED', now() + make_interval(secs => $6))`,
      [
        id,
        rows.projectId,
        rows.baseModelId,
        JSON.stringify(payload.prompts),
        JSON.stringify(payload.settings),
        listenedSeconds,
      ],
    );
    await enqueueJob(query, { id: randomUUID(), projectId: rows.projectId, payload });
  });
  return id;
}

/** Claims the next short job, as a new worker; null: there is none. */
export async function claimShort(rows: RunRows): Promise<Claim | null> {
  return claimJob(rows.pool, { workerId: await rows.addWorker(), lane: 'short', leaseSeconds: 30, engine });
}

export const started: GenerationEvent = { kind: 'started', promptTokens: [1] };

const tokenOf = (text: string): GeneratedToken => ({ id: text.length, text, logProbability: null, top: [] });

/** Tokens of the first answer, from `position` on. */
export function said(position: number, ...texts: readonly string[]): GenerationEvent {
  return { kind: 'tokens', prompt: 0, sample: 0, position, tokens: texts.map(tokenOf), text: texts.join('') };
}

export async function logOf(query: Query, generationId: string): Promise<readonly LoggedGenerationEvent[]> {
  const rows = await query<{ seq: string; payload: LoggedGenerationEvent }>(
    'SELECT seq, payload FROM generation_events WHERE generation_id = $1 ORDER BY seq',
    [generationId],
  );
  const gap = rows.findIndex(({ seq }, index) => Number(seq) !== index + 1);
  if (gap >= 0) throw new Error(`The log has a gap before ${rows[gap]?.seq}.`);
  return rows.map(({ payload }) => payload);
}

/** A generation of one prompt that has succeeded, and whose job is gone. */
export async function insertGeneration(dataSource: DataSource, projectId: string, model: string): Promise<string> {
  const id = randomUUID();
  await dataSource.query(
    `INSERT INTO generations (id, project_id, base_model_id, created_by, prompts, settings, status, times, started_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'RUNNING', $7, now())`,
    [
      id,
      projectId,
      model,
      ownerUserId,
      JSON.stringify([{ kind: 'text', text: 'once' }]),
      JSON.stringify(generationSettings),
      JSON.stringify({ firstTokenMs: 10, loadMs: 0, tokenCount: 3, generatingMs: 20 }),
    ],
  );
  const query = poolQuery(dataSource);
  await appendGenerationEvents(
    query,
    id,
    [
      started,
      said(0, ' upon', ' a', ' time'),
      { kind: 'answered', prompt: 0, sample: 0, reason: 'length', tokenCount: 3, stop: null },
    ],
    null,
  );
  await endGeneration(query, id, 'SUCCEEDED', null);
  return id;
}
