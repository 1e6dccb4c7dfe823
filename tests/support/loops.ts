import { inTransaction, poolQuery } from '../../src/database/transaction.js';
import { lockFeedbackTask } from '../../src/feedback/feedback-task.reads.js';
import { globalId, parseGlobalId } from '../../src/graphql/global-id.js';
import { advanceLoop, readLoopState } from '../../src/loops/advance.js';
import type { LoopState, LoopTools } from '../../src/loops/steps/step.js';
import { changeTaskStatus } from '../../src/protocol/sql/feedback-log.js';
import { insertFeedbackItems } from '../../src/protocol/sql/insert-feedback-items.js';
import { textItem } from './answered-tasks.js';
import type { TestApi } from './api.js';
import { finishRun } from './every-kind.js';
import { claimItem, mutate, submitFeedback } from './feedback.js';
import { insertBaseModel } from './rows.js';

/** Takes one step of a loop, as any process would. Throws what the step logged. */
export async function step(api: TestApi, loopId: string, tools: Partial<LoopTools> = {}): Promise<number> {
  return advanceLoop({ ...api.loopTools, ...tools }, parseGlobalId(loopId)!.uuid, () => undefined);
}

export async function stateOf(api: TestApi, loopId: string): Promise<LoopState> {
  const state = await readLoopState(poolQuery(api.dataSource), parseGlobalId(loopId)!.uuid);
  if (state === null) throw new Error('There is no such loop.');
  return state;
}

/** Calls a mutation on a loop; returns the loop, or what is wrong. */
export function actOnLoop(api: TestApi, mutation: string, input: Record<string, unknown>, key?: string) {
  const inputType = /^(pause|resume|end)/.test(mutation)
    ? 'FeedbackLoopActionInput'
    : `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
  return mutate<{ id: string; status: string; problem: { code: string; message: string; hint: string | null } | null }>(
    api,
    mutation,
    'FeedbackLoop { id status problem { code message hint } }',
    input,
    key,
    inputType,
  );
}

/** What becomes of a task, a preparation, a training or an evaluation that the present step waits for. */
export interface Others {
  /** The accuracy that an evaluation finds. */
  readonly accuracy: number;
  /** The label that people give to a text. */
  readonly label: (text: string) => string;
}

const usual: Others = { accuracy: 0.7, label: (text) => (text.includes('sport') ? 'sport' : 'food') };

/** Does what people or a worker do for the present step, if it has begun. */
export async function doTheirPart(api: TestApi, loopId: string, others: Partial<Others> = {}): Promise<void> {
  const { accuracy, label } = { ...usual, ...others };
  const { loop, round } = await stateOf(api, loopId);
  const { taskId, preparationId, experimentId, evaluationId, preferenceEvaluationId } = round;
  switch (round.step) {
    case 'MEASURING':
      for (const id of [
        loop.startEvaluationId,
        loop.currentEvaluationId,
        loop.startPreferenceEvaluationId,
        loop.currentPreferenceEvaluationId,
      ]) {
        if (id !== null) await evaluate(api, id, accuracy);
      }
      return;
    case 'ASKING':
      if (taskId !== null) await answerTask(api, taskId, round.number, label);
      return;
    case 'PREPARING':
      if (preparationId !== null) await api.jobResults.wait(preparationId, 30_000);
      return;
    case 'TRAINING':
      if (experimentId !== null) await train(api, experimentId);
      return;
    case 'EVALUATING':
      for (const id of [evaluationId, preferenceEvaluationId]) if (id !== null) await evaluate(api, id, accuracy);
      return;
    default:
      return;
  }
}

/** Four rows become items, others in each round, and are answered by one person. */
async function answerTask(api: TestApi, id: string, round: number, label: (text: string) => string): Promise<void> {
  const taskId = globalId('FeedbackTask', id);
  await inTransaction(api.dataSource, async ({ query }) => {
    const task = await lockFeedbackTask(query, id);
    if (task!.status !== 'PREPARING') return;
    const texts = ['sport', 'food', 'sport', 'food'].map((word, i) => `about ${word}, ${round} ${i}`);
    const items = texts.map((text) => ({ content: textItem(text), gold: null, priority: null, prediction: null }));
    await insertFeedbackItems(query, id, 1, items);
    await changeTaskStatus(query, task!, 'OPEN', null);
  });
  for (;;) {
    const [task] = await api.dataSource.query('SELECT status FROM feedback_tasks WHERE id = $1', [id]);
    const { claim } = task.status === 'OPEN' ? await claimItem(api, taskId) : { claim: null };
    if (claim === null) return;
    await submitFeedback(api, claim.id, { labels: { labels: [label(claim.item.text!)] } });
  }
}

async function train(api: TestApi, experimentId: string): Promise<void> {
  const { dataSource, projectId } = api;
  const [run] = await dataSource.query('SELECT id FROM runs WHERE experiment_id = $1', [experimentId]);
  await finishRun(dataSource, run.id);
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['food', 'sport'] }];
  await insertBaseModel(dataSource, projectId, { name: `model of ${experimentId}`, producedByRunId: run.id, heads });
}

async function evaluate({ dataSource }: TestApi, id: string, accuracy: number): Promise<void> {
  const scores = { kind: 'classification', task: 'label', exampleCount: 10, accuracy, loss: 0.5 };
  await dataSource.query(
    `UPDATE evaluations SET status = 'SUCCEEDED', scores = $2, finished_at = now() WHERE id = $1 AND status <> 'SUCCEEDED'`,
    [id, JSON.stringify([scores])],
  );
}

/** Goes on until the loop has ended, failed, or the round is over. */
export async function finishRound(api: TestApi, loopId: string, others: Partial<Others> = {}): Promise<LoopState> {
  const { loop } = await stateOf(api, loopId);
  for (let steps = 0; steps < 30; steps++) {
    await step(api, loopId);
    const now = await stateOf(api, loopId);
    if (now.loop.status !== 'RUNNING' || now.loop.round !== loop.round) return now;
    await doTheirPart(api, loopId, others);
  }
  throw new Error('The round did not end.');
}
