import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { groupOf } from '../../../src/protocol/feedback/group-of.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../src/protocol/feedback.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { ids, insertBaseModel } from '../../support/rows.js';

/** Dataset versions of what users of applications thought: real tables, queue, worker and files. */

let room: PreparationRoom;
let writer: string;
let other: string;
beforeAll(async () => {
  room = await openPreparationRoom();
  const { dataSource, projectId } = room.api;
  writer = await insertBaseModel(dataSource, projectId, { name: 'writer' });
  other = await insertBaseModel(dataSource, projectId, { name: 'other' });
});
afterAll(() => room[Symbol.asyncDispose]());

const thumbs: FeedbackQuestion = { kind: 'thumbs', reasonRequired: false };
const correction: FeedbackQuestion = { kind: 'correction', mayBeUnchanged: false };
const thumb = (up: boolean, reason: string | null = null): FeedbackValue => ({ kind: 'thumbs', up, reason });

interface Said {
  readonly question: FeedbackQuestion;
  readonly value: FeedbackValue;
  readonly subject?: string;
  readonly model?: string;
}

let minute = 0;
/** Stores what `recordFeedback` stores; a minute after the record before. Returns the row id. */
async function store(target: object, content: object, { question, value, subject, model = writer }: Said) {
  const id = randomUUID();
  await room.api.dataSource.query(
    `INSERT INTO recorded_feedback (id, project_id, base_model_id, target, content, question, value, subject, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, timestamptz '2026-01-01T00:00:00Z' + make_interval(mins => $9))`,
    [
      id,
      room.api.projectId,
      model,
      ...[target, content, question, value].map((each) => JSON.stringify(each)),
      subject ?? null,
      minute++,
    ],
  );
  return id;
}

function ofAnswer(prompt: string | readonly { role: string; content: string }[], text: string, said: Said) {
  const shown = {
    prompt:
      typeof prompt === 'string'
        ? { kind: 'text' as const, text: prompt }
        : { kind: 'messages' as const, messages: [...prompt] },
    text: null,
    answers: [{ key: 'a', text, modelId: writer, generationId: null, settings: null }],
    row: null,
  };
  const target = {
    kind: 'answer',
    modelName: said.model === other ? 'other' : 'writer',
    prompt: 0,
    sample: 0,
    settings: {},
  };
  return store(target, { ...shown, group: groupOf(shown) }, said);
}

function ofPrediction(text: string, predicted: readonly string[] | null, said: Said, pair: string | null = null) {
  const shown = { prompt: null, text, answers: [], row: null };
  const target = {
    kind: 'prediction',
    modelName: 'writer',
    task: 'topic',
    pair,
    labels: predicted,
    shown: null,
    probability: null,
  };
  return store(target, { ...shown, group: groupOf(shown) }, said);
}

interface Queued {
  readonly id?: string;
  readonly problems?: readonly { readonly path: string[]; readonly code: string; readonly message: string }[];
}

async function create(input: Record<string, unknown>): Promise<Queued> {
  const { createDatasetFromRecordedFeedback: queued } = await room.api.request<{
    createDatasetFromRecordedFeedback: Queued;
  }>(
    `mutation ($input: CreateDatasetFromRecordedFeedbackInput!) { createDatasetFromRecordedFeedback(input: $input) {
       ... on Preparation { id } ... on Problems { problems { path code message } } } }`,
    { input: { name: `version ${randomUUID()}`, policy: { majority: {} }, ...input } },
  );
  return queued;
}

async function make(input: Record<string, unknown>) {
  const { id, problems } = await create(input);
  expect(problems).toBeUndefined();
  const changes = room.api.connect().iterate<{
    preparationChanged: { status: string; problems: unknown[]; datasetVersion: { id: string } | null };
  }>({
    query: `subscription ($id: ID!) { preparationChanged(preparationId: $id) { status problems { message } datasetVersion { id } } }`,
    variables: { id },
  });
  let last: { status: string; problems: unknown[]; datasetVersion: { id: string } | null } | null = null;
  for await (const { data } of changes) last = data?.preparationChanged ?? last;
  expect(last).toMatchObject({ status: 'SUCCEEDED', problems: [] });
  const version = last!.datasetVersion!.id;
  const [row] = await room.api.dataSource.query('SELECT digest, roles FROM dataset_versions WHERE id = $1', [
    parseGlobalId(version)!.uuid,
  ]);
  const roles = Object.fromEntries(
    row.roles.map(({ column, role }: { column: string; role: string }) => [column, role]),
  );
  return { id: version, digest: row.digest as string, roles, rows: await room.rowsOf({ id: version }) };
}

test('thumbs become rows as KTO takes them: each person counts once, and models, records and figures are told', async () => {
  await ofAnswer('p', 'good', { question: thumbs, value: thumb(false), subject: 'ann' });
  // She changed her mind.
  const newest = await ofAnswer('p', 'good', { question: thumbs, value: thumb(true, 'Clear.'), subject: 'ann' });
  await ofAnswer('p', 'bad', { question: thumbs, value: thumb(false, 'Wrong.'), subject: 'ann', model: other });
  await ofAnswer('q', 'so so', { question: thumbs, value: thumb(true), subject: 'ann' });
  await ofAnswer('q', 'so so', { question: thumbs, value: thumb(false) });
  const input = { form: 'THUMBS', models: [ids.baseModel(writer), ids.baseModel(other)], subjects: null };
  const made = await make(input);
  expect(made.roles).toMatchObject({ prompt: 'PROMPT', completion: 'COMPLETION', label: 'LABEL', group: 'GROUP' });
  const byText = Object.fromEntries(made.rows.map((row) => [row.completion, row]));
  expect(Object.keys(byText).sort()).toEqual(['bad', 'good']);
  expect(byText.good).toMatchObject({ prompt: 'p', label: true, reason: 'Clear.', answerCount: 1 });
  expect(byText.good!.recordedFeedback).toBe(globalId('RecordedFeedback', newest));
  expect(byText.bad).toMatchObject({ prompt: 'p', label: false, reason: 'Wrong.' });
  // Both answers are to one prompt, and in one split.
  expect(byText.good!.split).toBe(byText.bad!.split);
  expect((await make(input)).digest).toBe(made.digest);
  const audited = await room.api.dataSource.query(
    `SELECT outcome, target_type AS type FROM audit_log WHERE action = 'createDatasetFromRecordedFeedback'`,
  );
  expect(audited).toEqual([
    { outcome: 'DONE', type: 'Preparation' },
    { outcome: 'DONE', type: 'Preparation' },
  ]);
  const { node } = await room.api.request<{ node: { sources: unknown[] } }>(
    `query ($id: ID!) { node(id: $id) { ... on DatasetVersion { sources { feedback {
       tasks { name } figures { items kept rows leftOut { reason count } }
       recorded { form records people from until models { name records model { name } } } } } } } }`,
    { id: made.id },
  );
  expect(node.sources).toEqual([
    {
      feedback: {
        tasks: [],
        figures: { items: 3, kept: 2, rows: 2, leftOut: [{ reason: 'TIED', count: 1 }] },
        recorded: {
          form: 'THUMBS',
          records: 5,
          people: 2,
          from: '2026-01-01T00:00:00.000Z',
          until: '2026-01-01T00:04:00.000Z',
          models: [
            { name: 'writer', records: 4, model: { name: 'writer' } },
            { name: 'other', records: 1, model: { name: 'other' } },
          ],
        },
      },
    },
  ]);
  const back = await room.api.request<{ node: { recordedFeedbackVersions: { nodes: { id: string }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on BaseModel { recordedFeedbackVersions { nodes { id } } } } }',
    { id: ids.baseModel(other) },
  );
  expect(back.node.recordedFeedbackVersions.nodes.map(({ id }) => id)).toContain(made.id);
});

test('better answers become pairs, or what to write, of conversations as messages', async () => {
  const model = await insertBaseModel(room.api.dataSource, room.api.projectId, { name: 'corrected' });
  const better = (text: string): Said => ({ question: correction, value: { kind: 'correction', text }, model });
  await ofAnswer('p', 'short', better('longer and better'));
  await ofAnswer([{ role: 'user', content: 'Why?' }], 'No.', better('Because.'));
  const models = [ids.baseModel(model)];
  const pairs = await make({ form: 'BETTER_ANSWERS', models });
  expect(pairs.roles).toMatchObject({ prompt: 'PROMPT', chosen: 'CHOSEN', rejected: 'REJECTED' });
  const user = (content: string) => [{ role: 'user', content }];
  const assistant = (content: string) => [{ role: 'assistant', content }];
  expect(pairs.rows.map(({ prompt, chosen, rejected }) => ({ prompt, chosen, rejected }))).toEqual(
    expect.arrayContaining([
      { prompt: user('p'), chosen: assistant('longer and better'), rejected: assistant('short') },
      { prompt: user('Why?'), chosen: assistant('Because.'), rejected: assistant('No.') },
    ]),
  );
  const shown = await make({ form: 'DEMONSTRATIONS', models });
  expect(shown.roles).toMatchObject({ messages: 'MESSAGES' });
  expect(shown.rows.map(({ messages }) => messages)).toEqual(
    expect.arrayContaining([[...user('Why?'), ...assistant('Because.')]]),
  );
});

test('corrected labels become labels, by majority, and thumbs confirm what was predicted if asked for', async () => {
  const model = await insertBaseModel(room.api.dataSource, room.api.projectId, { name: 'sorter' });
  const question: FeedbackQuestion = { kind: 'labels', classes: ['ham', 'spam'], several: false };
  const label = (name: string, subject: string): Said => ({
    question,
    value: { kind: 'labels', labels: [name] },
    subject,
    model,
  });
  await ofPrediction('Buy now', ['ham'], label('spam', 'ann'));
  await ofPrediction('Buy now', ['ham'], label('spam', 'bob'));
  await ofPrediction('Buy now', ['ham'], label('ham', 'cleo'));
  await ofPrediction('See you at 8', ['ham'], { question: thumbs, value: thumb(true), subject: 'ann', model });
  await ofPrediction('See you at 9', ['spam'], { question: thumbs, value: thumb(false), subject: 'ann', model });
  const input = { form: 'LABELS', models: [ids.baseModel(model)] };
  const corrected = await make(input);
  expect(corrected.roles).toMatchObject({ text: 'TEXT', label: 'LABEL' });
  expect(corrected.rows).toMatchObject([{ text: 'Buy now', label: 'spam', answerCount: 3, agreement: 2 / 3 }]);
  const confirmed = await make({ ...input, confirmed: true });
  expect(confirmed.rows.map(({ text, label: name }) => [text, name]).sort()).toEqual([
    ['Buy now', 'spam'],
    ['See you at 8', 'ham'],
  ]);
});

test('scores become numbers of one scale, and several scales are refused', async () => {
  const model = await insertBaseModel(room.api.dataSource, room.api.projectId, { name: 'scored' });
  const score = (rating: number, subject: string, to = 5): Said => ({
    question: { kind: 'rating', from: 1, to, labels: [] },
    value: { kind: 'rating', rating },
    subject,
    model,
  });
  await ofAnswer('p', 'fine', score(2, 'ann'));
  await ofAnswer('p', 'fine', score(5, 'bob'));
  const input = { form: 'SCORES', models: [ids.baseModel(model)], policy: { scale: { statistic: 'MEAN' } } };
  const scored = await make(input);
  expect(scored.rows).toMatchObject([{ prompt: 'p', text: 'fine', rating: 3.5, answerCount: 2 }]);
  await ofAnswer('q', 'well', score(9, 'ann', 10));
  expect((await create(input)).problems).toMatchObject([{ path: ['models'], code: 'INVALID_VALUE' }]);
  const early = await create({ ...input, until: '2026-01-01T00:00:00Z' });
  expect(early.problems).toMatchObject([{ path: [], code: 'NO_ROWS_LEFT' }]);
});

test('what does not fit is refused with its place', async () => {
  const stranger = await insertBaseModel(room.api.dataSource, room.api.projectId, { name: 'unjudged' });
  const of = async (input: Record<string, unknown>) =>
    (await create({ form: 'THUMBS', ...input })).problems?.map(({ path, code }) => `${code} ${path.join('.')}`);
  expect(await of({ models: [globalId('BaseModel', randomUUID())] })).toEqual(['NOT_FOUND models.0']);
  expect(await of({ models: [ids.baseModel(stranger)] })).toEqual(['NO_ROWS_LEFT ']);
  expect(await of({ policy: { posterior: {} } })).toEqual(['INVALID_VALUE policy.posterior']);
  expect(await of({ confirmed: true })).toEqual(['INVALID_VALUE confirmed']);
  expect(await of({ policy: { scale: {} } })).toEqual(['INVALID_VALUE policy.scale']);
  expect(await of({ leastAnswers: 3 })).toEqual(['NO_ROWS_LEFT policy']);
});
