import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset } from '../../support/rows.js';
import { createTestExperiment, enter, type TestExperiment } from '../../support/runs.js';

interface Problem {
  readonly path: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}
interface Organized {
  readonly name: string;
  readonly tags: readonly string[];
  readonly notes: string;
  readonly priority: number;
  readonly archivedAt: string | null;
}
type Result = (Organized & { __typename: 'Experiment' }) | { __typename: 'Problems'; problems: readonly Problem[] };

const inputTypes = {
  updateExperiment: 'UpdateExperimentInput',
  archiveExperiment: 'ExperimentActionInput',
  unarchiveExperiment: 'ExperimentActionInput',
  setExperimentPriority: 'SetExperimentPriorityInput',
} as const;

let api: TestApi;
let baseModel: string;
let version: string;
beforeAll(async () => {
  api = await startTestApi();
  baseModel = await insertBaseModel(api.dataSource, api.projectId, { name: 'tiny' });
  version = (await insertDataset(api.dataSource, api.projectId, { name: 'mails' })).versionIds[0]!;
});
afterAll(() => api?.close());

const experiment = (name: string): Promise<TestExperiment> => createTestExperiment(api, { name, baseModel, version });

async function act(
  mutation: keyof typeof inputTypes,
  experimentId: string,
  input: Record<string, unknown> = {},
): Promise<Result> {
  const data = await api.request<Record<string, Result>>(
    /* GraphQL */ `mutation ($input: ${inputTypes[mutation]}!) {
      ${mutation}(input: $input) {
        __typename
        ... on Experiment { name tags notes priority archivedAt }
        ... on Problems { problems { path code message hint } }
      }
    }`,
    { input: { experimentId, ...input } },
  );
  return data[mutation]!;
}

async function problemsOf(result: Promise<Result>): Promise<readonly (readonly [string, string])[]> {
  const answer = await result;
  if (answer.__typename !== 'Problems') throw new Error('It was done.');
  return answer.problems.map(({ path, code }) => [path.join('.'), code]);
}

describe('updateExperiment', () => {
  test('changes what is given, and leaves the rest', async () => {
    const { id } = await experiment('first name');
    expect(
      await act('updateExperiment', id, { tags: [' spam ', 'baseline', 'spam'], notes: 'Line 1\n\tLine 2' }),
    ).toEqual({
      __typename: 'Experiment',
      name: 'first name',
      tags: ['spam', 'baseline'],
      notes: 'Line 1\n\tLine 2',
      priority: 0,
      archivedAt: null,
    });
    expect(await act('updateExperiment', id, { name: ' second name ' })).toMatchObject({
      name: 'second name',
      tags: ['spam', 'baseline'],
      notes: 'Line 1\n\tLine 2',
    });
    expect(await act('updateExperiment', id, { tags: null, notes: null })).toMatchObject({
      name: 'second name',
      tags: [],
      notes: '',
    });
  });

  test('adds and removes tags beside those that others add at the same time', async () => {
    const { id } = await experiment('shared');
    const names = Array.from({ length: 8 }, (_, i) => `tag ${i}`);
    await Promise.all(names.map((tag) => act('updateExperiment', id, { addTags: [tag] })));
    const result = await act('updateExperiment', id, {
      removeTags: ['tag 3', 'never there'],
      addTags: ['tag 0', 'last'],
    });
    if (result.__typename !== 'Experiment') throw new Error(JSON.stringify(result));
    expect(result.tags.toSorted()).toEqual(['last', ...names.filter((tag) => tag !== 'tag 3')]);
    expect(result.tags.at(-1)).toBe('last');
  });

  test('a letter and its accent are the same tag as the accented letter', async () => {
    const { id } = await experiment('accents');
    expect(await act('updateExperiment', id, { tags: ['e\u0301t\u00e9', '\u00e9t\u00e9'] })).toMatchObject({
      tags: ['\u00e9t\u00e9'],
    });
  });

  test('what breaks a rule is refused with its place, all at once, and nothing is changed', async () => {
    const { id } = await experiment('strict');
    expect(
      await problemsOf(
        act('updateExperiment', id, {
          name: ' ',
          tags: ['good', '', 'x'.repeat(65), 'two\nlines'],
          addTags: ['\u0007'],
          notes: 'x'.repeat(20_001),
        }),
      ),
    ).toEqual([
      ['name', 'INVALID_VALUE'],
      ['tags.1', 'INVALID_VALUE'],
      ['tags.2', 'INVALID_VALUE'],
      ['tags.3', 'INVALID_VALUE'],
      ['addTags.0', 'INVALID_VALUE'],
      ['notes', 'TOO_LONG'],
    ]);
    expect(await problemsOf(act('updateExperiment', id, { notes: 'a\u0007b' }))).toEqual([['notes', 'INVALID_VALUE']]);
    expect(await act('updateExperiment', id)).toMatchObject({ name: 'strict', tags: [], notes: '' });
  });

  test('32 tags of 64 characters each fit, whatever the characters; a 33rd does not', async () => {
    const { id } = await experiment('full');
    const tags = Array.from({ length: 32 }, (_, i) => `${'🦉'.repeat(62)}${String(i).padStart(2, '0')}`);
    expect(await act('updateExperiment', id, { tags })).toMatchObject({ tags });
    expect(await problemsOf(act('updateExperiment', id, { addTags: ['one more'] }))).toEqual([['addTags', 'TOO_LONG']]);
    expect(await act('updateExperiment', id, { removeTags: [tags[0]], addTags: ['one more'] })).toMatchObject({
      tags: [...tags.slice(1), 'one more'],
    });
  });

  test('ids that name nothing', async () => {
    const none = 'RXhwZXJpbWVudDowMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA=';
    const actions = [
      act('updateExperiment', none, { name: 'x' }),
      act('archiveExperiment', none),
      act('unarchiveExperiment', none),
      act('setExperimentPriority', none, { priority: 1 }),
      act('archiveExperiment', ids.baseModel(baseModel)),
    ];
    for (const action of actions) expect(await problemsOf(action)).toEqual([['experimentId', 'NOT_FOUND']]);
  });
});

describe('the archive', () => {
  test('takes an experiment that has ended, keeps the first date, and gives it back', async () => {
    const { id, runId } = await experiment('old');
    await enter(api.dataSource, runId, 'CANCELED');
    const first = await act('archiveExperiment', id);
    if (first.__typename !== 'Experiment') throw new Error(JSON.stringify(first));
    expect(first.archivedAt).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
    expect(await act('archiveExperiment', id)).toMatchObject({ archivedAt: first.archivedAt });
    expect(await act('unarchiveExperiment', id)).toMatchObject({ archivedAt: null });
    expect(await act('unarchiveExperiment', id)).toMatchObject({ archivedAt: null });
  });

  test.each([['QUEUED'], ['PREPARING'], ['PAUSED']] as const)(
    'refuses one that is %s, and says what to do',
    async (status) => {
      const { id, runId } = await experiment(`still ${status}`);
      if (status !== 'QUEUED') await enter(api.dataSource, runId, status);
      expect(await act('archiveExperiment', id)).toMatchObject({
        problems: [{ path: ['experimentId'], code: 'CONFLICT', hint: expect.stringContaining('cancelExperiment') }],
      });
    },
  );
});

describe('setExperimentPriority', () => {
  const priorityOfJob = async (runId: string): Promise<number> =>
    (await api.dataSource.query('SELECT priority FROM jobs WHERE run_id = $1', [runId]))[0].priority;

  test('changes experiment and job at once; beyond 100 and of an ended run it is refused', async () => {
    const { id, runId } = await experiment('urgent');
    expect(await act('setExperimentPriority', id, { priority: 100 })).toMatchObject({ priority: 100 });
    expect(await priorityOfJob(runId)).toBe(100);
    expect(await problemsOf(act('setExperimentPriority', id, { priority: 101 }))).toEqual([
      ['priority', 'INVALID_VALUE'],
    ]);
    expect(await problemsOf(act('setExperimentPriority', id, { priority: -101 }))).toEqual([
      ['priority', 'INVALID_VALUE'],
    ]);
    await enter(api.dataSource, runId, 'CANCELED');
    expect(await problemsOf(act('setExperimentPriority', id, { priority: 1 }))).toEqual([['experimentId', 'CONFLICT']]);
    expect(await act('updateExperiment', id)).toMatchObject({ priority: 100 });
  });
});

test('createExperiment takes tags, notes and a priority, and refuses bad ones with all else that is wrong', async () => {
  const create = (input: Record<string, unknown>) =>
    api.request<{ createExperiment: Result }>(
      /* GraphQL */ `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) {
        __typename
        ... on Experiment { name tags notes priority archivedAt }
        ... on Problems { problems { path code message hint } } } }`,
      {
        input: {
          name: 'labelled',
          baseModelId: ids.baseModel(baseModel),
          datasetVersionId: ids.version(version),
          method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
          ...input,
        },
      },
    );
  expect((await create({ tags: ['a ', 'b'], notes: 'why', priority: -5 })).createExperiment).toMatchObject({
    tags: ['a', 'b'],
    notes: 'why',
    priority: -5,
  });
  const { createExperiment } = await create({ tags: ['\t'], priority: 200, trainSplit: 'tain' });
  expect(await problemsOf(Promise.resolve(createExperiment))).toEqual([
    ['tags.0', 'INVALID_VALUE'],
    ['priority', 'INVALID_VALUE'],
    ['trainSplit', 'UNKNOWN_SPLIT'],
  ]);
});

test('a project counts its tags, the most used first, archived or not', async () => {
  await using other = await startTestApi();
  const options = {
    baseModel: await insertBaseModel(other.dataSource, other.projectId, { name: 'tiny' }),
    version: (await insertDataset(other.dataSource, other.projectId, { name: 'mails' })).versionIds[0]!,
  };
  const tagged = async (name: string, tags: string[], isArchived: boolean) => {
    const { id, runId } = await createTestExperiment(other, { name, ...options });
    await other.dataSource.query(
      `UPDATE experiments SET tags = $2, archived_at = $3 WHERE id = (SELECT experiment_id FROM runs WHERE id = $1)`,
      [runId, tags, isArchived ? new Date() : null],
    );
    return id;
  };
  await tagged('1', ['b', 'a'], false);
  await tagged('2', ['a', 'c'], false);
  await tagged('3', ['c', 'd', 'a'], true);
  const { project } = await other.request<{ project: Record<string, unknown> }>(/* GraphQL */ `{
    project {
      all: experimentTags(includeArchived: true, archived: null) { tag experimentCount }
      byDefault: experimentTags { tag experimentCount }
      shown: experimentTags(archived: false) { tag experimentCount }
      hidden: experimentTags(archived: true, first: 2) { tag experimentCount }
    }
  }`);
  const counts = (...pairs: [string, number][]) => pairs.map(([tag, experimentCount]) => ({ tag, experimentCount }));
  expect(project).toEqual({
    all: counts(['a', 3], ['c', 2], ['b', 1], ['d', 1]),
    byDefault: counts(['a', 2], ['b', 1], ['c', 1]),
    shown: counts(['a', 2], ['b', 1], ['c', 1]),
    hidden: counts(['a', 1], ['c', 1]),
  });
  const { body } = await other.send('{ project { experimentTags(first: 1001) { tag } } }');
  expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});
