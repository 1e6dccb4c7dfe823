import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { globalId } from '../../src/graphql/global-id.js';
import type { FeedbackQuestion } from '../../src/protocol/feedback.js';

/** A task with very many answers. */
export interface LargeTask {
  readonly name: string;
  readonly kind: 'labels' | 'ranking' | 'spans' | 'pairwise';
  readonly answers: number;
  /** Answers to each item, each by another person. */
  readonly perItem: number;
}

const classes = Array.from({ length: 500 }, (_, i) => `class ${i}`);
const keys = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i));

const questions = {
  labels: { kind: 'labels', classes, several: false },
  ranking: { kind: 'ranking', tiesAllowed: false },
  spans: { kind: 'spans', labels: ['a', 'b'] },
  pairwise: { kind: 'pairwise', strengths: 1 },
} as const satisfies Record<LargeTask['kind'], FeedbackQuestion>;

const answer = (key: string) =>
  `jsonb_build_object('key', '${key}', 'text', 'answer ' || i, 'modelId', null, 'generationId', null,
     'settings', jsonb_build_object('temperature', i % 5 + ${key.charCodeAt(0)} % 7))`;
const contentOf: Readonly<Record<LargeTask['kind'], string>> = {
  labels: `'text', 'text ' || i, 'answers', '[]'::jsonb`,
  spans: `'text', repeat('word ', 200), 'answers', '[]'::jsonb`,
  ranking: `'text', null, 'answers', jsonb_build_array(${keys.map(answer).join(', ')})`,
  pairwise: `'text', null, 'answers', jsonb_build_array(${answer('a')}, ${answer('b')})`,
};

/** Three answers of four say what is right of the item, others something else. Each gives `category` and `value`. */
const label = `'class ' || CASE WHEN random() < 0.75 THEN position % 500 ELSE floor(random() * 500)::int END`;
const ranks = `(SELECT jsonb_agg(jsonb_build_array(k) ORDER BY random()) FROM unnest('{${keys.join(',')}}'::text[]) k WHERE n > 0)`;
const spans = `(SELECT jsonb_agg(jsonb_build_array(s * 40 + floor(random() * 10)::int + 0 * n, s * 40 + 20, 'a')) FROM generate_series(0, 19) s)`;
const said: Readonly<Record<LargeTask['kind'], { readonly category: string; readonly value: string }>> = {
  labels: { category: label, value: `jsonb_build_object('kind', 'labels', 'labels', jsonb_build_array(category))` },
  ranking: {
    category: `${ranks}::text`,
    value: `jsonb_build_object('kind', 'ranking', 'ranks', category::jsonb)`,
  },
  spans: {
    category: `${spans}::text`,
    value: `jsonb_build_object('kind', 'spans', 'spans', '[]'::jsonb)`,
  },
  pairwise: {
    category: `CASE WHEN random() < 0.75 THEN 'a' ELSE 'b' END`,
    value: `jsonb_build_object('kind', 'pairwise', 'outcome', 'preferred', 'preferred', category, 'strength', 1)`,
  },
};

/** Users who annotate in the default project. */
export async function addPeople(client: pg.Client, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await client.query(
    `INSERT INTO users (id, email, name) SELECT id, id || '@example.org', 'person' FROM unnest($1::uuid[]) id`,
    [ids],
  );
  return ids;
}

/** Writes the rows of a task; returns its global id. */
export async function addTask(client: pg.Client, users: readonly string[], task: LargeTask): Promise<string> {
  const { kind, perItem, answers } = task;
  const id = randomUUID();
  const items = Math.floor(answers / perItem);
  await client.query(
    `INSERT INTO feedback_tasks (id, project_id, name, question, status, overlap, ends, item_order, random_share, blind,
       claim_seconds, gold_share, repeat_share, seed, opened_at, item_count, answer_count, last_seq)
     SELECT $1, id, $2, $3, 'OPEN', '{"atLeast":1,"atMost":9,"sureAt":null}',
       '{"itemsSettled":false,"answers":null,"agreement":null}', 'AS_GIVEN', 0.1, true, 600, 0, 0, 1, now(), $4, $5, 1
       FROM projects WHERE slug = 'default'`,
    [id, task.name, JSON.stringify(questions[kind]), items, items * perItem],
  );
  await client.query(`INSERT INTO feedback_instructions (task_id, version, text) VALUES ($1, 1, '')`, [id]);
  const isPredicted = kind === 'labels' && perItem === 4;
  await client.query(
    `WITH said AS MATERIALIZED (
       SELECT p, jsonb_build_object('modelId', gen_random_uuid(), 'task', 'topic', 'uncertainty', 0, 'labels',
                (SELECT jsonb_agg(jsonb_build_object('label', 'class ' || c,
                          'probability', CASE WHEN c = p THEN 0.501 ELSE 0.001 END))
                   FROM generate_series(0, 499) c)) AS prediction
         FROM generate_series(0, ${isPredicted ? 499 : -1}) p)
     INSERT INTO feedback_items (id, task_id, position, content, group_key, wanted, answer_count, prediction)
     SELECT gen_random_uuid(), $1, i, jsonb_build_object('prompt', null, 'row', null, 'group', 'g' || i, ${contentOf[kind]}),
            'g' || i, $3, $3, prediction
       FROM generate_series(1, $2::int) i LEFT JOIN said ON p = i % 500`,
    [id, items, perItem],
  );
  await client.query(
    `WITH rows AS MATERIALIZED (
       SELECT gen_random_uuid() AS id, gen_random_uuid() AS claim, i.id AS item, i.position, n,
              ($3::uuid[])[1 + (i.position * 7 + n * 13) % cardinality($3::uuid[])] AS person
         FROM feedback_items i, generate_series(1, $2::int) n WHERE i.task_id = $1
     ), said AS MATERIALIZED (SELECT *, ${said[kind].category} AS category FROM rows),
     claims AS (
       INSERT INTO feedback_claims (id, task_id, item_id, user_id, repetition, state, shown, instructions_version, picked,
                                    propensity, expires_at, ended_at)
       SELECT claim, $1, item, person, 0, 'ANSWERED', '{}', 1, 'ORDER', 1, now(), now() FROM said)
     INSERT INTO feedback_answers (id, claim_id, task_id, item_id, user_id, value, category, instructions_version, counts,
                                   late, seconds)
     SELECT id, claim, $1, item, person, ${said[kind].value}, category, 1, true, false, 10 FROM said`,
    [id, perItem, users],
  );
  await client.query('ANALYZE');
  return globalId('FeedbackTask', id);
}
