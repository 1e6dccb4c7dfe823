import type { FeedbackItemContent, FeedbackValue } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import type { ItemToDecide } from '../results/statistics/item-to-decide.js';
import type { JudgedItem } from '../results/statistics/posteriors.js';
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
      `SELECT i.id, i.position::float8 AS position, i.content, i.adjudicated FROM feedback_items i
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

/** @param whichOf a condition on answers `a`, of claims `c` */
async function answersOf(
  query: Query,
  itemIds: readonly string[],
  whichOf = 'a.counts',
): Promise<ReadonlyMap<string, ItemToDecide['answers']>> {
  const rows = await query<{ itemId: string; userId: string; value: FeedbackValue }>(
    `SELECT a.item_id AS "itemId", a.user_id AS "userId", a.value
       FROM feedback_answers a JOIN feedback_claims c ON c.id = a.claim_id
      WHERE a.item_id = ANY($1::uuid[]) AND ${whichOf} ORDER BY a.item_id, a.user_id, a.id`,
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

/** All items of a task, those of gold included, with people's first answers; of contents only the answers' keys. */
export async function judgedItems(query: Query, taskId: string): Promise<readonly JudgedItem[]> {
  const items = await query<Pick<JudgedItem, 'id' | 'known'> & { readonly keys: readonly string[] }>(
    `SELECT i.id, coalesce(i.gold, i.adjudicated) AS known,
            coalesce((SELECT jsonb_agg(j.value -> 'key' ORDER BY j.ordinal)
                        FROM jsonb_array_elements(i.content -> 'answers') WITH ORDINALITY AS j (value, ordinal)), '[]') AS keys
       FROM feedback_items i WHERE i.task_id = $1 ORDER BY i.position`,
    [taskId],
  );
  const ids = items.map(({ id }) => id);
  const answers = await answersOf(query, ids, 'c.repetition = 0');
  return items.map(({ id, known, keys }) => ({
    id,
    known,
    content: { answers: keys.map(keyAlone) },
    answers: answers.get(id) ?? [],
  }));
}

function keyAlone(key: string): FeedbackItemContent['answers'][number] {
  return { key, text: '', modelId: null, generationId: null, settings: null };
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
