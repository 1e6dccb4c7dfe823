import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import {
  insertEvaluation,
  insertExperiments,
  insertPlace,
  type ListedExperiment,
  scoresOf,
} from '../../support/listed-rows.js';
import { ids, insertDataset } from '../../support/rows.js';
import { countStatements } from '../../support/statements.js';

let api: TestApi;
let place: Awaited<ReturnType<typeof insertPlace>>;
beforeAll(async () => {
  api = await startTestApi();
  place = await insertPlace(api, 'pages');
});
afterAll(() => api?.close());

async function clear(): Promise<void> {
  for (const table of ['run_metrics', 'runs', 'experiments']) await api.dataSource.query(`DELETE FROM ${table}`);
}

interface List {
  totalCount: number;
  nodes: { id: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** Ids in the order of all pages of `first`. */
async function readAll(list: 'experiments' | 'evaluations', orderBy: unknown, first: number): Promise<string[]> {
  const type = list === 'experiments' ? 'ExperimentOrder' : 'EvaluationOrder';
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { project }: { project: { list: List } } = await api.request(
      `query ($orderBy: ${type}, $first: Int, $after: String) { project {
        list: ${list}(orderBy: $orderBy, first: $first, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }`,
      { orderBy, first, after },
    );
    seen.push(...project.list.nodes.map(({ id }) => id));
    after = project.list.pageInfo.hasNextPage ? project.list.pageInfo.endCursor : null;
  } while (after !== null);
  return seen;
}

const moment = fc.constantFrom('2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:00.000002Z', '2026-01-02T00:00:00Z');
const experiment: fc.Arbitrary<ListedExperiment> = fc.record({
  name: fc.constantFrom('a', 'A', 'b', 'ä', '🎯', "'; DROP", ''),
  createdAt: moment,
  startedAt: fc.option(moment),
  finishedAt: fc.option(moment),
  priority: fc.constantFrom(-1, 0, 1),
  metrics: fc.record(
    {
      'validation/f1': fc.constantFrom<number | string>(
        0.1,
        0.3,
        1 / 3,
        1e-300,
        -0,
        0,
        -5,
        'NaN',
        'Infinity',
        '-Infinity',
      ),
    },
    { requiredKeys: [] },
  ),
});
const orders = [
  ...['CREATED', 'STARTED', 'FINISHED', 'DURATION', 'NAME', 'PRIORITY'].map((field) => ({ field })),
  { metric: 'validation/f1' },
  { metric: 'none' },
].flatMap((order) => ['ASC', 'DESC'].map((direction) => ({ ...order, direction })));

describe('every row is in exactly one page', () => {
  test('of experiments, in every order, whatever the rows and the size of a page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(experiment, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 5 }),
        async (rows, first) => {
          await clear();
          const made = await insertExperiments(api.dataSource, place, rows);
          const all = made.map(({ id }) => globalId('Experiment', id)).sort();
          for (const orderBy of orders) {
            const paged = await readAll('experiments', orderBy, first);
            expect(paged, JSON.stringify(orderBy)).toEqual(await readAll('experiments', orderBy, 100));
            expect([...paged].sort(), JSON.stringify(orderBy)).toEqual(all);
          }
        },
      ),
      { numRuns: 5 },
    );
  });

  test('of evaluations, by a score that some have and others share', async () => {
    const scores = [0.5, 0.5, null, 0.25, null, 0.5, 1 / 3];
    const made: string[] = [];
    for (const score of scores) {
      const id = await insertEvaluation(api.dataSource, {
        ...place,
        createdAt: '2026-01-01T00:00:00.000001Z',
        scores: score === null ? null : [scoresOf('label', score, 1, ['a', 'b'])],
      });
      made.push(globalId('Evaluation', id));
    }
    for (const direction of ['ASC', 'DESC']) {
      for (const orderBy of [
        { measure: 'MACRO_F1', direction },
        { field: 'FINISHED', direction },
      ]) {
        const paged = await readAll('evaluations', orderBy, 2);
        expect([...paged].sort()).toEqual([...made].sort());
        expect(paged).toEqual(await readAll('evaluations', orderBy, 100));
      }
    }
  });
});

describe('a cursor', () => {
  const query = /* GraphQL */ `query ($filter: ExperimentFilter, $orderBy: ExperimentOrder, $after: String) { project {
    experiments(filter: $filter, orderBy: $orderBy, after: $after, first: 1) { pageInfo { endCursor } } } }`;
  const cursorOf = async (variables: Record<string, unknown>): Promise<string> => {
    const { project } = await api.request<{ project: { experiments: List } }>(query, variables);
    return project.experiments.pageInfo.endCursor!;
  };
  const refusalOf = async (variables: Record<string, unknown>): Promise<unknown> => {
    const { body } = await api.send(query, variables);
    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    return body.errors?.[0]?.message;
  };
  beforeAll(async () => {
    await clear();
    await insertExperiments(api.dataSource, place, [{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
  });

  test('of another order is refused, and of another metric, and of the other direction', async () => {
    const another = '`after` is not a cursor of this list in this order: leave it out when `orderBy` changes.';
    const after = await cursorOf({ orderBy: { metric: 'a' } });
    for (const orderBy of [null, { metric: 'b' }, { metric: 'a', direction: 'ASC' }, { field: 'NAME' }]) {
      expect(await refusalOf({ after, orderBy })).toBe(another);
    }
    expect(await cursorOf({ after, orderBy: { metric: 'a', direction: 'DESC' } })).not.toBe(after);
  });

  test('of another filter is refused; of the same one in other words it is not', async () => {
    const another = '`after` is not a cursor of this list with this filter: leave it out when `filter` changes.';
    const after = await cursorOf({ filter: { status: ['QUEUED', 'FAILED'] } });
    for (const filter of [null, { status: ['QUEUED'] }, { status: ['QUEUED', 'FAILED'], text: 'a' }]) {
      expect(await refusalOf({ after, filter })).toBe(another);
    }
    expect(await cursorOf({ after, filter: { status: ['FAILED', 'QUEUED', 'FAILED'] } })).not.toBe(after);
  });

  test('of another list is refused, be it of the same rows in the same order', async () => {
    const [one, other] = [
      await insertDataset(api.dataSource, api.projectId, { name: 'one', versions: 2 }),
      await insertDataset(api.dataSource, api.projectId, { name: 'other', versions: 2 }),
    ];
    const types = { BaseModel: 'usedBy', DatasetVersion: 'usedBy', Dataset: 'versions' } as const;
    const read = async (type: keyof typeof types, id: string, after?: string) => {
      const list = `list: ${types[type]}(first: 1, after: $after) { pageInfo { endCursor } }`;
      const { body } = await api.send<{ node: { list: List } }>(
        `query ($id: ID!, $after: String) { node(id: $id) { ... on ${type} { ${list} } } }`,
        { id, after: after ?? null },
      );
      return body.errors?.[0]?.message ?? body.data!.node.list.pageInfo.endCursor!;
    };
    const no = '`after` is not a cursor of this list.';
    const ofVersions = await read('Dataset', ids.dataset(one.id));
    expect(await read('Dataset', ids.dataset(other.id), ofVersions)).toBe(no);
    const further = await read('Dataset', ids.dataset(one.id), ofVersions);
    expect([no, ofVersions]).not.toContain(further);
    const ofModel = await read('BaseModel', ids.baseModel(place.baseModelId));
    expect(await read('DatasetVersion', ids.version(place.datasetVersionId), ofModel)).toBe(no);
    expect(await refusalOf({ after: ofModel })).toBe(no);
    expect(await read('BaseModel', ids.baseModel(place.baseModelId), await cursorOf({}))).toBe(no);
  });

  test('of rows is refused in another version, and in another split', async () => {
    const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'rows', versions: 2 });
    const read = async (version: number, split: string | null, after: string | null = null) => {
      const { body } = await api.send<{ node: { examples: List } }>(
        `query ($id: ID!, $split: String, $after: String) { node(id: $id) { ... on DatasetVersion {
           examples(split: $split, first: 1, after: $after) { pageInfo { endCursor } } } } }`,
        { id: ids.version(versionIds[version]!), split, after },
      );
      return body.errors?.[0]?.message ?? body.data!.node.examples.pageInfo.endCursor!;
    };
    const after = await read(0, 'train');
    const no = 'The cursor is of another version or split.';
    expect(await read(1, 'train', after)).toBe(no);
    expect(await read(0, 'test', after)).toBe(no);
    expect(await read(0, null, after)).toBe(no);
    expect([no, after]).not.toContain(await read(0, 'train', after));
  });

  test.each([
    ['a day that is not', 0, '2026-02-31 00:00:00+00'],
    ['a year beyond', 0, '999999-01-01 00:00:00+00'],
    ['no moment', 0, 'now'],
    ['no id', 1, 'x'],
    ['an injection', 0, "2026-01-01 00:00:00+00'; DROP TABLE runs; --"],
  ])('forged with %s is refused', async (_, position, value) => {
    const values: unknown[] = JSON.parse(Buffer.from(await cursorOf({}), 'base64url').toString());
    values[3 + position] = value;
    const after = Buffer.from(JSON.stringify(values)).toString('base64url');
    expect(await refusalOf({ after })).toBe('`after` is not a cursor of this list.');
  });

  test('forged with numbers beyond their type is refused', async () => {
    const orderBy = { field: 'PRIORITY' };
    const values: unknown[] = JSON.parse(Buffer.from(await cursorOf({ orderBy }), 'base64url').toString());
    values[3] = 9_999_999_999;
    const after = Buffer.from(JSON.stringify(values)).toString('base64url');
    expect(await refusalOf({ orderBy, after })).toBe('`after` is not a cursor of this list.');
  });
});

test('the number of statements is the same with and without filter and order', async () => {
  const statements = (args: string) =>
    countStatements(api, () =>
      api.request(
        `{ project { name experiments(${args}) { totalCount nodes { baseModel { usedBy(${args}) { totalCount nodes { name } } } } } } }`,
      ),
    );
  // Project, experiments, their count, base models, their experiments, and the counts of those.
  expect(await statements('first: 10')).toBe(6);
  const [model, version] = [ids.baseModel(place.baseModelId), ids.version(place.datasetVersionId)];
  const all = `first: 10, orderBy: { metric: "validation/f1" }, filter: { status: [QUEUED], method: [SUPERVISED], label: "spam",
    baseModelId: ["${model}"], datasetVersionId: ["${version}"], createdAfter: "2020-01-01T00:00:00Z" }`;
  expect(await statements(all)).toBe(6);
});
