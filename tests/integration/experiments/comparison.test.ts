import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { type Compared, prepareCompared } from '../../support/compared.js';
import { ids } from '../../support/rows.js';
import { metrics, record, type TestExperiment } from '../../support/runs.js';

let api: TestApi;
let compared: Compared;
beforeAll(async () => {
  api = await startTestApi();
  compared = await prepareCompared(api);
});
afterAll(() => api?.close());

describe('what can be compared', () => {
  test('comes back in the order it was asked for', async () => {
    const [a, b] = [await compared.create('order a'), await compared.create('order b')];
    expect(await compared.compare([b.id, a.id], 'experiments { name }')).toEqual({
      experiments: [{ name: 'order b' }, { name: 'order a' }],
    });
  });

  test('are two to ten experiments of one project, each once; all that is wrong is said', async () => {
    const { id } = await compared.create('alone');
    const elsewhere = await experimentOfAnotherProject(id);
    const nobody = globalId('Experiment', randomUUID());
    expect(
      await compared.compare([id, nobody, elsewhere, id, ids.version(compared.version)], 'experiments { name }'),
    ).toEqual({
      problems: [
        { path: ['ids', '1'], code: 'NOT_FOUND', message: 'There is no experiment with this id in the project.' },
        { path: ['ids', '2'], code: 'NOT_FOUND', message: 'There is no experiment with this id in the project.' },
        { path: ['ids', '3'], code: 'INVALID_VALUE', message: 'This experiment is already in the list.' },
        {
          path: ['ids', '4'],
          code: 'NOT_FOUND',
          message: 'This is an id of the type DatasetVersion: an id of the type Experiment is needed.',
        },
      ],
    });
    for (const count of [1, 11]) {
      expect(await compared.compare(new Array(count).fill(id), 'experiments { name }')).toEqual({
        problems: [
          {
            path: ['ids'],
            code: 'INVALID_VALUE',
            message: `From 2 to 10 experiments can be compared, not ${count}.`,
          },
        ],
      });
    }
    expect(
      await api.request(
        'query ($id: ID!, $with: ID!) { experiment(id: $id) { diff(with: $with) { with { name } } } }',
        {
          id,
          with: elsewhere,
        },
      ),
    ).toEqual({ experiment: { diff: null } });
  });

  test('are only those that the viewer may read: another one is as good as none, wherever it stands', async () => {
    const [a, b] = [await compared.create('seen a'), await compared.create('seen b')];
    const [theirs] = await api.dataSource.query(`SELECT id FROM experiments WHERE name = 'theirs'`);
    const user = await insertUser(api.dataSource, 'reader', { roles: { [api.projectId]: 'VIEWER' } });
    const { secret } = await insertKey(api.dataSource, user, { scopes: ['READ'] });
    const asked = async (...experimentIds: string[]) =>
      (
        await api.send<{ compareExperiments: unknown }>(
          `query ($ids: [ID!]!) { compareExperiments(ids: $ids) {
            ... on ExperimentComparison { experiments { name } } ... on Problems { problems { path code } } } }`,
          { ids: experimentIds },
          secret,
        )
      ).body.data!.compareExperiments;
    expect(await asked(a.id, b.id)).toEqual({ experiments: [{ name: 'seen a' }, { name: 'seen b' }] });
    expect(await asked(globalId('Experiment', theirs.id), a.id, b.id)).toEqual({
      problems: [{ path: ['ids', '0'], code: 'NOT_FOUND' }],
    });
  });

  async function experimentOfAnotherProject(like: string): Promise<string> {
    const [project, experiment] = [randomUUID(), randomUUID()];
    await api.dataSource.query(`INSERT INTO projects (id, slug, name) VALUES ($1, 'other', 'Other')`, [project]);
    const [row] = await api.dataSource.query(
      `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id)
       SELECT $1, $2, 'theirs', method, spec, base_model_id, dataset_version_id FROM experiments WHERE name = 'alone' RETURNING id`,
      [experiment, project],
    );
    await api.dataSource.query(`INSERT INTO runs (id, experiment_id, status) VALUES ($1, $2, 'QUEUED')`, [
      randomUUID(),
      row.id,
    ]);
    expect(like).not.toBe(row.id);
    return globalId('Experiment', row.id);
  }
});

test('the configuration shows what differs, or everything', async () => {
  const a = await compared.create('settings a', { learningRate: 0.001, seed: 1 });
  const b = await compared.create('settings b', { learningRate: 0.0005, seed: 1, schedule: 'COSINE' });
  const selection = (args: string) => `configuration${args} { path label differs values {
    __typename text ... on NumberSetting { number } ... on ChoiceSetting { choice } ... on ReferenceSetting { nodeId } } }`;
  const differences = [
    {
      path: 'hyperparameters.learningRate',
      label: 'Learning rate',
      differs: true,
      values: [
        { __typename: 'NumberSetting', text: '0.001', number: 0.001 },
        { __typename: 'NumberSetting', text: '0.0005', number: 0.0005 },
      ],
    },
    {
      path: 'hyperparameters.schedule',
      label: 'Learning rate schedule',
      differs: true,
      values: [
        { __typename: 'ChoiceSetting', text: 'LINEAR', choice: 'LINEAR' },
        { __typename: 'ChoiceSetting', text: 'COSINE', choice: 'COSINE' },
      ],
    },
  ];
  expect(await compared.compare([a.id, b.id], selection(''))).toEqual({ configuration: differences });
  const { configuration } = await compared.compare<{ configuration: { path: string; values: unknown[] }[] }>(
    [a.id, b.id],
    selection('(onlyDifferences: false)'),
  );
  expect(configuration).toEqual(expect.arrayContaining(differences));
  const mails = { __typename: 'ReferenceSetting', text: 'mails, version 1', nodeId: ids.version(compared.version) };
  expect(configuration.find(({ path }) => path === 'datasetVersion')!.values).toEqual([mails, mails]);

  const { experiment } = await api.request<{ experiment: unknown }>(
    `query ($id: ID!, $with: ID!) { experiment(id: $id) { diff(with: $with) { with { name } ${selection('')} } } }`,
    { id: a.id, with: b.id },
  );
  expect(experiment).toEqual({ diff: { with: { name: 'settings b' }, configuration: differences } });
});

describe('metrics', () => {
  let a: TestExperiment;
  let b: TestExperiment;
  let silent: TestExperiment;
  beforeAll(async () => {
    // `metrics` records epochs of ten steps; the training split has 80 rows.
    a = await compared.create('metrics a');
    b = await compared.create('metrics b');
    silent = await compared.create('metrics silent');
    await record(api.dataSource, a.runId, [
      metrics(1, { 'train/loss': 3, 'validation/f1': 0.5 }),
      metrics(2, { 'train/loss': 1, 'train/learningRate': 0.1 }),
      metrics(4, { 'train/loss': 2, 'validation/f1': 0.4 }),
    ]);
    await record(api.dataSource, b.runId, [
      metrics(2, { 'train/loss': 1, 'validation/f1': 0.9 }),
      metrics(3, { 'train/loss': Number.NaN }),
    ]);
    await api.dataSource.query(
      `UPDATE metric_points SET at = timestamptz '2026-01-01T00:00:00Z' + make_interval(secs => 1.5 * step) WHERE run_id = ANY($1)`,
      [[a.runId, b.runId]],
    );
  });

  test.each([
    ['STEP', [1, 2, 3, 4]],
    ['EPOCH', [0.1, 0.2, 0.3, 0.4]],
    ['EXAMPLES', [8, 16, 24, 32]],
    ['RELATIVE_TIME', [1.5, 3, 4.5, 6]],
  ])('stand on one axis of %s', async (alignBy, x) => {
    expect(
      await compared.compare(
        [a.id, silent.id, b.id],
        `metricSeries(keys: ["train/loss"], alignBy: ${alignBy}) {
          definition { key } x lines { values nonFinite { index value } pointCount truncated lastSeq } }`,
      ),
    ).toEqual({
      metricSeries: [
        {
          definition: { key: 'train/loss' },
          x,
          lines: [
            { values: [3, 1, null, 2], nonFinite: [], pointCount: 3, truncated: false, lastSeq: 4 },
            { values: [null, null, null, null], nonFinite: [], pointCount: 0, truncated: false, lastSeq: 0 },
            {
              values: [null, 1, null, null],
              nonFinite: [{ index: 2, value: 'NAN' }],
              pointCount: 2,
              truncated: false,
              lastSeq: 3,
            },
          ],
        },
      ],
    });
  });

  test('are summed up: newest, best, and whose is the best', async () => {
    expect(
      await compared.compare(
        [a.id, silent.id, b.id],
        `summary { definition { key } best { name } values { newest { value nonFinite step } best { value step } } }`,
      ),
    ).toEqual({
      summary: [
        {
          definition: { key: 'train/learningRate' },
          best: null,
          values: [
            { newest: { value: 0.1, nonFinite: null, step: 2 }, best: null },
            { newest: null, best: null },
            { newest: null, best: null },
          ],
        },
        {
          definition: { key: 'train/loss' },
          best: { name: 'metrics a' },
          values: [
            { newest: { value: 2, nonFinite: null, step: 4 }, best: { value: 1, step: 2 } },
            { newest: null, best: null },
            { newest: { value: null, nonFinite: 'NAN', step: 3 }, best: { value: 1, step: 2 } },
          ],
        },
        {
          definition: { key: 'validation/f1' },
          best: { name: 'metrics b' },
          values: [
            { newest: { value: 0.4, nonFinite: null, step: 4 }, best: { value: 0.5, step: 1 } },
            { newest: null, best: null },
            { newest: { value: 0.9, nonFinite: null, step: 2 }, best: { value: 0.9, step: 2 } },
          ],
        },
      ],
    });
  });

  test('of long runs are thinned one by one, extremes kept', async () => {
    const [long, short] = [await compared.create('long'), await compared.create('short')];
    const wave = (peak: number) => (i: number) => metrics(i + 1, { 'train/loss': i + 1 === peak ? 100 : Math.sin(i) });
    await record(
      api.dataSource,
      long.runId,
      Array.from({ length: 2000 }, (_, i) => wave(777)(i)),
    );
    await record(
      api.dataSource,
      short.runId,
      Array.from({ length: 9 }, (_, i) => wave(5)(i)),
    );
    const { metricSeries, summary } = await compared.compare<{
      metricSeries: { x: number[]; lines: { values: (number | null)[]; truncated: boolean; pointCount: number }[] }[];
      summary: { best: unknown; values: { best: unknown }[] }[];
    }>(
      [long.id, short.id],
      'metricSeries(maxPoints: 20) { x lines { values truncated pointCount } } summary { best { name } values { best { value } } }',
    );
    const { x, lines } = metricSeries[0]!;
    expect(lines.map(({ truncated, pointCount }) => [truncated, pointCount])).toEqual([
      [true, 2000],
      [false, 9],
    ]);
    expect(lines[0]!.values.filter((value) => value !== null).length).toBeLessThanOrEqual(20);
    expect(lines[0]!.values[x.indexOf(777)]).toBe(100);
    expect(lines[1]!.values.slice(0, 9).filter((value) => value !== null)).toHaveLength(9);
    expect(x).toEqual([...x].sort((one, other) => one - other));
    expect(summary[0]!.values[0]).toEqual({
      best: { value: Math.min(...Array.from({ length: 2000 }, (_, i) => Math.sin(i))) },
    });
  });
});

test('the cost is known before: it grows with the experiments, the metrics and the points', async () => {
  const { body } = await api.send(
    `query ($ids: [ID!]!) { compareExperiments(ids: $ids) { ... on ExperimentComparison {
      metricSeries(maxPoints: 10000) { x lines { values } } } } }`,
    { ids: new Array(10).fill(globalId('Experiment', randomUUID())) },
  );
  // 1 + 10 experiments · (1 + 10 metrics · 100 hundreds of points · (x + lines · values)), fields of one each.
  expect(body.errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COSTLY', measure: 'complexity' } }]);
});
