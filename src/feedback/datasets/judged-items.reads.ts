import type { FeedbackItemContent, FeedbackValue } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import { isFirstInTime } from '../counting-answers.js';
import { type Reading, rowBlocks } from '../results/row-blocks.js';
import type { PredictedJudgedItem } from '../results/statistics/crowd-posteriors.js';
import type { ItemToDecide } from '../results/statistics/item-to-decide.js';

import type { PromptFacts } from './row-form.js';

/** So many items are read at a time; the texts of each have a few MB at most. */
const pageSize = 100;

/**
 * The items of a task that are not of gold, in their order, each with the answers that count, ordered by who gave them:
 * neither the order of answers nor that of items differs between two readings of the same state.
 */
export async function* itemsToDecide(query: Query, taskId: string): AsyncGenerator<ItemToDecide> {
  for (let after = 0; ; ) {
    const page = await query<Omit<ItemToDecide, 'answers'> & { readonly position: number }>(
      `SELECT i.id, i.position::float8 AS position, i.content, i.adjudicated, i.model_judgement AS "modelJudgement"
         FROM feedback_items i
        WHERE i.task_id = $1 AND i.position > $2 AND i.gold IS NULL ORDER BY i.position LIMIT ${pageSize}`,
      [taskId, after],
    );
    const answers = await answersOf(
      query,
      page.map(({ id }) => id),
    );
    for (const { position: _, ...item } of page) yield { ...item, answers: answers.get(item.id) ?? [] };
    if (page.length < pageSize) return;
    after = page.at(-1)!.position;
  }
}

async function answersOf(
  query: Query,
  itemIds: readonly string[],
): Promise<ReadonlyMap<string, ItemToDecide['answers']>> {
  const rows = await query<{ itemId: string; userId: string; value: FeedbackValue }>(
    `SELECT a.item_id AS "itemId", a.user_id AS "userId", a.value
       FROM feedback_answers a
      WHERE a.item_id = ANY($1::uuid[]) AND a.counts ORDER BY a.item_id, a.user_id, a.id`,
    [itemIds],
  );
  const found = new Map<string, (typeof rows)[number][]>();
  for (const row of rows) {
    const own = found.get(row.itemId);
    if (own === undefined) found.set(row.itemId, [row]);
    else own.push(row);
  }
  return found;
}

/**
 * The items of a task that were answered, those of gold included, with people's first answers until it was closed; of
 * contents only the answers' keys. In blocks.
 */
export async function* judgedItems(
  query: Query,
  taskId: string,
  withPredictions: boolean,
): AsyncGenerator<PredictedJudgedItem[]> {
  const reading: Reading<Omit<PredictedJudgedItem, 'content'> & { readonly keys: readonly string[] }> = {
    sql: `SELECT i.id, coalesce(i.gold, i.adjudicated) AS known, ${withPredictions ? "(i.prediction -> 'labels')::text" : 'NULL::text'} AS predicted,
                 coalesce((SELECT jsonb_agg(j.value -> 'key' ORDER BY j.ordinal)
                             FROM jsonb_array_elements(i.content -> 'answers') WITH ORDINALITY AS j (value, ordinal)),
                          '[]') AS keys,
                 (SELECT jsonb_agg(jsonb_build_object('userId', a.user_id, 'value', a.value) ORDER BY a.user_id, a.id)
                    FROM feedback_answers a JOIN feedback_claims c ON c.id = a.claim_id
                   WHERE a.item_id = i.id AND ${isFirstInTime}) AS answers
            FROM feedback_items i JOIN feedback_tasks t ON t.id = i.task_id
           WHERE i.task_id = $1 AND EXISTS (SELECT FROM feedback_answers a WHERE a.item_id = i.id) ORDER BY i.position`,
    parameters: [taskId],
    charactersOf: ({ predicted }) => predicted?.length ?? 0,
  };
  for await (const rows of rowBlocks(query, reading)) {
    yield rows.map(({ id, known, keys, predicted, answers }) => ({
      id,
      known,
      predicted,
      content: { answers: keys.map(keyAlone) },
      answers: answers ?? [],
    }));
  }
}

function keyAlone(key: string): FeedbackItemContent['answers'][number] {
  return { key, text: '', modelId: null, generationId: null, settings: null };
}

/** Whose answers to tasks count, and how many each gave: those with most answers first. */
export function peopleOfAnswers(
  query: Query,
  taskIds: readonly string[],
): Promise<{ readonly taskId: string; readonly userId: string; readonly answers: number }[]> {
  return query(
    `SELECT task_id AS "taskId", user_id AS "userId", count(*)::float8 AS answers FROM feedback_answers
      WHERE task_id = ANY($1::uuid[]) AND counts GROUP BY task_id, user_id ORDER BY count(*) DESC, user_id`,
    [taskIds],
  );
}

export async function promptsOf(query: Query, taskIds: readonly string[]): Promise<PromptFacts> {
  const [facts] = await query<PromptFacts>(
    `SELECT coalesce(bool_or(content ->> 'prompt' IS NOT NULL), false) AS any,
            coalesce(bool_and(content ->> 'prompt' IS NOT NULL), false) AS all,
            coalesce(bool_or(content #>> '{prompt,kind}' = 'messages'), false) AS "areConversations"
       FROM feedback_items WHERE task_id = ANY($1::uuid[]) AND gold IS NULL`,
    [taskIds],
  );
  return facts!;
}
