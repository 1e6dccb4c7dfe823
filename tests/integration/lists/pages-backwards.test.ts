import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertExperiments, insertPlace, type ListedExperiment } from '../../support/listed-rows.js';
import { ids, insertDataset } from '../../support/rows.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const place = await insertPlace(api, 'backwards');
  // Equal values, none at all, and NaN: each part of a cursor counts.
  const f1 = [0.5, 0.5, null, 'NaN', 0.25, null, 0.75];
  await insertExperiments(
    api.dataSource,
    place,
    f1.map(
      (value, i): ListedExperiment => ({
        name: `run ${i}`,
        createdAt: '2026-01-01T00:00:00.000001Z',
        startedAt: null,
        finishedAt: null,
        priority: 0,
        metrics: value === null ? {} : { 'validation/f1': value },
      }),
    ),
  );
});
afterAll(() => api?.close());

interface Page {
  nodes: { id: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

async function page(variables: Record<string, unknown>): Promise<Page> {
  const { project } = await api.request<{ project: { experiments: Page } }>(
    /* GraphQL */ `query ($orderBy: ExperimentOrder, $first: Int! = 20, $after: String, $last: Int, $before: String) {
      project { experiments(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
        nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
    variables,
  );
  return project.experiments;
}
const idsOf = ({ nodes }: Page): string[] => nodes.map(({ id }) => id);

test.each([
  { field: 'CREATED', direction: 'DESC' },
  { field: 'NAME', direction: 'ASC' },
  { metric: 'validation/f1', direction: 'DESC' },
  { metric: 'validation/f1', direction: 'ASC' },
])('from the end of %j, page by page, are the same rows in the same order', async (orderBy) => {
  const all = idsOf(await page({ orderBy, first: 100 }));
  expect(all).toHaveLength(7);
  const pages: string[][] = [];
  let before: string | null = null;
  do {
    const found: Page = await page({ orderBy, last: 3, before });
    expect(found.pageInfo.hasNextPage).toBe(before !== null);
    pages.unshift(idsOf(found));
    before = found.pageInfo.hasPreviousPage ? found.pageInfo.startCursor : null;
  } while (before !== null);
  expect(pages.map(({ length }) => length)).toEqual([1, 3, 3]);
  expect(pages.flat()).toEqual(all);
});

test('back from a page that was reached forwards, with `first` as the size', async () => {
  const first = await page({ first: 3 });
  const second = await page({ first: 3, after: first.pageInfo.endCursor });
  const back = await page({ first: 3, before: second.pageInfo.startCursor });
  expect(idsOf(back)).toEqual(idsOf(first));
  expect(back.pageInfo).toEqual({ ...first.pageInfo, hasNextPage: true, hasPreviousPage: false });
});

test.each([
  [{ after: 'x', before: 'y' }, '`after` goes on from a cursor, `last` and `before` go back: send either.'],
  [{ after: 'x', last: 2 }, '`after` goes on from a cursor, `last` and `before` go back: send either.'],
  [{ last: 0 }, '`last` must be from 1 to 100.'],
  [{ last: 101 }, '`last` must be from 1 to 100.'],
  [{ before: 'x' }, '`before` is not a cursor of this list.'],
])('%j is refused', async (args, message) => {
  const { body } = await api.send(
    /* GraphQL */ `query ($after: String, $last: Int, $before: String) {
      project { experiments(after: $after, last: $last, before: $before) { nodes { id } } } }`,
    args,
  );
  expect(body.errors).toEqual([expect.objectContaining({ message, extensions: expect.anything() })]);
  expect(body.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
});

test('a page from the end costs what it may return', async () => {
  const { body } = await api.send(
    '{ project { experiments(first: 1, last: 100) { nodes { evaluations(last: 100) { nodes { id } } } } } }',
  );
  expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'OPERATION_TOO_COSTLY', measure: 'complexity' });
});

test('examples of a version go back too, of one split and of all', async () => {
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'rows' });
  const rows = async (args: string) => {
    const { node } = await api.request<{ node: { examples: { nodes: { row: number }[]; pageInfo: unknown } } }>(
      `query ($id: ID!) { node(id: $id) { ... on DatasetVersion { examples(${args}) {
         nodes { row } pageInfo { hasPreviousPage hasNextPage startCursor } } } } }`,
      { id: ids.version(versionIds[0]!) },
    );
    return { rows: node.examples.nodes.map(({ row }) => row), ...(node.examples.pageInfo as { startCursor: string }) };
  };
  const end = await rows('last: 2');
  expect(end).toMatchObject({ rows: [98, 99], hasPreviousPage: true, hasNextPage: false });
  expect(await rows(`last: 3, before: "${end.startCursor}"`)).toMatchObject({
    rows: [95, 96, 97],
    hasPreviousPage: true,
    hasNextPage: true,
  });
  expect(await rows('last: 2, split: "train"')).toMatchObject({ rows: [78, 79], hasPreviousPage: true });
});
