import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { datasetFiles, type Problem, problemFields, type Version, versionFields } from '../../support/dataset-files.js';
import { parquetOf } from '../../support/parquet.js';
import { startTestPlatform, type TestPlatform } from '../../support/platform.js';

let database: TestDatabase;
let platform: TestPlatform;
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await startTestPlatform({ databaseUrl: database.url, env: { ATTUNE_WORKERS: '1' } });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
});

const { versionOf } = datasetFiles(() => platform.client);

interface Split extends Omit<Version, 'examples'> {
  readonly digest: string;
  readonly number: number;
  readonly splits: readonly { readonly name: string; readonly exampleCount: number }[];
  readonly splitPlan: { readonly seed: number | null; readonly splitColumn: string | null };
  readonly examples: { readonly nodes: readonly { readonly split: string; readonly values: object }[] };
}
const fields = `${versionFields} digest number splits { name exampleCount } splitPlan { seed splitColumn }
  examples(first: 50) { nodes { split values } }`.replace('examples { nodes { values } }', '');

async function resplit(input: object): Promise<Split & { readonly problems?: readonly Problem[] }> {
  const data = await platform.client.request<{ resplitDatasetVersion: Split }>(
    `mutation ($input: ResplitDatasetVersionInput!) { resplitDatasetVersion(input: $input) {
       ... on DatasetVersion { ${fields} } ${problemFields} } }`,
    { input },
  );
  return data.resplitDatasetVersion;
}

async function whole(id: string): Promise<Split> {
  const data = await platform.client.request<{ node: Split }>(
    `query ($id: ID!) { node(id: $id) { ... on DatasetVersion { ${fields} } } }`,
    { id },
  );
  return data.node;
}

/** Everything about a version that does not depend on its splits, rows in their order included. */
const rowsOf = ({ id: _id, digest: _digest, number: _number, splits: _splits, splitPlan: _plan, ...kept }: Split) => ({
  ...kept,
  examples: kept.examples.nodes.map(({ values }) => values),
});

const halves = [
  { name: 'learn', fraction: 0.5 },
  { name: 'check', fraction: 0.5 },
];
const lines = Array.from(
  { length: 20 },
  (_, i) => `text ${i},${i % 2 === 0 ? '3.10' : '3.9'},2024-01-${10 + i},${i < 15 ? 'a' : 'b'}`,
);
const csv = `text,grade,day,part\n${lines.join('\n')}\nshort,1\n`;

test('the same rows get other splits, as the next version, without sending them again', async () => {
  const first = await whole((await versionOf(csv, 'CSV')).id);
  const second = await resplit({
    datasetVersionId: first.id,
    split: { fractions: halves, seed: 7, stratifyBy: 'grade' },
  });
  expect(second).toMatchObject({
    number: 2,
    splits: [
      { name: 'learn', exampleCount: 10 },
      { name: 'check', exampleCount: 10 },
    ],
    splitPlan: { seed: 7, splitColumn: null },
    rejectedRows: { nodes: [{ line: 22, code: 'TOO_FEW_COLUMNS' }] },
  });
  expect(rowsOf(second)).toEqual(rowsOf(first));
  expect(second.columns[1]).toMatchObject({ type: 'FLOAT', labels: [{ label: '3.10' }, { label: '3.9' }] });
  // The version that it was made from is as it was.
  expect(await whole(first.id)).toEqual(first);

  const third = await resplit({ datasetVersionId: second.id, splitColumn: 'part' });
  expect(third).toMatchObject({
    number: 3,
    splits: [
      { name: 'a', exampleCount: 15 },
      { name: 'b', exampleCount: 5 },
    ],
  });
  expect(rowsOf(third)).toEqual(rowsOf(first));
});

test('a plan that another version has gives its bytes again, whatever the types of the columns', async () => {
  const parquet = new Uint8Array(
    await parquetOf(`SELECT 'text ' || i AS text, i::DOUBLE / 4 AS number, [i, i + 1] AS list,
    {'a': i, 'b': [i / 2]} AS nested, TIMESTAMP '2024-01-01' + INTERVAL (i) DAY AS moment, i % 2 = 0 AS flag
    FROM range(40) t(i)`),
  );
  for (const [content, format] of [
    [csv, 'CSV'],
    [parquet, 'PARQUET'],
  ] as const) {
    const first = await whole((await versionOf(content, format)).id);
    const other = await resplit({ datasetVersionId: first.id, split: { fractions: halves } });
    expect(other.digest, format).not.toBe(first.digest);
    const again = await resplit({ datasetVersionId: other.id });
    expect([again.digest, again.number], format).toEqual([first.digest, 3]);
  }
});

test('one key makes one version; what is wrong is told with its place', async () => {
  const { id } = await versionOf(csv, 'CSV');
  const once = { datasetVersionId: id, split: { seed: 5 }, idempotencyKey: `once ${id}` };
  expect((await resplit(once)).id).toBe((await resplit(once)).id);
  expect((await resplit({ datasetVersionId: id, splitColumn: 'prt' })).problems).toMatchObject([
    { path: ['splitColumn'], code: 'UNKNOWN_COLUMN' },
  ]);
  expect((await resplit({ datasetVersionId: id, splitColumn: 'part', split: {} })).problems).toMatchObject([
    { path: ['splitColumn'], code: 'INVALID_VALUE' },
  ]);
  const nowhere = Buffer.from('DatasetVersion:00000000-0000-4000-8000-000000000000').toString('base64');
  expect((await resplit({ datasetVersionId: nowhere })).problems).toMatchObject([{ code: 'NOT_FOUND' }]);
});

interface Joined extends Split {
  readonly splitPlan: Split['splitPlan'] & {
    readonly fractions: readonly object[];
    readonly joined: readonly { readonly split: string; readonly datasetVersionId: string }[];
  };
}

async function join(input: object): Promise<Joined & { readonly problems?: readonly Problem[] }> {
  const data = await platform.client.request<{ joinDatasetVersions: Joined }>(
    `mutation ($input: JoinDatasetVersionsInput!) { joinDatasetVersions(input: $input) {
       ... on DatasetVersion { ${fields.replace('splitColumn }', 'splitColumn fractions { name } joined { split datasetVersionId } }')} }
       ${problemFields} } }`,
    { input },
  );
  return data.joinDatasetVersions;
}

async function datasetOf(versionId: string): Promise<string> {
  const data = await platform.client.request<{ node: { dataset: { id: string } } }>(
    'query ($id: ID!) { node(id: $id) { ... on DatasetVersion { dataset { id } } } }',
    { id: versionId },
  );
  return data.node.dataset.id;
}

test('two files are joined by role: each becomes its split, in order, with the columns of both', async () => {
  const train = await versionOf('text,grade,id\na,1,7\nb,2,8\nc,2\nd,1,9\n', 'CSV');
  const test = await versionOf('{"text":"e","grade":2.5,"source":"web"}\n{"text":"f","grade":1}\n', 'JSONL');
  const parts = [
    { datasetVersionId: train.id, split: 'train' },
    { datasetVersionId: test.id, split: 'test' },
  ];
  const datasetId = await datasetOf(train.id);
  const joined = await join({ datasetId, parts, idempotencyKey: `joined ${train.id}` });
  expect(joined).toMatchObject({
    number: 2,
    exampleCount: 5,
    rejectedCount: 1,
    splits: [
      { name: 'train', exampleCount: 3 },
      { name: 'test', exampleCount: 2 },
    ],
    splitPlan: { seed: null, splitColumn: null, fractions: [], joined: parts },
    rejectedRows: { nodes: [{ line: 4, code: 'TOO_FEW_COLUMNS' }] },
  });
  expect(joined.columns.map(({ name, type, missing }) => [name, type, missing])).toEqual([
    ['text', 'TEXT', 0],
    ['grade', 'FLOAT', 0],
    ['id', 'INTEGER', 2],
    ['source', 'TEXT', 4],
  ]);
  // Classes are the texts of each file: 1 of the one and 1 of the other are the same.
  expect(joined.columns[1]!.labels).toEqual([
    { label: '1', count: 3 },
    { label: '2', count: 1 },
    { label: '2.5', count: 1 },
  ]);
  expect(joined.examples.nodes).toEqual([
    { split: 'train', values: { text: 'a', grade: 1, id: 7, source: null } },
    { split: 'train', values: { text: 'b', grade: 2, id: 8, source: null } },
    { split: 'train', values: { text: 'd', grade: 1, id: 9, source: null } },
    { split: 'test', values: { text: 'e', grade: 2.5, id: null, source: 'web' } },
    { split: 'test', values: { text: 'f', grade: 1, id: null, source: null } },
  ]);
  expect((await join({ datasetId, parts, idempotencyKey: `joined ${train.id}` })).id).toBe(joined.id);
  // What was joined can be split anew.
  const drawn = await resplit({ datasetVersionId: joined.id, split: { fractions: halves } });
  expect(drawn.number).toBe(3);
  expect(rowsOf(drawn)).toEqual(rowsOf(await whole(joined.id)));
});

test('what can not be joined is told with its place', async () => {
  const one = await versionOf('text,tags\na,x\n', 'CSV');
  const other = await versionOf('{"text":"b","tags":["x","y"]}\n', 'JSONL');
  const datasetId = await datasetOf(one.id);
  const parts = (...splits: string[]) =>
    splits.map((split, i) => ({ datasetVersionId: i === 0 ? one.id : other.id, split }));
  const problemsOf = async (given: object[]) =>
    (await join({ datasetId, parts: given })).problems?.map(({ path, code }) => `${path.join('.')} ${code}`);
  expect(await problemsOf(parts('train', 'test'))).toEqual(['parts.1.datasetVersionId WRONG_COLUMN_TYPE']);
  expect(await problemsOf(parts('train', 'train'))).toEqual(['parts.1.split INVALID_VALUE']);
  expect(await problemsOf(parts('train', 'no name'))).toEqual(['parts.1.split INVALID_VALUE']);
  expect(await problemsOf(parts('train'))).toEqual(['parts INVALID_VALUE']);
  const nowhere = Buffer.from('DatasetVersion:00000000-0000-4000-8000-000000000000').toString('base64');
  expect(await problemsOf([...parts('train'), { datasetVersionId: nowhere, split: 'test' }])).toEqual([
    'parts.1.datasetVersionId NOT_FOUND',
  ]);
});
