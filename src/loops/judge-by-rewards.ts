import type { PredictionService } from '../evaluations/prediction.service.js';
import { globalId } from '../graphql/global-id.js';
import type { FeedbackItemContent } from '../protocol/feedback.js';
import type { Query } from '../protocol/sql/query.js';

/** Prompts by which of two models did better. */
export interface LoopCounts {
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  /** See `compareCounts`. */
  readonly won?: number;
}

/** Two answers to one prompt, of which a reward model says what each is worth. */
export interface RewardedPair {
  readonly prompt: string;
  readonly answers: readonly [string, string];
}

/** The rewards of both answers; null: there is none. */
export type PairRewards = readonly [number | null, number | null];

/** Two answers for each item, below the texts that one prediction takes. */
const itemsAtATime = 128;

/**
 * Compares what two models wrote to the same prompts by the rewards that a reward model gives: the higher one wins,
 * equal ones are a tie. An answer without a reward, of which the model reads no token, loses against one that has some.
 * @param of row ids; `taskId`: a task of pairs of their answers
 * @throws ProblemsError of the prediction, WORKER_UNAVAILABLE and TIMEOUT among them
 */
export async function judgeByRewards(
  { query, predictions }: { readonly query: Query; readonly predictions: Pick<PredictionService, 'predict'> },
  of: { readonly rewardModelId: string; readonly taskId: string; readonly candidate: string; readonly rival: string },
): Promise<LoopCounts> {
  const rows = await query<{ content: FeedbackItemContent }>(
    'SELECT content FROM feedback_items WHERE task_id = $1 ORDER BY position',
    [of.taskId],
  );
  const pairs = rows.flatMap(({ content: { prompt, answers } }) => {
    const textOf = (modelId: string) => answers.find((answer) => answer.modelId === modelId)?.text;
    const [ours, theirs] = [textOf(of.candidate), textOf(of.rival)];
    if (prompt === null || ours === undefined || theirs === undefined) return [];
    return [{ prompt: promptText(prompt), ours, theirs }];
  });
  const counts = { wins: 0, losses: 0, ties: 0 };
  const count = (difference: number): void => {
    if (difference > 0) counts.wins++;
    else if (difference < 0) counts.losses++;
    else counts.ties++;
  };
  const asked = pairs.map(({ prompt, ours, theirs }): RewardedPair => ({ prompt, answers: [ours, theirs] }));
  for (const [our, their] of await rewardsOf(predictions, of.rewardModelId, asked)) {
    if (our === null || their === null) count(Number(their === null) - Number(our === null));
    else count(our - their);
  }
  return counts;
}

/**
 * The rewards of both answers of pairs, in standard deviations from the mean of held-out answers; null: the model reads
 * no token of the answer.
 * @param modelId row id
 * @throws ProblemsError of the prediction
 */
export async function rewardsOf(
  predictions: Pick<PredictionService, 'predict'>,
  modelId: string,
  pairs: readonly RewardedPair[],
): Promise<PairRewards[]> {
  const found: PairRewards[] = [];
  for (let from = 0; from < pairs.length; from += itemsAtATime) {
    const some = pairs.slice(from, from + itemsAtATime);
    const { texts } = await predictions.predict({
      modelId: globalId('BaseModel', modelId),
      texts: some.flatMap(({ prompt }) => [prompt, prompt]),
      pairs: some.flatMap(({ answers }) => answers),
    });
    const rewards = texts.map(({ tasks }) => {
      const reward = tasks.find((task) => task.kind === 'reward');
      if (reward === undefined) throw new Error(`The model ${modelId} gave no reward.`);
      return reward.value;
    });
    for (const i of some.keys()) found.push([rewards[2 * i]!, rewards[2 * i + 1]!]);
  }
  return found;
}

/** A prompt as reward models read it: turns as JSON. */
export function promptText(prompt: NonNullable<FeedbackItemContent['prompt']>): string {
  return prompt.kind === 'text' ? prompt.text : JSON.stringify(prompt.messages);
}
