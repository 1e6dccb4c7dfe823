import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { evaluated, finishRun } from '../../support/every-kind.js';
import { addFeedbackItems, claimItem, createFeedbackTask, submitFeedback } from '../../support/feedback.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { ids, insertBaseModel } from '../../support/rows.js';
import { createTestExperiment } from '../../support/runs.js';

/** From data to what people think of what was learnt from it, to data again: each object leads to the next and back. */

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room[Symbol.asyncDispose]());

interface Prepared {
  readonly id: string;
  readonly status: string;
  readonly datasetVersion: { readonly id: string } | null;
  readonly problems: readonly { readonly message: string }[];
}

async function datasetOf(input: Record<string, unknown>): Promise<string> {
  const { createDatasetFromFeedback: queued } = await room.api.request<{ createDatasetFromFeedback: Prepared }>(
    /* GraphQL */ `mutation ($input: CreateDatasetFromFeedbackInput!) { createDatasetFromFeedback(input: $input) {
      ... on Preparation { id } ... on Problems { problems { path code message } } } }`,
    { input },
  );
  const changes = room.api.connect().iterate<{ preparationChanged: Prepared }>({
    query: `subscription ($id: ID!) { preparationChanged(preparationId: $id) {
      status problems { message } datasetVersion { id } } }`,
    variables: { id: queued.id },
  });
  let last: Prepared | null = null;
  for await (const { data } of changes) last = data?.preparationChanged ?? last;
  expect(last).toMatchObject({ status: 'SUCCEEDED', problems: [] });
  return last!.datasetVersion!.id;
}

test('an upload leads around to a version of what people said, and that back to the upload', async () => {
  const { api } = room;
  const lines = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? `Can I log in ${i}?,login` : `Why ${i}?,billing`));
  const uploadId = await room.upload(`text,label\n${lines.join('\n')}\n`);
  const first = await room.prepare({ sources: [{ upload: { uploadId } }] });
  const base = await insertBaseModel(api.dataSource, api.projectId, { name: 'a base' });
  const versionRow = parseGlobalId(first.id)!.uuid;
  const experiment = await createTestExperiment(api, { name: 'learns', baseModel: base, version: versionRow });
  await finishRun(api.dataSource, experiment.runId);
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['billing', 'login'] }];
  const learnt = { name: 'learnt', producedByRunId: experiment.runId, heads };
  const model = await insertBaseModel(api.dataSource, api.projectId, learnt);
  await evaluated(api, model, versionRow);
  const task = await createFeedbackTask(api, { name: 'better?', question: { pairwise: { strengths: 1 } } });
  await addFeedbackItems(api, task, [
    {
      prompt: { text: 'Can I log in?' },
      answers: [
        { key: 'a', text: 'yes', modelId: ids.baseModel(model) },
        { key: 'b', text: 'no' },
      ],
      row: { datasetVersionId: first.id, row: 0 },
    },
  ]);
  const { claim } = await claimItem(api, task);
  await submitFeedback(api, claim!.id, { pairwise: { preferred: 'a' } });
  const second = await datasetOf({ taskIds: [task], name: 'preferences', policy: { majority: {} } });

  const forward = await api.request<object>(
    /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetVersion {
      sources { uploadId }
      feedbackTasks(first: 1) { nodes { name } }
      usedBy(first: 1) { nodes { name baseModel { name } } } } } }`,
    { id: first.id },
  );
  expect(forward).toEqual({
    node: {
      sources: [{ uploadId }],
      feedbackTasks: { nodes: [{ name: 'better?' }] },
      usedBy: { nodes: [{ name: 'learns', baseModel: { name: 'a base' } }] },
    },
  });
  const around = await api.request<object>(
    /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on BaseModel {
      producedBy { name datasetVersion { id } }
      evaluations(first: 1) { nodes { datasetVersion { id } } }
      feedbackTasks(first: 1) { nodes { id datasetVersions(first: 1) { nodes { id } } } } } } }`,
    { id: ids.baseModel(model) },
  );
  expect(around).toEqual({
    node: {
      producedBy: { name: 'learns', datasetVersion: { id: first.id } },
      evaluations: { nodes: [{ datasetVersion: { id: first.id } }] },
      feedbackTasks: { nodes: [{ id: task, datasetVersions: { nodes: [{ id: second }] } }] },
    },
  });
  const back = await api.request<object>(
    /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetVersion { sources { uploadId feedback {
      policy { ... on MajorityPolicy { ties } } leastAnswers figures { items kept rows leftOut { reason count } }
      tasks { name seq peopleCount people { answers user { name } } task { id items(first: 1) { nodes {
        row datasetVersion { sources { uploadId } } answers { key model { name producedBy { name } } } } } } } } } } } }`,
    { id: second },
  );
  expect(back).toEqual({
    node: {
      sources: [
        {
          uploadId: null,
          feedback: {
            policy: { ties: 'DROP' },
            leastAnswers: 1,
            figures: { items: 1, kept: 1, rows: 1, leftOut: [] },
            tasks: [
              {
                name: 'better?',
                seq: expect.any(Number),
                peopleCount: 1,
                people: [{ answers: 1, user: { name: expect.any(String) } }],
                task: {
                  id: task,
                  items: {
                    nodes: [
                      {
                        row: 0,
                        datasetVersion: { sources: [{ uploadId }] },
                        answers: [
                          { key: 'a', model: { name: 'learnt', producedBy: { name: 'learns' } } },
                          { key: 'b', model: null },
                        ],
                      },
                    ],
                  },
                },
              },
            ],
          },
        },
      ],
    },
  });
  // How many people answered everybody who reads the version may know, and who they are those who may train.
  const reader = await insertUser(api.dataSource, 'reads', { roles: { [api.projectId]: 'ANNOTATOR' } });
  const { secret: key } = await insertKey(api.dataSource, reader, {});
  const seen = await api.send<object>(
    `query ($id: ID!) { node(id: $id) { ... on DatasetVersion { sources { feedback { tasks {
      peopleCount people { answers } } } } } } }`,
    { id: second },
    key,
  );
  const tasks = [{ peopleCount: 1, people: null }];
  expect(seen.body).toEqual({ data: { node: { sources: [{ feedback: { tasks } }] } } });
  // And a row of it leads to its item.
  const [row] = await room.rowsOf({ id: second });
  const item = await api.request<object>(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackItem { task { id } answerCount } } }`,
    { id: row!.feedbackItem },
  );
  expect(item).toEqual({ node: { task: { id: task }, answerCount: 1 } });
});

test('what several people said is a row for each of them by default, and the version tells who they are', async () => {
  const { api } = room;
  const task = await createFeedbackTask(api, {
    name: 'what is it?',
    question: { labels: { classes: ['billing', 'login'] } },
    overlap: { atLeast: 3, atMost: 3 },
  });
  await addFeedbackItems(api, task, [{ text: 'Can I log in?' }, { text: 'Where is my bill?' }]);
  const names = ['ann', 'bob', 'cleo'];
  for (const [place, name] of names.entries()) {
    const user = await insertUser(api.dataSource, name, { roles: { [api.projectId]: 'ANNOTATOR' } });
    const { secret: key } = await insertKey(api.dataSource, user, {});
    // Cleo answers one of them, and is the only one to say `billing` of it.
    for (let i = 0; i < (name === 'cleo' ? 1 : 2); i++) {
      const label = place === 2 ? 'billing' : 'login';
      await submitFeedback(api, (await claimItem(api, task, key)).claim!.id, { labels: { labels: [label] } }, '', key);
    }
  }
  const version = await datasetOf({ taskIds: [task], name: 'votes', policy: { allVotes: {} } });
  const rows = await room.rowsOf({ id: version });
  expect(rows.map(({ label }) => label).sort()).toEqual(['billing', 'login', 'login', 'login', 'login']);
  expect(rows.some((row) => 'weight' in row)).toBe(false);
  const read = async () => {
    const { node } = await api.request<{ node: { sources: { feedback: { tasks: object[] } }[] } }>(
      `query ($id: ID!) { node(id: $id) { ... on DatasetVersion { sources { feedback { tasks {
        peopleCount people { answers user { name } } } } } } } }`,
      { id: version },
    );
    return node.sources[0]!.feedback.tasks[0] as {
      peopleCount: number;
      people: { answers: number; user: { name: string } }[];
    };
  };
  const { peopleCount, people } = await read();
  expect(peopleCount).toBe(3);
  expect(people.map(({ answers, user }) => `${user.name} ${answers}`).sort()).toEqual(['ann 2', 'bob 2', 'cleo 1']);
  expect(people.at(-1)!.user.name).toBe('cleo');
  // Of more than a hundred, those with most answers are told.
  for (let i = 0; i < 98; i++) {
    await api.dataSource.query(
      `INSERT INTO dataset_version_people (dataset_version_id, position, place, user_id, answer_count)
       SELECT dataset_version_id, position, place, $2, 3 FROM dataset_version_feedback WHERE dataset_version_id = $1`,
      [parseGlobalId(version)!.uuid, await insertUser(api.dataSource, `person ${i}`)],
    );
  }
  const shown = (await read()).people.map(({ user }) => user.name);
  expect(shown).toHaveLength(100);
  expect(shown.slice(-2).sort()).toEqual(['ann', 'bob']);
}, 30_000);

test('what is wrong with the input is told at once', async () => {
  const { api } = room;
  const task = await createFeedbackTask(api, { name: 'none', question: { thumbs: {} } });
  const problemsOf = async (input: Record<string, unknown>) => {
    const { createDatasetFromFeedback: answer } = await api.request<{
      createDatasetFromFeedback: { problems: { path: string[]; code: string }[] };
    }>(
      /* GraphQL */ `mutation ($input: CreateDatasetFromFeedbackInput!) { createDatasetFromFeedback(input: $input) {
        ... on Problems { problems { path code } } } }`,
      { input },
    );
    return answer.problems.map(({ path, code }) => `${path.join('.')} ${code}`);
  };
  const wrong = {
    taskIds: [task, 'nonsense'],
    leastAgreement: 2,
    leastAnswers: 0,
    policy: { posterior: { atLeast: -1 } },
  };
  expect(await problemsOf(wrong)).toEqual([
    'name REQUIRED',
    'taskIds.1 NOT_FOUND',
    'leastAgreement INVALID_VALUE',
    'policy.posterior.atLeast INVALID_VALUE',
    'leastAnswers INVALID_VALUE',
  ]);
  expect(await problemsOf({ taskIds: [task], name: 'x', policy: { majority: {} } })).toEqual(['taskIds NO_ROWS_LEFT']);
});

test('files of answers are for those who may train, and their task leads to them', async () => {
  const { api } = room;
  const task = await createFeedbackTask(api, { name: 'written', question: { thumbs: {} } });
  await addFeedbackItems(api, task, [{ text: 'good?' }]);
  await submitFeedback(api, (await claimItem(api, task)).claim!.id, { thumbs: { up: true } });
  const { exportFeedback } = await api.request<{ exportFeedback: { id: string } }>(
    'mutation ($input: ExportFeedbackInput!) { exportFeedback(input: $input) { ... on DatasetExport { id } } }',
    { input: { taskId: task, format: 'CSV' } },
  );
  const changes = api.connect().iterate({
    query: 'subscription ($id: ID!) { datasetExportChanged(datasetExportId: $id) { status } }',
    variables: { id: exportFeedback.id },
  });
  for await (const _ of changes);
  const { node } = await api.request<{ node: { exports: { nodes: { files: { url: string }[] }[] } } }>(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { exports(first: 1) { nodes {
      id feedbackTask { id } files { name url } } } } } }`,
    { id: task },
  );
  expect(node.exports.nodes).toMatchObject([
    { id: exportFeedback.id, feedbackTask: { id: task }, files: [{ name: 'written-answers.csv' }] },
  ]);
  const user = await insertUser(api.dataSource, 'annotates', { roles: { [api.projectId]: 'ANNOTATOR' } });
  const { secret: key } = await insertKey(api.dataSource, user, {});
  const query = `query ($id: ID!, $task: ID!) { node(id: $id) { ... on DatasetExport { status files { name } archiveLink { url } } }
    task: node(id: $task) { ... on FeedbackTask { exports(first: 1) { nodes { id } } } } }`;
  const { body } = await api.send<object>(query, { id: exportFeedback.id, task }, key);
  expect(body.data).toEqual({ node: { status: 'SUCCEEDED', files: [], archiveLink: null }, task: { exports: null } });
  const url = new URL(node.exports.nodes[0]!.files[0]!.url, api.url);
  const headers = { authorization: `Bearer ${key}` };
  expect((await fetch(url, { headers })).status).toBe(404);
});
