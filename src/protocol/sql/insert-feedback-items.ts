import type { ItemPrediction, ItemRewards } from '../feedback/make-items-job.js';
import type { FeedbackItemContent, FeedbackValue } from '../feedback.js';
import { storableText } from '../storable-text.js';
import { appendFeedbackEvents } from './feedback-log.js';
import type { Query } from './query.js';

/** An item to insert. */
export interface NewFeedbackItem {
  readonly content: FeedbackItemContent;
  readonly gold: FeedbackValue | null;
  readonly priority: number | null;
  readonly prediction: ItemPrediction | null;
  /** Of pairs that reward models ranked. */
  readonly rewards?: ItemRewards;
}

/**
 * Inserts items behind those of a task, whose lock the caller holds, and tells the task's log.
 * @param wanted answers that an item needs at first
 */
export async function insertFeedbackItems(
  query: Query,
  taskId: string,
  wanted: number,
  items: readonly NewFeedbackItem[],
): Promise<{ readonly firstPosition: number; readonly lastPosition: number }> {
  const [placed] = await query<{ lastPosition: number }>(
    `UPDATE feedback_tasks SET last_position = last_position + $2 WHERE id = $1
     RETURNING last_position::float8 AS "lastPosition"`,
    [taskId, items.length],
  );
  const { lastPosition } = placed!;
  const firstPosition = lastPosition - items.length + 1;
  await query(
    `INSERT INTO feedback_items (task_id, position, content, group_key, gold, priority, wanted, prediction, rewards)
     SELECT $1, $2::bigint + ordinal - 1, content::jsonb, group_key, gold::jsonb, priority, $3, prediction::jsonb,
            rewards::jsonb
       FROM unnest($4::text[], $5::text[], $6::text[], $7::float8[], $8::text[], $9::text[])
              WITH ORDINALITY AS new (content, group_key, gold, priority, prediction, rewards, ordinal)`,
    [
      taskId,
      firstPosition,
      wanted,
      items.map(({ content }) => storableJson(content)),
      items.map(({ content }) => storableText(content.group)),
      items.map(({ gold }) => (gold === null ? null : storableJson(gold))),
      items.map(({ priority }) => priority),
      items.map(({ prediction }) => (prediction === null ? null : storableJson(prediction))),
      items.map(({ rewards }) => (rewards === undefined ? null : JSON.stringify(rewards))),
    ],
  );
  const gold = items.filter((item) => item.gold !== null).length;
  await appendFeedbackEvents(query, taskId, [{ kind: 'itemsAdded', firstPosition, lastPosition }], {
    items: items.length - gold,
    gold,
  });
  return { firstPosition, lastPosition };
}

/** Models and files may write what PostgreSQL can not store. */
function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
}
