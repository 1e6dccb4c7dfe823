import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset } from '../../support/rows.js';

/** Licences of models, and which of them a project takes. */

let api: TestApi;
let model: string;
let version: string;
const keys = { owner: '', maintainer: '' };

beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  const { dataSource, projectId } = api;
  model = await insertBaseModel(dataSource, projectId, { name: 'tiny' });
  version = (await insertDataset(dataSource, projectId, { name: 'mails' })).versionIds[0]!;
  const owner = await insertUser(dataSource, 'owner', { roles: { [projectId]: 'OWNER' } });
  const maintainer = await insertUser(dataSource, 'maintainer', { roles: { [projectId]: 'MAINTAINER' } });
  keys.owner = (await insertKey(dataSource, owner)).secret;
  keys.maintainer = (await insertKey(dataSource, maintainer)).secret;
});
afterAll(() => api?.close());
beforeEach(async () => {
  await api.dataSource.query('UPDATE projects SET licence_policy = NULL');
  await api.dataSource.query('UPDATE base_models SET licence = NULL');
});

async function mutate<T = Record<string, unknown>>(
  mutation: string,
  selection: string,
  input: object,
  who: keyof typeof keys = 'owner',
) {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
  const { body } = await api.send<Record<string, T>>(
    /* GraphQL */ `mutation ($input: ${type}!) { ${mutation}(input: $input) {
      ${selection} ... on Problems { problems { path code message hint } } } }`,
    { input },
    keys[who],
  );
  return body.data![mutation]!;
}

const policyFields = 'licencePolicy { allow warn deny unlisted unknown }';
const setPolicy = (input: object, who: keyof typeof keys = 'owner') =>
  mutate('setLicencePolicy', `... on Project { ${policyFields} }`, input, who);
const verdictFields = 'licence licenceVerdict { decision spdxExpression reason }';
const setLicence = (licence: string | null, who: keyof typeof keys = 'owner') =>
  mutate('setModelLicence', `... on BaseModel { ${verdictFields} }`, { modelId: ids.baseModel(model), licence }, who);
const create = (name: string) =>
  mutate<{ __typename: string; findings?: object[]; problems?: object[] }>(
    'createExperiment',
    '__typename ... on Experiment { findings { code severity message ... on LicenceWarning { licence } } }',
    {
      name,
      baseModelId: ids.baseModel(model),
      datasetVersionId: ids.version(version),
      method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
    },
    'maintainer',
  );

describe('the policy of a project', () => {
  test('refuses nothing at first, and keeps what a change leaves out', async () => {
    const { body } = await api.send<{ project: object }>(`{ project { ${policyFields} } }`, {}, keys.owner);
    expect(body.data?.project).toEqual({
      licencePolicy: { allow: [], warn: [], deny: [], unlisted: 'ALLOW', unknown: 'WARN' },
    });
    await setPolicy({
      allow: ['apache-2.0', 'Apache-2.0', ' mit '],
      deny: ['agpl-3.0', 'CC-*-NC-*'],
      unlisted: 'WARN',
    });
    expect(await setPolicy({ deny: ['gemma', 'LicenseRef-Ours'], unknown: 'DENY' })).toEqual({
      licencePolicy: {
        allow: ['Apache-2.0', 'MIT'],
        warn: [],
        deny: ['gemma', 'LicenseRef-Ours'],
        unlisted: 'WARN',
        unknown: 'DENY',
      },
    });
  });

  test('says of each entry what is wrong with it, and then stays as it was', async () => {
    await setPolicy({ deny: ['MIT'] });
    const found = await setPolicy({
      allow: ['Apache2.0', 'MIT OR Apache-2.0', ''],
      warn: ['*XYZ*', 'x'.repeat(101)],
      deny: Array.from({ length: 201 }, (_, i) => `LicenseRef-${i}`),
    });
    expect(found.problems).toEqual([
      {
        path: ['allow', '0'],
        code: 'INVALID_VALUE',
        message: '“Apache2.0” is no licence that SPDX or the model hub names.',
        hint: 'Did you mean “Apache-2.0”? Another licence is written LicenseRef- and its name in model cards.',
      },
      expect.objectContaining({ path: ['allow', '1'], message: '“MIT OR Apache-2.0” names several licences.' }),
      expect.objectContaining({ path: ['allow', '2'], message: 'An entry has 1 to 100 characters.' }),
      expect.objectContaining({
        path: ['warn', '0'],
        message: 'The pattern “*XYZ*” matches no licence that is known.',
      }),
      expect.objectContaining({ path: ['warn', '1'], message: 'An entry has 1 to 100 characters.' }),
      expect.objectContaining({ path: ['deny'], code: 'TOO_LONG' }),
    ]);
    expect(await setPolicy({ allow: ['mit'] })).toMatchObject({
      problems: [{ path: ['deny', '0'], message: '“MIT” is in `allow` and in `deny`.' }],
    });
    expect(await setPolicy({})).toMatchObject({ licencePolicy: { allow: [], deny: ['MIT'] } });
  });

  test('is for owners, and the log says who changed it to what', async () => {
    expect(await setPolicy({ deny: ['MIT'] }, 'maintainer')).toMatchObject({ problems: [{ code: 'FORBIDDEN' }] });
    await setPolicy({ deny: ['Artistic-2.0'] });
    const entries = await api.dataSource.query<{ outcome: string; details: object }[]>(
      `SELECT outcome, details FROM audit_log WHERE action = 'setLicencePolicy' ORDER BY id DESC LIMIT 1`,
    );
    expect(entries).toEqual([{ outcome: 'DONE', details: expect.objectContaining({ deny: 'Artistic-2.0' }) }]);
  });
});

describe('a denied model', () => {
  test('starts no experiment; one that is warned of does, and the experiment says so', async () => {
    await setPolicy({ deny: ['Apache-2.0'] });
    expect(await create('denied')).toEqual({
      __typename: 'Problems',
      problems: [
        {
          path: ['baseModelId'],
          code: 'LICENCE_DENIED',
          message:
            "The project's licence policy refuses “tiny”. “Apache-2.0” is in the project's list of licences that are denied.",
          hint: expect.stringContaining('setLicencePolicy'),
        },
      ],
    });
    await setPolicy({ deny: [], warn: ['Apache-*'] });
    const warned = await create('warned');
    expect(warned.findings).toContainEqual({
      code: 'LICENCE_WARNING',
      severity: 'WARNING',
      licence: 'Apache-2.0',
      message:
        "The project takes the base model with a warning. “Apache-2.0” matches “Apache-*” in the project's list of licences that are warned of.",
    });
    await setPolicy({ warn: [], allow: ['Apache-2.0'] });
    expect(JSON.stringify((await create('allowed')).findings)).not.toContain('LICENCE_WARNING');
  });
});

describe('a denied model in the preparation of data', () => {
  const asked = async (field: string, input: object) => {
    const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`;
    const { body } = await api.send<Record<string, unknown>>(
      /* GraphQL */ `${field === 'previewPreparation' ? 'query' : 'mutation'} ($input: ${type}!) { ${field}(input: $input) {
        __typename ... on Problems { problems { path code } } } }`,
      { input },
      keys.maintainer,
    );
    return body.data?.[field] ?? body;
  };
  const denied = (...paths: string[][]) => paths.map((path) => ({ path, code: 'LICENCE_DENIED' }));

  test('reads no texts of a report or a comparison', async () => {
    const [modelId, datasetVersionId] = [ids.baseModel(model), ids.version(version)];
    await setPolicy({ deny: ['Apache-2.0'] });
    expect(await asked('reportDataset', { datasetVersionId, modelId, featureModelId: modelId })).toMatchObject({
      problems: denied(['modelId'], ['featureModelId']),
    });
    const pair = { datasetVersionId, comparedWithId: datasetVersionId, featureModelId: modelId };
    expect(await asked('compareDatasetVersions', pair)).toMatchObject({ problems: denied(['featureModelId']) });
    await setPolicy({ deny: [] });
    expect(await asked('reportDataset', { datasetVersionId, modelId, featureModelId: modelId })).toEqual({
      __typename: 'DatasetReport',
    });
  });

  test('stands in no step of a recipe; nor does one of another project', async () => {
    const [{ digest }] = await api.dataSource.query<[{ digest: string }]>(
      'SELECT digest FROM base_models WHERE id = $1',
      [model],
    );
    const steps = (modelDigest: string) => {
      const methods = [{ kind: 'MASKED_MODEL', modelDigest }];
      return [
        { filterLength: { column: 'text', unit: 'TOKENS', model: modelDigest, atMost: 9 } },
        { augmentText: { column: 'text', methods } },
        { balanceLabels: { column: 'label', target: { kind: 'LARGEST' }, change: { column: 'text', methods } } },
      ];
    };
    const sources = [{ version: { datasetVersionId: ids.version(version) } }];
    const paths = [
      ['recipe', '0', 'filterLength', 'model'],
      ['recipe', '1', 'augmentText', 'methods', '0', 'modelDigest'],
      ['recipe', '2', 'balanceLabels', 'change', 'methods', '0', 'modelDigest'],
    ];
    await setPolicy({ deny: ['Apache-2.0'] });
    for (const [mutation, input] of [
      ['prepareDataset', { name: 'made', sources }],
      ['previewPreparation', { sources }],
    ] as const) {
      expect(await asked(mutation, { ...input, recipe: steps(digest) })).toMatchObject({ problems: denied(...paths) });
      expect(await asked(mutation, { ...input, recipe: steps('b'.repeat(64)) })).toMatchObject({
        problems: paths.map((path) => ({ path, code: 'NOT_FOUND' })),
      });
    }
    await setPolicy({ deny: [] });
    expect(await asked('prepareDataset', { name: 'made', sources, recipe: steps(digest) })).toEqual({
      __typename: 'Preparation',
    });
  });
});

describe('the licence of a model', () => {
  test('is what an owner says, until that is taken back', async () => {
    await setPolicy({ deny: ['GPL-*'] });
    expect(await setLicence(' gpl-3.0 ')).toEqual({
      licence: 'gpl-3.0',
      licenceVerdict: {
        decision: 'DENY',
        spdxExpression: 'GPL-3.0-only',
        reason: "“GPL-3.0-only” matches “GPL-*” in the project's list of licences that are denied.",
      },
    });
    expect(await create('of a licence that was set')).toMatchObject({ problems: [{ code: 'LICENCE_DENIED' }] });
    expect(await setLicence(null)).toMatchObject({ licence: 'Apache-2.0', licenceVerdict: { decision: 'ALLOW' } });
  });

  test('is not set by others, nor to nothing', async () => {
    expect(await setLicence('MIT', 'maintainer')).toMatchObject({ problems: [{ code: 'FORBIDDEN' }] });
    for (const licence of ['', ' unknown ', 'other']) {
      expect(await setLicence(licence)).toMatchObject({ problems: [{ path: ['licence'], code: 'INVALID_VALUE' }] });
    }
    expect(await setLicence('x'.repeat(201))).toMatchObject({ problems: [{ path: ['licence'], code: 'TOO_LONG' }] });
  });
});
