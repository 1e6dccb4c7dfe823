import { z } from 'zod';
import { RewardEvidence } from '../heads.js';
import { Sha256 } from '../sha256.js';
import { rewardLimits as limits } from './reward-limits.js';
import { RewardRule } from './reward-rule.js';

/** Where a reward comes from. */
export const RewardSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rule'), rule: RewardRule }),
  /** The probability that a head of labels gives a label, from 0 to 1. */
  z.object({
    kind: z.literal('label'),
    modelId: z.uuid(),
    modelDigest: Sha256,
    /** Name of the head. */
    task: z.string(),
    label: z.string(),
    /** Whether the model reads the prompt as first text and the completion as second; else the completion alone. */
    withPrompt: z.boolean(),
  }),
  /** A reward model's reward, in deviations from the mean of held-out answers. */
  z.object({
    kind: z.literal('rewardModel'),
    modelId: z.uuid(),
    modelDigest: Sha256,
    /** An evaluation that shows the model to be above chance. Absent: its training does. */
    evidence: RewardEvidence.extend({ evaluationId: z.uuid() }).optional(),
  }),
  /** What a service answers over HTTP; see docs/methods/rewards.md. */
  z.object({
    kind: z.literal('service'),
    url: z.string(),
    projectId: z.uuid(),
    /** Which of the secrets of the URL signs; a new number is a new secret. */
    secretNumber: z.number().int().min(1),
    /** Tells a worker whether it has the secret that the API derives the signing secret from. */
    keyCheck: z.string(),
    timeoutMs: z.number().int().min(limits.minTimeoutMs).max(limits.maxTimeoutMs),
    /** Further attempts after one that failed. */
    retries: z.number().int().min(0).max(limits.maxRetries),
    batchSize: z.number().int().min(1).max(limits.maxBatchSize),
  }),
]);
export type RewardSource = z.infer<typeof RewardSource>;

export const Reward = z.object({
  /** Under which it is measured and logged: letters, digits, “-” and “_”; different from the others'. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(limits.maxNameCharacters),
  /** Not 0. Below 0, the reward is a penalty. */
  weight: z.number().refine((weight) => weight !== 0),
  source: RewardSource,
});
export type Reward = z.infer<typeof Reward>;

/** A weighted list: the reward of a completion is Σ weight · value over its sources. */
export const Rewards = z.array(Reward).min(1).max(limits.maxRewards);
export type Rewards = z.infer<typeof Rewards>;

/** The columns of a prompt's row that rewards read, beside the prompt. A service gets them all. */
export function columnsOfRewards(rewards: readonly Reward[]): readonly string[] {
  const columns = rewards.flatMap(({ source }) => {
    if (source.kind !== 'rule') return [];
    const { rule } = source;
    if (rule.kind === 'equals' || rule.kind === 'number') return [rule.column];
    return rule.kind === 'forbiddenWords' ? rule.columns : [];
  });
  return [...new Set(columns)];
}

/** The models that score, each once. */
export function modelsOfRewards(
  rewards: readonly Reward[],
): readonly { readonly id: string; readonly digest: string }[] {
  const models = new Map<string, string>();
  for (const { source } of rewards) if ('modelId' in source) models.set(source.modelId, source.modelDigest);
  return [...models].map(([id, digest]) => ({ id, digest }));
}
