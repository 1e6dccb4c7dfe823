import type { ModelJudgement } from '../protocol/feedback.js';
import { appendFeedbackEvents } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';

/** What becomes of an item that nobody is asked about; null: the model prefers neither answer. */
export interface SettledByModel {
  readonly itemId: string;
  readonly judgement: ModelJudgement | null;
}

/**
 * Settles items of a comparison without asking anybody: those that a reward model judged, and those that are not worth
 * a question. Items that are settled already stay as they are. The caller holds the locks of the items and of the task.
 */
export async function settleByModel(query: Query, taskId: string, items: readonly SettledByModel[]): Promise<void> {
  const settled = await query<{ id: string; judgement: ModelJudgement | null }>(
    `UPDATE feedback_items i
        SET model_judgement = j.judgement::jsonb, settled_at = now(), wanted = i.answer_count,
            settled_category = j.judgement::jsonb ->> 'preferred',
            settled_probability = (j.judgement::jsonb ->> 'probability')::float8
       FROM unnest($2::uuid[], $3::text[]) AS j(id, judgement)
      WHERE i.id = j.id AND i.task_id = $1 AND i.settled_at IS NULL AND i.gold IS NULL
     RETURNING i.id, i.model_judgement AS judgement`,
    [
      taskId,
      items.map(({ itemId }) => itemId),
      items.map(({ judgement }) => (judgement === null ? null : JSON.stringify(judgement))),
    ],
  );
  const events = settled.map(({ id, judgement }) => ({
    kind: 'itemSettled' as const,
    itemId: id,
    answerCount: 0,
    category: judgement?.preferred ?? null,
    probability: judgement?.probability ?? null,
  }));
  await appendFeedbackEvents(query, taskId, events, { settled: settled.length });
}
