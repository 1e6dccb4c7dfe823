import { randomUUID } from 'node:crypto';
import { type Claim, claimJob } from '../../gpu-worker/queue/claim.js';
import { enqueueJob } from '../../src/jobs/enqueue-job.js';
import type {
  GeneratedToken,
  GenerateJob,
  GenerationEvent,
  GenerationSettings,
  LoggedGenerationEvent,
} from '../../src/protocol/generation.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { digestOf, engine, type RunRows } from './run-rows.js';

const generationSettings: GenerationSettings = {
  sampling: {
    temperature: 1,
    topK: null,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    seed: 7,
  },
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
