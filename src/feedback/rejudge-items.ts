import { categoryCount } from '../protocol/feedback/categories.js';
import type { FeedbackItemContent, FeedbackOverlap } from '../protocol/feedback.js';
import { appendFeedbackEvents } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';
import type { FeedbackTaskRow } from './feedback-task.reads.js';
import { judgeItem } from './judge-item.js';

/**
 * Gives a task another overlap, and judges its items by it. The caller has locked the items and the task.
 * @returns how many more items are settled, which may be below 0
 */
export async function rejudgeItems(query: Query, task: FeedbackTaskRow, overlap: FeedbackOverlap): Promise<number> {
  await query('UPDATE feedback_tasks SET overlap = $2 WHERE id = $1', [task.id, JSON.stringify(overlap)]);
  const items = await query<{
    id: string;
    isSettled: boolean;
    answers: FeedbackItemContent['answers'];
    categories: (string | null)[];
  }>(
    `SELECT i.id, i.settled_at IS NOT NULL AS "isSettled",
            CASE WHEN $2 THEN i.content -> 'answers' ELSE '[]' END AS answers,
            coalesce((SELECT json_agg(a.category ORDER BY a.created_at, a.id) FROM feedback_answers a
                       WHERE a.item_id = i.id AND a.counts), '[]') AS categories
       FROM feedback_items i WHERE i.task_id = $1 AND i.gold IS NULL AND i.adjudicated IS NULL
        AND i.model_judgement IS NULL ORDER BY i.position`,
    [task.id, task.question.kind === 'ranking'],
  );
  const judged = items.map((item) => ({
    ...item,
    state: judgeItem(overlap, item.categories, categoryCount(task.question, item)),
  }));
  await query(
    `UPDATE feedback_items i
        SET wanted = j.wanted, settled_category = j.category, settled_probability = j.probability,
            settled_at = CASE WHEN j.settled THEN coalesce(i.settled_at, now()) END
       FROM unnest($1::uuid[], $2::int[], $3::boolean[], $4::text[], $5::float8[])
              AS j(id, wanted, settled, category, probability)
      WHERE i.id = j.id`,
    [
      judged.map(({ id }) => id),
      judged.map(({ state }) => state.wanted),
      judged.map(({ state }) => state.isSettled),
      judged.map(({ state }) => (state.isSettled ? (state.likely?.category ?? null) : null)),
      judged.map(({ state }) => (state.isSettled ? (state.likely?.probability ?? null) : null)),
    ],
  );
  const settled = judged.filter(({ isSettled, state }) => !isSettled && state.isSettled);
  const reopened = judged.filter(({ isSettled, state }) => isSettled && !state.isSettled);
  const change = settled.length - reopened.length;
  await appendFeedbackEvents(
    query,
    task.id,
    [
      ...settled.map(({ id, categories, state }) => ({
        kind: 'itemSettled' as const,
        itemId: id,
        answerCount: categories.length,
        category: state.likely?.category ?? null,
        probability: state.likely?.probability ?? null,
      })),
      ...reopened.map(({ id }) => ({ kind: 'itemReopened' as const, itemId: id })),
    ],
    { settled: change },
  );
  return change;
}
