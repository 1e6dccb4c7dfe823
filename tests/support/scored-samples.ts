import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ownerUserId } from '../../src/access/viewer.js';
import type { ScoredPrompt, ScoreSamplesJob } from '../../src/protocol/samples/score-samples-job.js';

/** A request for two samples of each prompt, by the length of the answer. */
export function sampleRequest(
  given: Partial<ScoreSamplesJob> & Pick<ScoreSamplesJob, 'modelId' | 'versionId'>,
): ScoreSamplesJob {
  return {
    kind: 'scoreSamples',
    samplesId: randomUUID(),
    modelDigest: 'a'.repeat(64),
    settings: {
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
      maxTokens: 16,
      stop: [],
      samples: 2,
      topLogProbabilities: null,
      constraint: null,
      weights: 'float32',
    },
    dataDigest: 'b'.repeat(64),
    split: null,
    prompt: { column: 'text', form: 'text' },
    asConversation: false,
    columns: [],
    most: 10,
    seed: null,
    rewards: [
      { name: 'short', weight: 1, source: { kind: 'rule', rule: { kind: 'lengthCost', unit: 'tokens', cost: 1 } } },
    ],
    gold: null,
    ...given,
  };
}

/** A prompt of a batch, with the rewards of its samples. */
export function scoredPrompt(row: number, rewards: readonly (number | null)[]): ScoredPrompt {
  return {
    row,
    prompt: { kind: 'text', text: `prompt ${row}` },
    samples: rewards.map((reward, i) => ({
      text: ` answer ${i}`,
      tokenCount: i + 1,
      reason: 'endOfText',
      reward,
      bySource: [reward],
      gold: null,
    })),
  };
}

/** Inserts a batch that has succeeded. Returns its row id. */
export async function insertScoredSamples(
  dataSource: DataSource,
  projectId: string,
  request: ScoreSamplesJob,
  prompts: readonly ScoredPrompt[],
): Promise<string> {
  const { samplesId: id, modelId, versionId } = request;
  const mean = { mean: -1, prompts: prompts.length, low: null, high: null };
  const summary = {
    promptCount: prompts.length,
    leftOutCount: 0,
    reason: null,
    unscoredCount: 0,
    equalCount: 0,
    cutCount: 0,
    curve: [{ k: 1, reward: mean, gold: null, tokens: mean, bySource: [mean], klBound: 0 }],
  };
  await dataSource.query(
    `INSERT INTO scored_samples (id, project_id, base_model_id, dataset_version_id, request, status, summary, progress,
       created_by, started_at, finished_at)
     VALUES ($1, $2, $3, $4, $5, 'SUCCEEDED', $6, '{"unitsDone": 2, "unitsTotal": 2}', $7, now(), now())`,
    [id, projectId, modelId, versionId, JSON.stringify(request), JSON.stringify(summary), ownerUserId],
  );
  for (const [position, { row, prompt, samples }] of prompts.entries()) {
    await dataSource.query(
      'INSERT INTO scored_prompts (samples_id, position, row_number, prompt, samples) VALUES ($1, $2, $3, $4, $5)',
      [id, position, row, JSON.stringify(prompt), JSON.stringify(samples)],
    );
  }
  return id;
}
