import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { type ApiWithData, problemsOf, type Refused, startApiWithData } from '../../support/head-data.js';

/** Experiments whose inputs leave columns to the roles of the dataset version. */

let data: ApiWithData;
let version: string;
beforeAll(async () => {
  data = await startApiWithData();
  version = await data.addData(
    Array.from({ length: 40 }, (_, i) => ({
      part: ['train', 'train', 'validation', 'test'][i % 4],
      body: `The ${i % 8 < 4 ? 'film' : 'meal'} of the day number ${i} was good`,
      second: `And the evening number ${i} was long`,
      words: ['good', `film ${i}`],
      tags: [i % 8 < 4 ? 'B-PER' : 'O', 'O'],
      topic: i % 8 < 4 ? 'film' : 'meal',
      topics: [i % 8 < 4 ? 'film' : 'meal'],
      score: i / 4,
      ref: `r${i}`,
    })),
  );
});
afterAll(() => data?.[Symbol.asyncDispose]());

const said = (column: string, role: string) => ({ column, role, source: 'SAID', reason: null });

async function giveRoles(...roles: readonly (readonly [string, string])[]): Promise<void> {
  await data.api.dataSource.query('UPDATE dataset_versions SET roles = $2 WHERE id = $1', [
    parseGlobalId(version)!.uuid,
    JSON.stringify(roles.map(([column, role]) => said(column, role))),
  ]);
}

const create = (method: object) => data.create({ datasetVersionId: version, method });

async function specOf(method: object) {
  const { id, problems } = await create(method);
  expect(problems).toBeUndefined();
  return data.specOf(id);
}

type Refusal = NonNullable<Refused['problems']>[number] & { readonly candidates: string[] };

interface Chosen {
  readonly path: string[];
  readonly column: string;
  readonly role: string;
  readonly source: string;
  readonly reason: string | null;
}

async function plan(method: object, more: object = {}) {
  const { planExperiment } = await data.api.request<{
    planExperiment: { chosenColumns: Chosen[]; problems?: Refusal[] };
  }>(
    `query ($input: CreateExperimentInput!) { planExperiment(input: $input) {
      ... on ExperimentPlan { chosenColumns { path column role source reason } }
      ... on Problems { problems { path code message hint candidates } } } }`,
    { input: { name: 'plan', baseModelId: data.bert, datasetVersionId: version, method, ...more } },
  );
  return planExperiment;
}

test('without a column the guessed roles decide, and the version says why they were guessed', async () => {
  const guessed = await data.addData(
    Array.from({ length: 30 }, (_, i) => ({
      part: ['train', 'validation', 'test'][i % 3],
      text: `The parcel number ${i} did not arrive in time`,
      intent: i % 2 === 0 ? 'complaint' : 'question',
    })),
  );
  const { node } = await data.api.request<{ node: { roles: object[] } }>(
    'query ($id: ID!) { node(id: $id) { ... on DatasetVersion { roles { column role source reason } } } }',
    { id: guessed },
  );
  expect(node.roles).toEqual([
    { column: 'part', role: 'SLICE', source: 'GUESSED', reason: 'it has few different values' },
    { column: 'text', role: 'TEXT', source: 'GUESSED', reason: 'its values are the only texts' },
    { column: 'intent', role: 'LABEL', source: 'GUESSED', reason: 'its name says so' },
  ]);
  const { id } = await data.create({ datasetVersionId: guessed, method: { supervised: {} } });
  expect(await data.specOf(id)).toMatchObject({
    textColumn: 'text',
    pairColumn: null,
    head: { kind: 'classification', labelColumn: 'intent', labels: ['complaint', 'question'] },
  });
});

describe('one head', () => {
  test.each([
    ['LABEL', 'topic', { kind: 'classification', labelColumn: 'topic' }, ['labelColumn']],
    ['LABELS', 'topics', { kind: 'multiLabel', labelColumn: 'topics' }, ['head', 'multiLabel', 'labelColumn']],
    ['NUMBER', 'score', { kind: 'regression', targetColumns: ['score'] }, ['head', 'regression', 'targetColumns']],
    [
      'TAGS',
      'tags',
      { kind: 'tokenClassification', tagColumn: 'tags', scheme: 'iob2' },
      ['head', 'tokenClassification', 'tagColumn'],
    ],
  ])('the role %s says what is predicted', async (role, column, head, field) => {
    await giveRoles(['words', 'TOKENS'], [column, role], ['ref', 'IGNORE']);
    expect(await specOf({ supervised: {} })).toMatchObject({ textColumn: 'words', head });
    expect((await plan({ supervised: {} })).chosenColumns).toEqual([
      { path: ['method', 'supervised', 'textColumn'], ...said('words', 'TOKENS') },
      { path: ['method', 'supervised', ...field], ...said(column, role) },
    ]);
  });

  test('a head of one kind takes the column of its role, whatever else there is to learn', async () => {
    await giveRoles(['body', 'TEXT'], ['topic', 'LABEL'], ['topics', 'LABELS'], ['score', 'NUMBER']);
    expect(await specOf({ supervised: { head: { multiLabel: {} } } })).toMatchObject({
      head: { kind: 'multiLabel', labelColumn: 'topics' },
    });
    const weights = { classWeights: { kind: 'BALANCED' } };
    expect(await specOf({ supervised: { head: { classification: weights } } })).toMatchObject({
      textColumn: 'body',
      head: { kind: 'classification', labelColumn: 'topic', classWeights: { kind: 'balanced' } },
    });
  });

  test('tagging prefers words, other heads texts', async () => {
    await giveRoles(['body', 'TEXT'], ['words', 'TOKENS'], ['tags', 'TAGS'], ['topic', 'LABEL']);
    expect(await specOf({ supervised: { head: { tokenClassification: {} } } })).toMatchObject({ textColumn: 'words' });
    expect(await specOf({ supervised: { head: { classification: {} } } })).toMatchObject({ textColumn: 'body' });
  });

  test('a named column has no other use', async () => {
    await giveRoles(['body', 'TEXT'], ['second', 'TEXT'], ['topic', 'LABEL'], ['score', 'NUMBER']);
    const spec = await specOf({ supervised: { textPairColumn: 'second', labelColumn: 'topic' } });
    expect(spec).toMatchObject({ textColumn: 'body', pairColumn: 'second', head: { labelColumn: 'topic' } });
  });
});

describe('pairs', () => {
  test('are read where the roles say both columns; null asks for single texts, and so does a named column', async () => {
    await giveRoles(['body', 'TEXT'], ['second', 'SECOND_TEXT'], ['topic', 'LABEL']);
    expect(await specOf({ supervised: {} })).toMatchObject({ textColumn: 'body', pairColumn: 'second' });
    expect(await specOf({ supervised: { textPairColumn: null } })).toMatchObject({ pairColumn: null });
    expect(await specOf({ supervised: { textColumn: 'body' } })).toMatchObject({ pairColumn: null });
    await giveRoles(['words', 'TOKENS'], ['second', 'SECOND_TEXT'], ['tags', 'TAGS']);
    expect(await specOf({ supervised: {} })).toMatchObject({ textColumn: 'words', pairColumn: null });
  });

  test('that a model can not read are a problem that says where the column is from', async () => {
    await giveRoles(['body', 'TEXT'], ['second', 'SECOND_TEXT'], ['topic', 'LABEL']);
    const { problems } = await plan({ supervised: {} }, { baseModelId: data.useLite });
    expect(problemsOf({ problems: problems! })).toEqual([['method.supervised.textPairColumn', 'INVALID_VALUE']]);
    expect(problems![0]!.message).toContain('“second” was taken by its role SECOND_TEXT');
    expect(problems![0]!.hint).toContain('`textPairColumn: null`');
  });

  test('the same key with null in place of nothing is another request', async () => {
    await giveRoles(['body', 'TEXT'], ['second', 'SECOND_TEXT'], ['topic', 'LABEL']);
    const keyed = (supervised: object) =>
      data.create({ datasetVersionId: version, method: { supervised }, idempotencyKey: 'pairs' });
    const { id } = await keyed({});
    expect((await keyed({})).id).toBe(id);
    expect(problemsOf(await keyed({ textPairColumn: null }))).toEqual([['idempotencyKey', 'IDEMPOTENCY_KEY_REUSED']]);
  });
});

describe('several tasks', () => {
  test('have the columns of their names, or are those that there are to learn', async () => {
    await giveRoles(['body', 'TEXT'], ['topic', 'LABEL'], ['score', 'NUMBER'], ['topics', 'LABELS']);
    const heads = [
      { name: 'topic', head: { kind: 'classification', labelColumn: 'topic' } },
      { name: 'score', head: { kind: 'regression', targetColumns: ['score'] } },
    ];
    const named = await specOf({ multiTask: { tasks: [{ name: 'topic' }, { name: 'score', weight: 2 }] } });
    expect(named).toMatchObject({ textColumn: 'body', tasks: [heads[0], { ...heads[1], weight: 2 }] });
    expect(await specOf({ multiTask: {} })).toMatchObject({
      tasks: [...heads, { name: 'topics', head: { kind: 'multiLabel', labelColumn: 'topics' } }],
    });
  });

  test('of other names need columns, and the others are checked all the same', async () => {
    await giveRoles(['body', 'TEXT'], ['topic', 'LABEL'], ['score', 'NUMBER']);
    const { problems } = await plan({
      multiTask: { tasks: [{ name: 'mood' }, { name: 'score', head: { classification: { labelColumn: 'nope' } } }] },
    });
    expect(problems!.map(({ path, code, candidates }) => [path.join('.'), code, candidates])).toEqual([
      ['method.multiTask.tasks.0.head', 'UNCLEAR_COLUMN', ['topic', 'score']],
      ['method.multiTask.tasks.1.head.classification.labelColumn', 'UNKNOWN_COLUMN', []],
    ]);
  });

  test('too few columns are no tasks', async () => {
    await giveRoles(['body', 'TEXT'], ['topic', 'LABEL']);
    expect(problemsOf(await create({ multiTask: {} }))).toEqual([['method.multiTask.tasks', 'REQUIRED']]);
  });
});

describe('what is not clear', () => {
  test('several columns of a role are candidates', async () => {
    await giveRoles(['body', 'TEXT'], ['second', 'TEXT'], ['topic', 'LABEL'], ['score', 'NUMBER']);
    const { problems } = await plan({ supervised: {} }, { trainSplit: 'nope' });
    expect(problems!.map(({ path, code, candidates }) => [path.join('.'), code, candidates])).toEqual([
      ['method.supervised.textColumn', 'UNCLEAR_COLUMN', ['body', 'second']],
      ['method.supervised.head', 'UNCLEAR_COLUMN', ['topic', 'score']],
      ['trainSplit', 'UNKNOWN_SPLIT', []],
    ]);
    expect(problems![1]!.message).toContain('topic (LABEL), score (NUMBER)');
  });

  test('a column of no role has to be named, also in versions without roles', async () => {
    await giveRoles(['ref', 'IGNORE']);
    const method = { supervised: { head: { regression: {} } } };
    const refused = await plan(method);
    expect(problemsOf({ problems: refused.problems! })).toEqual([
      ['method.supervised.textColumn', 'REQUIRED'],
      ['method.supervised.head.regression.targetColumns', 'REQUIRED'],
    ]);
    expect(refused.problems![0]!.hint).toContain('ref (IGNORE)');
    await giveRoles();
    expect((await plan(method)).problems![0]!.hint).toContain('older than roles');
  });

  test('a column that another field names is not offered for this one', async () => {
    await giveRoles(['body', 'TEXT'], ['topic', 'LABEL']);
    const method = { supervised: { textColumn: 'body', labelColumn: 'topic', head: null } };
    const named = (head: object) => plan({ supervised: { ...method.supervised, labelColumn: null, head } });
    const [missing] = (await named({ regression: {} })).problems!;
    expect(missing).toMatchObject({ code: 'REQUIRED', hint: 'Name the column. Roles are: topic (LABEL).' });
    const [text] = (await plan({ supervised: { labelColumn: 'body' } })).problems!;
    expect(text).toMatchObject({
      path: ['method', 'supervised', 'textColumn'],
      message: 'The input does not name the column of the texts, and no other column has the role TEXT or TOKENS.',
      hint: 'Name the column. Roles are: topic (LABEL).',
    });
  });

  test('a role that does not fit the values is told with the column that it chose', async () => {
    await giveRoles(['body', 'TEXT'], ['topic', 'LABELS']);
    const { problems } = await plan({ supervised: {} });
    expect(problemsOf({ problems: problems! })).toEqual([
      ['method.supervised.head.multiLabel.labelColumn', 'WRONG_COLUMN_TYPE'],
    ]);
    expect(problems![0]!.message).toContain('“topic” was taken by its role LABELS');
  });
});

test('a clone keeps the columns of its source, whatever the roles say by now', async () => {
  await giveRoles(['body', 'TEXT'], ['topic', 'LABEL']);
  const { id } = await create({ supervised: {} });
  await giveRoles(['second', 'TEXT'], ['topics', 'LABELS']);
  const { cloneExperiment } = await data.api.request<{ cloneExperiment: { id: string } }>(
    `mutation ($input: CloneExperimentInput!) { cloneExperiment(input: $input) { ... on Experiment { id } } }`,
    { input: { experimentId: id } },
  );
  expect(await data.specOf(cloneExperiment.id)).toEqual(await data.specOf(id));
});
