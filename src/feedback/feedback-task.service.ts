import { randomInt, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId, markRepeated } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireProject } from '../projects/require-project.js';
import { requireWithinFeedback } from '../projects/require-quota.js';
import { checkQuestion } from '../protocol/feedback/check-question.js';
import type { FeedbackTaskStatus } from '../protocol/feedback.js';
import { appendFeedbackEvents, changeTaskStatus } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';
import { checkTask, participantsOf, toEnds, toOverlap } from './check-task.js';
import { closeIfEnded } from './close-ended.js';
import { toFeedbackQuestion } from './feedback-question.type.js';
import type { CreateFeedbackTaskInput, UpdateFeedbackTaskInput } from './feedback-task.input.js';
import { type FeedbackTaskRow, feedbackTasksByIds, lockFeedbackTask } from './feedback-task.reads.js';
import { changeOverlap } from './rejudge-items.js';
import type { Rejudging } from './rejudging.js';
import type { EndByAgreement } from './results/end-by-agreement.js';
import { planItems } from './sources/plan-items.js';
import { checkOrder } from './sources/plan-ranking.js';
import { cancelItems, queueItems } from './sources/queue-items.js';

/** Tasks in which people give feedback. Throws ProblemsError for mistakes that the client can correct. */
export interface FeedbackTaskService {
  /** Returns the task's row id. */
  create(input: CreateFeedbackTaskInput): Promise<string>;
  update(input: UpdateFeedbackTaskInput): Promise<string>;
  pause(taskId: string): Promise<string>;
  /** Opens a task that is paused. */
  resume(taskId: string): Promise<string>;
  close(taskId: string): Promise<string>;
}

export function createFeedbackTaskService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
  readonly agreementEnds: EndByAgreement;
  readonly rejudging: Rejudging;
}): FeedbackTaskService {
  const { dataSource, query, agreementEnds, rejudging } = options;

  const become = (to: FeedbackTaskStatus) => (taskId: string) =>
    inTransaction(dataSource, async (transaction) => {
      const id = rowId('FeedbackTask', taskId, ['taskId']);
      // Before the task's lock, as the worker that makes its items locks them.
      if (to === 'CLOSED') await cancelItems(transaction.query, id);
      const task = await requireLocked(transaction.query, id);
      if (task.status === to) {
        markRepeated();
        return id;
      }
      // It opens by itself.
      if (task.status === 'PREPARING' && to !== 'CLOSED') throw cannotBecome(task.status, to);
      const reason = to === 'CLOSED' ? 'BY_REQUEST' : null;
      if (!(await changeTaskStatus(transaction.query, task, to, reason))) throw cannotBecome(task.status, to);
      return id;
    });

  return {
    async create(input) {
      const project = await requireProject(query, input.projectSlug);
      const projectId = project.id;
      const { idempotencyKey, ...asked } = input;
      const request: IdempotentRequest = {
        projectId,
        operation: 'createFeedbackTask',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const question = toFeedbackQuestion(input.question);
      const { participants, problems } = await participantsOf(query, projectId, input.participants);
      const found = [
        ...checkTask(input),
        ...checkQuestion(question).map((each) => ({ ...each, path: ['question', ...each.path] })),
        ...problems,
      ];
      if (found.length > 0) throw new ProblemsError(found);
      const planned = input.source == null ? null : await planItems(query, project, question, input.source);
      const misordered = planned === null ? [] : checkOrder(input.order, planned.from.kind, planned.ranking);
      if (misordered.length > 0) throw new ProblemsError(misordered);
      const opensAs = input.paused ? 'PAUSED' : 'OPEN';
      const status = planned === null ? opensAs : 'PREPARING';
      return inTransaction(dataSource, async (transaction) => {
        const newId = randomUUID();
        const claimed = await claimKey(transaction.query, request, newId);
        if (claimed !== newId) return claimed;
        await transaction.query(
          `INSERT INTO feedback_tasks (id, project_id, created_by, name, description, question, status, opened_at,
             overlap, ends, item_order, random_share, blind, claim_seconds, gold_share, repeat_share, participants, seed)
           VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7 = 'OPEN' THEN now() END,
             $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
          [
            newId,
            projectId,
            actorId(),
            input.name.trim(),
            input.description,
            JSON.stringify(question),
            status,
            JSON.stringify(toOverlap(input.overlap, question)),
            JSON.stringify(toEnds(input.ends)),
            input.order,
            input.order === 'RANDOM' ? 1 : input.randomShare,
            input.blind,
            input.claimSeconds,
            input.goldShare,
            input.repeatShare,
            participants,
            input.seed ?? randomInt(2 ** 32),
          ],
        );
        await insertInstructions(transaction.query, newId, 1, input.instructions);
        const began = { kind: 'statusChanged', from: null, to: status, reason: null } as const;
        await appendFeedbackEvents(transaction.query, newId, [began]);
        if (planned !== null) await queueItems(transaction.query, { projectId, taskId: newId, planned, opensAs });
        await requireWithinFeedback(transaction.query, projectId, 'tasks', []);
        return newId;
      });
    },

    async update(input) {
      const id = rowId('FeedbackTask', input.taskId, ['taskId']);
      const [known] = await feedbackTasksByIds(query, [id]);
      if (known === undefined) throw notThere;
      const { participants, problems } = await participantsOf(query, known.projectId, input.participants);
      const found = [...checkTask(input), ...problems];
      if (found.length > 0) throw new ProblemsError(found);
      const { name, description, instructions, overlap, ends, claimSeconds, goldShare, repeatShare } = input;
      const isDue = await inTransaction(dataSource, async (transaction) => {
        const write = transaction.query;
        const task = await requireLocked(write, id);
        if (task.status === 'CLOSED' || task.status === 'FAILED') throw isClosed;
        await write(
          `UPDATE feedback_tasks
              SET name = coalesce($2, name), description = coalesce($3, description),
                  ends = coalesce($4, ends), claim_seconds = coalesce($5, claim_seconds),
                  gold_share = coalesce($6, gold_share), repeat_share = coalesce($7, repeat_share),
                  participants = CASE WHEN $8 THEN $9::uuid[] ELSE participants END,
                  agreement_settled = CASE WHEN $10 THEN 0 ELSE agreement_settled END
            WHERE id = $1`,
          [
            id,
            name?.trim() ?? null,
            description ?? null,
            ends == null ? null : JSON.stringify(toEnds(ends)),
            claimSeconds ?? null,
            goldShare ?? null,
            repeatShare ?? null,
            input.participants !== undefined,
            participants,
            ends != null,
          ],
        );
        if (instructions != null) await changeInstructions(write, task, instructions);
        if (overlap != null) await changeOverlap(write, id, toOverlap(overlap, task.question));
        const changed = await requireLocked(write, id);
        // Of other ends, what is settled already counts.
        return closeIfEnded(write, changed, ends == null ? 0 : changed.settledCount);
      });
      if (isDue) await agreementEnds.look(id);
      // Of a large task the rest is judged in the background, by any process.
      if (overlap != null) await rejudging.judge(id, transactionsOfCall);
      return id;
    },

    pause: become('PAUSED'),
    resume: become('OPEN'),
    close: become('CLOSED'),
  };
}

/** In which a call that changes the overlap judges items: 10,000 of them. */
const transactionsOfCall = 10;

export async function requireLocked(query: Query, id: string): Promise<FeedbackTaskRow> {
  const task = await lockFeedbackTask(query, id);
  if (task === null) throw notThere;
  return task;
}

async function changeInstructions(query: Query, task: FeedbackTaskRow, text: string): Promise<void> {
  const [current] = await query<{ text: string }>(
    'SELECT text FROM feedback_instructions WHERE task_id = $1 AND version = $2',
    [task.id, task.instructionsVersion],
  );
  if (current?.text === text) return;
  const version = task.instructionsVersion + 1;
  await insertInstructions(query, task.id, version, text);
  await query('UPDATE feedback_tasks SET instructions_version = $2 WHERE id = $1', [task.id, version]);
}

async function insertInstructions(query: Query, taskId: string, version: number, text: string): Promise<void> {
  await query('INSERT INTO feedback_instructions (task_id, version, text, created_by) VALUES ($1, $2, $3, $4)', [
    taskId,
    version,
    text,
    actorId(),
  ]);
}

function cannotBecome(from: FeedbackTaskStatus, to: FeedbackTaskStatus): ProblemsError {
  const did = { OPEN: 'opened', PAUSED: 'paused', CLOSED: 'closed', PREPARING: 'prepared', FAILED: 'failed' }[to];
  const message = `The task is ${from}, and can not be ${did}.`;
  return new ProblemsError([problem(['taskId'], 'CONFLICT', message)]);
}

const notThere = new ProblemsError([problem(['taskId'], 'NOT_FOUND', 'There is no feedback task with this id.')]);

export const isClosed = new ProblemsError([
  problem(['taskId'], 'CONFLICT', 'The task is closed, for good.', 'Create another task.'),
]);
