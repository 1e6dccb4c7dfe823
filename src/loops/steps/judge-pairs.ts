import { inTransaction } from '../../database/transaction.js';
import { lockFeedbackTask } from '../../feedback/feedback-task.reads.js';
import { type SettledByModel, settleByModel } from '../../feedback/settle-by-model.js';
import { rowId } from '../../graphql/global-id.js';
import { baseModelsByIds } from '../../models/base-model.reads.js';
import { ProblemsError } from '../../problems/problem.js';
import type { FeedbackItemContent, ModelJudgement } from '../../protocol/feedback.js';
import { rewardHeadOf } from '../../protocol/heads.js';
import { changeTaskStatus } from '../../protocol/sql/feedback-log.js';
import { type PairRewards, promptText, type RewardedPair, rewardsOf } from '../judge-by-rewards.js';
import { goneMeanwhile, type LoopState, type LoopTools, lockUnmoved, set } from './step.js';

interface PairItem {
  readonly id: string;
  readonly content: FeedbackItemContent;
}

/**
 * Lets a reward model judge the pairs of a round's task, but for those that it is least sure of: these are left to
 * people, for whom the task is opened. Of the others, those to whose answers it gives equal rewards, or none, are asked
 * about no more than judged.
 *
 * @param of `taskId`: a task that is paused and has all of its items
 * @throws ProblemsError of the prediction; NOT_FOUND where the model is gone
 */
export async function judgePairs(
  tools: LoopTools,
  state: LoopState,
  of: { readonly taskId: string; readonly judge: { readonly modelId: string; readonly toPeople: number } },
): Promise<void> {
  const { taskId, judge } = of;
  const modelId = rowId('BaseModel', judge.modelId, ['ask', 'pairs', 'judge', 'modelId']);
  const [model] = await baseModelsByIds(tools.query, [modelId]);
  const head = model === undefined ? null : rewardHeadOf(model.manifest);
  if (head === null) {
    throw new ProblemsError([goneMeanwhile('The reward model that judges pairs', 'End the loop, and create another.')]);
  }
  const items = await tools.query<PairItem>(
    'SELECT id, content FROM feedback_items WHERE task_id = $1 AND settled_at IS NULL ORDER BY position',
    [taskId],
  );
  const rewards = await rewardsOf(tools.predictions, modelId, items.map(pairOf));
  const judged = rewards.map((pair, i) => judgementOf(items[i]!, pair, { modelId, scale: head.scale }));
  const settled = settledOf(items, judged, judge.toPeople);
  await inTransaction(tools.dataSource, async ({ query }) => {
    await lockUnmoved(query, state);
    // Before the task's lock, as whoever answers locks them; by id, as all who lock several do.
    await query('SELECT 1 FROM feedback_items WHERE task_id = $1 ORDER BY id FOR NO KEY UPDATE', [taskId]);
    const task = await lockFeedbackTask(query, taskId);
    if (task?.status !== 'PAUSED') return;
    await settleByModel(query, taskId, settled);
    const isAskedOf = settled.length < items.length;
    await changeTaskStatus(query, task, isAskedOf ? 'OPEN' : 'CLOSED', isAskedOf ? null : 'ITEMS_SETTLED');
    await set(query, 'feedback_loop_rounds', state.round.id, {
      model_judged_count: settled.filter(({ judgement }) => judgement !== null).length,
    });
  });
}

function pairOf({ content: { prompt, answers } }: PairItem): RewardedPair {
  return { prompt: promptText(prompt!), answers: [answers[0]!.text, answers[1]!.text] };
}

/** Null: both rewards are equal, or an answer has none. */
function judgementOf(
  { content: { answers } }: PairItem,
  [first, second]: PairRewards,
  { modelId, scale }: { readonly modelId: string; readonly scale: number },
): ModelJudgement | null {
  if (first === null || second === null) return null;
  const gap = Math.abs(first - second);
  if (gap === 0) return null;
  // The model learnt σ of the difference of its head's outputs; rewards are outputs divided by the scale.
  const probability = 1 / (1 + Math.exp(-gap * scale));
  return { modelId, preferred: answers[first > second ? 0 : 1]!.key, gap, probability };
}

/** What nobody is asked about: all but those with the smallest gaps. Of equal ones, the first are asked about. */
function settledOf(
  items: readonly PairItem[],
  judged: readonly (ModelJudgement | null)[],
  toPeople: number,
): SettledByModel[] {
  const all = items.map(({ id }, i) => ({ itemId: id, judgement: judged[i]! }));
  return [...all].sort((one, other) => (one.judgement?.gap ?? 0) - (other.judgement?.gap ?? 0)).slice(toPeople);
}
