import { cancelEvaluation } from '../evaluations/cancel-evaluation.js';
import { requestCancel } from '../experiments/run-control.js';
import { lockFeedbackTask } from '../feedback/feedback-task.reads.js';
import { cancelItems } from '../feedback/sources/queue-items.js';
import { requestTransferCancel } from '../jobs/cancel-transfer.js';
import { ProblemsError } from '../problems/problem.js';
import { changeTaskStatus } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';
import { LoopStep, readSettings } from './loop.js';
import type { LoopRow, RoundRow } from './loop.reads.js';

/** Ends what the present step of a loop began and has not ended: tasks are closed, jobs and runs canceled. */
export async function endWork(query: Query, loop: LoopRow, round: RoundRow): Promise<void> {
  for (const id of [round.taskId, round.judgingTaskId, round.startJudgingTaskId]) {
    if (id !== null) await closeTask(query, id);
  }
  const { preparationId, experimentId } = round;
  if (preparationId !== null) {
    await unlessEnded(() => requestTransferCancel(query, 'preparation', preparationId, ['loopId']));
  }
  if (experimentId !== null) {
    const [run] = await query<{ id: string }>('SELECT id FROM runs WHERE experiment_id = $1', [experimentId]);
    if (run !== undefined) await requestCancel(query, run.id);
  }
  const evaluations = [
    loop.startEvaluationId,
    loop.currentEvaluationId,
    loop.startPreferenceEvaluationId,
    loop.currentPreferenceEvaluationId,
    round.evaluationId,
    round.preferenceEvaluationId,
  ];
  for (const id of evaluations) {
    if (id !== null) await unlessEnded(() => cancelEvaluation(query, id));
  }
}

/** Closes a task that is not closed, and ends the making of its items. */
export async function closeTask(query: Query, id: string): Promise<void> {
  // Before the task's lock, as the worker that makes its items locks them.
  await cancelItems(query, id);
  const task = await lockFeedbackTask(query, id);
  if (task !== null) await changeTaskStatus(query, task, 'CLOSED', 'BY_REQUEST');
}

async function unlessEnded(cancel: () => Promise<void>): Promise<void> {
  try {
    await cancel();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
  }
}

/**
 * Forgets what a round began in a step that is to be taken again, and in all after it, so that they begin anew. Of
 * comparisons by people, those that go on or have answers stay.
 */
export async function forgetWork(query: Query, loop: LoopRow, round: RoundRow, from: LoopStep): Promise<void> {
  const isFrom = (step: LoopStep) => LoopStep.options.indexOf(step) >= LoopStep.options.indexOf(from);
  // Prompts that nobody is asked about are there.
  const asksPeople = readSettings(loop.settings).ask.kind !== 'nobody';
  const columns = [
    ...(isFrom('ASKING') ? ['task_id', 'model_judged_count'] : []),
    ...(isFrom('PREPARING') && asksPeople ? ['preparation_id', 'dataset_version_id'] : []),
    ...(isFrom('TRAINING') ? ['experiment_id', 'model_id'] : []),
    ...(isFrom('EVALUATING') ? ['evaluation_id', 'preference_evaluation_id'] : []),
  ];
  // What waits for people who are no more needed.
  const tasks = [
    ...(isFrom('ASKING') ? [round.taskId] : []),
    ...(from === 'JUDGING' ? [] : [round.judgingTaskId, round.startJudgingTaskId]),
  ];
  for (const id of tasks) if (id !== null) await closeTask(query, id);
  const judging = ['judging_task_id', 'start_judging_task_id'];
  if (from === 'JUDGING') {
    for (const column of judging) {
      await query(
        `UPDATE feedback_loop_rounds SET ${column} = NULL
          WHERE id = $1 AND EXISTS (SELECT FROM feedback_tasks t
                                     WHERE t.id = ${column}
                                       AND (t.status = 'FAILED' OR (t.status = 'CLOSED' AND t.answer_count = 0)))`,
        [round.id],
      );
    }
  } else if (isFrom('JUDGING')) columns.push(...judging);
  if (columns.length > 0) {
    const sets = columns.map((column) => `${column} = NULL`).join(', ');
    await query(`UPDATE feedback_loop_rounds SET ${sets} WHERE id = $1`, [round.id]);
  }
  if (from === 'MEASURING') {
    for (const of of ['evaluation_id', 'preference_evaluation_id']) {
      for (const column of [`start_${of}`, `current_${of}`]) {
        await query(
          `UPDATE feedback_loops l SET ${column} = NULL
            WHERE id = $1 AND NOT EXISTS (SELECT FROM evaluations v WHERE v.id = l.${column} AND v.status = 'SUCCEEDED')`,
          [loop.id],
        );
      }
    }
  }
}
