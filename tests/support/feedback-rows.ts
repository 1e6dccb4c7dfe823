import { randomUUID } from 'node:crypto';
import { categoryOf } from '../../src/protocol/feedback/categories.js';
import { subjectOf } from '../../src/protocol/feedback/check-content.js';
import type { FeedbackItemContent, FeedbackQuestion, FeedbackValue } from '../../src/protocol/feedback.js';
import type { Query } from '../../src/protocol/sql/query.js';

type Asked = Omit<Partial<FeedbackItemContent>, 'answers' | 'prompt'> & {
  readonly prompt?: string | readonly { readonly role: string; readonly content: string }[];
  readonly answers?: readonly string[] | FeedbackItemContent['answers'];
};

/** The content of an item: its answers have the keys a, b, c, … */
export function itemContent({ prompt, text = null, answers = [], row = null, group }: Asked): FeedbackItemContent {
  const content: FeedbackItemContent = {
    prompt:
      prompt === undefined
        ? null
        : typeof prompt === 'string'
          ? { kind: 'text', text: prompt }
          : { kind: 'messages', messages: [...prompt] },
    text,
    answers: answers.map((answer, i) =>
      typeof answer === 'string'
        ? { key: 'abcdefgh'[i]!, text: answer, modelId: null, generationId: null, settings: null }
        : answer,
    ),
    row,
    group: '',
  };
  return { ...content, group: group ?? JSON.stringify(content.prompt ?? subjectOf(content)) };
}

export interface AskedItem {
  readonly content: FeedbackItemContent;
  /** By the number of the person, from 0. */
  readonly answers?: readonly FeedbackValue[];
  readonly gold?: FeedbackValue;
  readonly adjudicated?: FeedbackValue;
}

/** Values as people give them. */
export const prefers = (preferred: string, strength = 1): FeedbackValue => ({
  kind: 'pairwise',
  outcome: 'preferred',
  preferred,
  strength,
});
export const bothGood: FeedbackValue = { kind: 'pairwise', outcome: 'bothGood', preferred: null, strength: null };
export const neither: FeedbackValue = { kind: 'pairwise', outcome: 'neither', preferred: null, strength: null };
export const labels = (...names: string[]): FeedbackValue => ({ kind: 'labels', labels: names });

/** Users who answer, by number. */
export async function addPeople(query: Query, projectId: string, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids) {
    await query('INSERT INTO users (id, email, name) VALUES ($1, $2, $3)', [id, `${id}@example.org`, `Person ${id}`]);
    await query(`INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, 'ANNOTATOR')`, [projectId, id]);
  }
  return ids;
}

/** A task with items and answers, written as rows of its tables. Returns its row id, and those of its items. */
export async function addTask(
  query: Query,
  task: {
    readonly projectId: string;
    readonly question: FeedbackQuestion;
    readonly items: readonly AskedItem[];
    readonly people: readonly string[];
    readonly name?: string;
  },
): Promise<{ readonly id: string; readonly itemIds: readonly string[] }> {
  const { projectId, question, items, people, name = 'a task' } = task;
  const id = randomUUID();
  const answers = items.reduce((sum, item) => sum + (item.gold === undefined ? (item.answers?.length ?? 0) : 0), 0);
  await query(
    `INSERT INTO feedback_tasks (id, project_id, name, question, status, overlap, ends, item_order, random_share, blind,
       claim_seconds, gold_share, repeat_share, seed, opened_at, item_count, answer_count, last_seq)
     VALUES ($1, $2, $3, $4, 'OPEN', '{"atLeast":1,"atMost":5,"sureAt":null}',
       '{"itemsSettled":false,"answers":null,"agreement":null}', 'AS_GIVEN', 0.1, true, 600, 0, 0, 1, now(), $5, $6, $7)`,
    [id, projectId, name, JSON.stringify(question), items.length, answers, items.length + answers],
  );
  await query(`INSERT INTO feedback_instructions (task_id, version, text) VALUES ($1, 1, 'Read **both**.')`, [id]);
  const itemIds: string[] = [];
  for (const [i, item] of items.entries()) {
    const itemId = randomUUID();
    itemIds.push(itemId);
    await query(
      `INSERT INTO feedback_items (id, task_id, position, content, group_key, gold, adjudicated, wanted)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 1)`,
      [
        itemId,
        id,
        i + 1,
        JSON.stringify(item.content),
        item.content.group,
        item.gold === undefined ? null : JSON.stringify(item.gold),
        item.adjudicated === undefined ? null : JSON.stringify(item.adjudicated),
      ],
    );
    for (const [person, value] of (item.answers ?? []).entries()) {
      await addAnswer(query, {
        taskId: id,
        itemId,
        userId: people[person]!,
        question,
        value,
        shown: item.content.answers.map(({ key }) => key).reverse(),
        counts: item.gold === undefined,
      });
    }
  }
  return { id, itemIds };
}

export async function addAnswer(
  query: Query,
  answer: {
    readonly taskId: string;
    readonly itemId: string;
    readonly userId: string;
    readonly question: FeedbackQuestion;
    readonly value: FeedbackValue;
    readonly shown?: readonly string[];
    readonly counts?: boolean;
    readonly repetition?: number;
    readonly picked?: 'ORDER' | 'GOLD' | 'REPEAT';
  },
): Promise<string> {
  const { taskId, itemId, userId, question, value, shown = [], counts = true, repetition = 0 } = answer;
  const [claimId, id] = [randomUUID(), randomUUID()];
  const { picked = repetition > 0 ? 'REPEAT' : counts ? 'ORDER' : 'GOLD' } = answer;
  await query(
    `INSERT INTO feedback_claims (id, task_id, item_id, user_id, repetition, state, shown, instructions_version, picked,
       propensity, expires_at, ended_at)
     VALUES ($1, $2, $3, $4, $5, 'ANSWERED', $6, 1, $7, 0.5, now() + interval '10 minutes', now())`,
    [claimId, taskId, itemId, userId, repetition, shown, picked],
  );
  await query(
    `INSERT INTO feedback_answers (id, claim_id, task_id, item_id, user_id, value, category, instructions_version, counts,
       late, seconds)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, false, 12.5)`,
    [id, claimId, taskId, itemId, userId, JSON.stringify(value), categoryOf(question, value)?.category ?? null, counts],
  );
  return id;
}
