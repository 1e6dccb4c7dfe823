import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertArtifact, insertBaseModel, insertDataset } from '../../support/rows.js';
import {
  beginAttempt,
  createTestExperiment,
  insertCheckpoint,
  metrics,
  record,
  type TestExperiment,
} from '../../support/runs.js';
import { countStatements } from '../../support/statements.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

/** SQL statements that an operation takes. */
function statements(query: string, variables: Record<string, unknown> = {}): Promise<number> {
  return countStatements(api, () => api.request(query, variables));
}

describe('paging', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  interface Page {
    project: {
      datasets: {
        totalCount: number;
        edges: { cursor: string; node: { name: string } }[];
        pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
      };
    };
  }
  const query = /* GraphQL */ `query ($after: String) {
    project { datasets(first: 3, after: $after) {
      totalCount edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage endCursor }
    } }
  }`;

  beforeAll(async () => {
    for (const name of names) await insertDataset(api.dataSource, api.projectId, { name });
    // Four of one moment, so that the second key decides; and microseconds that a JavaScript Date has not.
    await api.dataSource.query(
      `UPDATE datasets SET created_at = '2026-01-01T00:00:00.123456Z' WHERE name IN ('a', 'b', 'c', 'd')`,
    );
    await api.dataSource.query(`UPDATE datasets SET created_at = '2026-01-01T00:00:00.123457Z' WHERE name = 'e'`);
  });

  test('shows everything once, newest first, whatever the ties', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    let pages = 0;
    do {
      const page: Page = await api.request<Page>(query, { after });
      const { edges, pageInfo, totalCount }: Page['project']['datasets'] = page.project.datasets;
      expect(totalCount).toBe(names.length);
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor);
      seen.push(...edges.map(({ node }) => node.name));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      pages += 1;
    } while (after !== null);
    expect(pages).toBe(3);
    expect([...seen].sort()).toEqual(names);
    expect(seen.slice(0, 3)).toEqual(['g', 'f', 'e']);
  });

  test('goes on where it was, whatever was added at the front', async () => {
    const { project: first } = await api.request<Page>(query);
    await insertDataset(api.dataSource, api.projectId, { name: 'newest' });
    const { project: second } = await api.request<Page>(query, { after: first.datasets.pageInfo.endCursor });
    await api.dataSource.query(
      `DELETE FROM dataset_versions v USING datasets d WHERE d.id = v.dataset_id AND d.name = 'newest'`,
    );
    await api.dataSource.query(`DELETE FROM datasets WHERE name = 'newest'`);
    const shown = second.datasets.edges.map(({ node }) => node.name);
    expect(shown).toHaveLength(3);
    expect(shown.every((name) => ['a', 'b', 'c', 'd'].includes(name))).toBe(true);
  });

  test('counts only when asked to', async () => {
    const without = await statements(/* GraphQL */ `{ project { name datasets { nodes { name } } } }`);
    const withCount = await statements(/* GraphQL */ `{ project { name datasets { totalCount nodes { name } } } }`);
    expect([without, withCount]).toEqual([2, 3]);
  });

  test.each([
    'nonsense',
    Buffer.from('["2026-01-01","x"]').toString('base64url'),
    Buffer.from('[1]').toString('base64url'),
  ])('refuses the cursor %s', async (after) => {
    const { body } = await api.send(query, { after });
    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test.each([0, -1, 101])('refuses a page of %i', async (first) => {
    const { body } = await api.send(
      /* GraphQL */ `query ($first: Int!) { project { datasets(first: $first) { nodes { name } } } }`,
      { first },
    );
    expect(body.errors).toMatchObject([
      { message: '`first` must be from 1 to 100.', extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  test("pages a version's rows by row number", async () => {
    const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'rows' });
    const query = /* GraphQL */ `query ($id: ID!, $after: String) { node(id: $id) { ... on DatasetVersion {
      examples(split: "test", first: 15, after: $after) { totalCount nodes { row values } pageInfo { hasNextPage endCursor } } } } }`;
    type Rows = {
      node: {
        examples: {
          totalCount: number;
          nodes: { row: number; values: unknown }[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      };
    };
    const { node: first } = await api.request<Rows>(query, { id: ids.version(versionIds[0]!) });
    expect(first.examples.totalCount).toBe(10);
    expect(first.examples.nodes[0]).toEqual({ row: 80, values: { text: 'text 80' } });
    const { node: second } = await api.request<Rows>(query, {
      id: ids.version(versionIds[0]!),
      after: first.examples.pageInfo.endCursor,
    });
    expect(second.examples.nodes.map(({ row }) => row)).toEqual([95, 96, 97, 98, 99]);
    expect(second.examples.pageInfo.hasNextPage).toBe(false);
  });

  test('refuses a split that the version does not have, and names those it has', async () => {
    const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'misspelled' });
    const { body } = await api.send(
      'query ($id: ID!) { node(id: $id) { ... on DatasetVersion { examples(split: "tests") { totalCount } } } }',
      { id: ids.version(versionIds[0]!) },
    );
    expect(body.errors).toMatchObject([
      {
        message:
          '`split`: “tests” is no split of the dataset version. Did you mean “test”? There are: train, validation, test.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  });
});

describe('the number of SQL statements', () => {
  const deep = /* GraphQL */ `query ($first: Int!) {
    project {
      name
      experiments(first: $first) {
        totalCount
        nodes {
          name status
          baseModel { name usedBy(first: 2) { nodes { name } } evaluations(first: 1) { totalCount } }
          datasetVersion { number dataset { name latest { number } versions(first: 2) { nodes { number } } } }
          events(first: 2) { events { __typename } }
          attempts { attempt engine { target } }
          checkpoints { step sizeBytes }
          summary { value }
          metricSeries(maxPoints: 10) { points { value } }
          model { name producedBy { name } }
          evaluations(first: 3) { nodes { split model { name } datasetVersion { digest } } }
        }
      }
    }
  }`;

  test('depends on the depth of a query, not on the number of rows', async () => {
    const fill = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        const experiment = await createTestExperiment(api, { name: `deep ${count} ${i}` });
        await finish(experiment, `${count} ${i}`);
      }
    };
    await fill(2);
    const few = await statements(deep, { first: 20 });
    await fill(7);
    const many = await statements(deep, { first: 20 });
    expect(many).toBe(few);
    // Project; experiments and their count; 8 kinds of objects below, and the blocks of series; 8 further down.
    expect(few).toBeLessThanOrEqual(21);
  });

  /** Gives an experiment something in each of its lists. */
  async function finish({ runId }: TestExperiment, name: string): Promise<void> {
    await beginAttempt(api.dataSource, runId, 1);
    await record(api.dataSource, runId, [metrics(1, { 'train/loss': 1 }), metrics(2, { 'train/loss': 0.5 })]);
    await insertCheckpoint(api.dataSource, runId, 2, await insertArtifact(api.dataSource, `checkpoint ${name}`));
    const model = await insertBaseModel(api.dataSource, api.projectId, { name: `out ${name}`, producedByRunId: runId });
    await api.dataSource.query(
      `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status)
       SELECT gen_random_uuid(), $1, $2, e.dataset_version_id, split, 'text', '[]', 'QUEUED'
       FROM runs r JOIN experiments e ON e.id = r.experiment_id, unnest(ARRAY['test', 'validation']) AS split WHERE r.id = $3`,
      [api.projectId, model, runId],
    );
  }
});

describe('node', () => {
  test('finds every kind of object by its id alone', async () => {
    const { id, runId } = await createTestExperiment(api, { name: 'node' });
    const checkpoint = await insertCheckpoint(api.dataSource, runId, 1, await insertArtifact(api.dataSource, 'c'));
    await beginAttempt(api.dataSource, runId, 1);
    const { experiment, viewer, project } = await api.request<{
      experiment: { baseModel: { id: string }; datasetVersion: { id: string; dataset: { id: string } } };
      viewer: { id: string };
      project: { id: string; workers: { id: string }[] };
    }>(
      /* GraphQL */ `query ($id: ID!) {
        experiment(id: $id) { baseModel { id } datasetVersion { id dataset { id } } }
        viewer { id } project { id workers { id } }
      }`,
      { id },
    );
    const all = {
      Experiment: id,
      BaseModel: experiment.baseModel.id,
      DatasetVersion: experiment.datasetVersion.id,
      Dataset: experiment.datasetVersion.dataset.id,
      Viewer: viewer.id,
      Project: project.id,
      Worker: project.workers[0]!.id,
      Checkpoint: globalId('Checkpoint', checkpoint),
    };
    for (const [type, id] of Object.entries(all)) {
      const { node } = await api.request<{ node: unknown }>(`query ($id: ID!) { node(id: $id) { __typename id } }`, {
        id,
      });
      expect(node).toEqual({ __typename: type, id });
    }
  });

  test.each([
    '',
    'nonsense',
    globalId('Experiment', '00000000-0000-4000-8000-000000000000'),
    'RXhwZXJpbWVudDonOyBEUk9Q',
  ])('is null for %j', async (id) => {
    expect(await api.request('query ($id: ID!) { node(id: $id) { id } experiment(id: $id) { id } }', { id })).toEqual({
      node: null,
      experiment: null,
    });
  });
});

test('experiments can be asked for by status', async () => {
  const { id } = await createTestExperiment(api, { name: 'to be canceled' });
  await api.request('mutation ($input: ExperimentActionInput!) { cancelExperiment(input: $input) { __typename } }', {
    input: { experimentId: id },
  });
  const { project } = await api.request<{ project: { experiments: { totalCount: number; nodes: { id: string }[] } } }>(
    '{ project { experiments(status: [CANCELED, FAILED]) { totalCount nodes { id } } } }',
  );
  expect(project.experiments).toEqual({ totalCount: 1, nodes: [{ id }] });
});

test('sizes beyond 2³¹ arrive whole', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'large' });
  await insertCheckpoint(api.dataSource, runId, 1, await insertArtifact(api.dataSource, 'large'));
  const { experiment } = await api.request<{ experiment: { checkpoints: unknown } }>(
    'query ($id: ID!) { experiment(id: $id) { checkpoints { sizeBytes } } }',
    { id },
  );
  expect(experiment.checkpoints).toEqual([{ sizeBytes: 5_000_000_000 }]);
});

test('the event log is read in stretches', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'log' });
  await record(
    api.dataSource,
    runId,
    [1, 2, 3].map((step) => metrics(step, { 'train/loss': step })),
  );
  const query = /* GraphQL */ `query ($id: ID!, $afterSeq: Int!) { experiment(id: $id) {
    events(first: 3, afterSeq: $afterSeq) { lastSeq hasMore events { __typename ... on SequencedEvent { seq } } } } }`;
  type Log = { experiment: { events: unknown } };
  expect((await api.request<Log>(query, { id, afterSeq: 0 })).experiment.events).toEqual({
    lastSeq: 3,
    hasMore: true,
    events: [
      { __typename: 'StatusChanged', seq: 1 },
      { __typename: 'MetricsRecorded', seq: 2 },
      { __typename: 'MetricsRecorded', seq: 3 },
    ],
  });
  expect((await api.request<Log>(query, { id, afterSeq: 3 })).experiment.events).toMatchObject({
    lastSeq: 4,
    hasMore: false,
  });
});
