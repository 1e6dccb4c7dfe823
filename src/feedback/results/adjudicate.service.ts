import type { DataSource } from 'typeorm';
import { actorId } from '../../access/acting-viewer.js';
import { inTransaction } from '../../database/transaction.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { categoryOf } from '../../protocol/feedback/categories.js';
import { checkValue } from '../../protocol/feedback/check-value.js';
import { feedbackLimits } from '../../protocol/feedback/feedback-limits.js';
import { appendFeedbackEvents } from '../../protocol/sql/feedback-log.js';
import { closeIfEnded } from '../close-ended.js';
import { feedbackItemsByIds } from '../feedback-item.reads.js';
import { feedbackTasksByIds, lockFeedbackTask } from '../feedback-task.reads.js';
import { type FeedbackValueInput, toFeedbackValue } from '../feedback-value.type.js';
import { mostReason } from '../locked-claim.js';
import type { EndByAgreement } from './end-by-agreement.js';

/** Decides disputes about items. Throws ProblemsError. */
export interface AdjudicateService {
  /**
   * Says what is right of an item, in place of what was decided before, also after its task was closed: all decisions
   * are kept. An item that needed more answers needs none any more.
   */
  adjudicate(itemId: string, value: FeedbackValueInput, comment: string | null): Promise<void>;
}

/** More decisions are no dispute but a program that repeats itself. */
const mostDecisions = 100;

export function createAdjudicateService(options: {
  readonly dataSource: DataSource;
  readonly ends: EndByAgreement;
}): AdjudicateService {
  const { dataSource, ends } = options;
  return {
    async adjudicate(itemId, input, given) {
      const due = await inTransaction(dataSource, async ({ query }) => {
        await query('SELECT 1 FROM feedback_items WHERE id = $1 FOR NO KEY UPDATE', [itemId]);
        const [item] = await feedbackItemsByIds(query, [itemId]);
        if (item === undefined) throw refusal(['itemId'], 'NOT_FOUND', 'There is no item with this id.');
        if (item.gold !== null) {
          throw refusal(['itemId'], 'CONFLICT', 'What is right of a gold item is known: there is nothing to decide.');
        }
        const [task] = await feedbackTasksByIds(query, [item.taskId]);
        const value = toFeedbackValue(task!.question, input);
        const comment = given?.trim() ? given.trim() : null;
        const problems = [
          ...checkValue(task!.question, item.content, value).map((each) => ({
            ...each,
            path: ['value', ...each.path],
          })),
          ...mostReason(['comment'], comment ?? '', feedbackLimits.maxReasonCharacters),
        ];
        if (problems.length > 0) throw new ProblemsError(problems);
        const by = actorId();
        const [decided] = await query<{ number: number }>(
          `INSERT INTO feedback_adjudications (item_id, number, value, comment, decided_by)
           SELECT $1, count(*) + 1, $2, $3, $4 FROM feedback_adjudications WHERE item_id = $1
           HAVING count(*) < ${mostDecisions} RETURNING number`,
          [itemId, JSON.stringify(value), comment, by],
        );
        if (decided === undefined) {
          throw refusal(['itemId'], 'CONFLICT', `The item was decided ${mostDecisions} times, which is the most.`);
        }
        // Before what is counted by person changes: whoever settles items holds it, too.
        await lockFeedbackTask(query, item.taskId);
        await query(
          `UPDATE feedback_items
              SET adjudicated = $2, adjudicated_by = $3, adjudicated_at = clock_timestamp(),
                  settled_at = coalesce(settled_at, clock_timestamp()), wanted = CASE WHEN settled_at IS NULL THEN answer_count
                                                                                      ELSE wanted END
            WHERE id = $1`,
          [itemId, JSON.stringify(value), by],
        );
        // Whatever is made of the answers and decisions names the last event that it has read.
        const adjudicated = { kind: 'itemAdjudicated', itemId } as const;
        if (item.settledAt !== null) {
          await appendFeedbackEvents(query, task!.id, [adjudicated]);
          return null;
        }
        const settled = {
          kind: 'itemSettled',
          itemId,
          answerCount: item.answerCount,
          category: categoryOf(task!.question, value)?.category ?? null,
          probability: null,
        } as const;
        const state = await appendFeedbackEvents(query, task!.id, [adjudicated, settled], { settled: 1 });
        return (await closeIfEnded(query, state, 1)) ? task!.id : null;
      });
      if (due !== null) await ends.look(due);
    },
  };
}

function refusal(path: readonly string[], code: 'NOT_FOUND' | 'CONFLICT', message: string): ProblemsError {
  return new ProblemsError([problem(path, code, message)]);
}
