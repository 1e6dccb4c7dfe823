import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi, topicCounts } from '../../support/api.js';
import { digest, ids, insertBaseModel, insertDataset, insertWorker } from '../../support/rows.js';

/** Aliases of models, set, moved and removed through the API. */

interface Answer {
  readonly id?: string;
  readonly name?: string;
  readonly model?: { readonly name: string };
  readonly aliasId?: string;
  readonly problems?: readonly { readonly path: readonly string[]; readonly code: string }[];
}

interface Move {
  readonly alias: string;
  readonly fromModelName: string | null;
  readonly toModelName: string | null;
}

const heads = [{ kind: 'classification' as const, task: 'label', labels: ['ham', 'spam'] }];

let api: TestApi;
const models: string[] = [];
beforeAll(async () => {
  api = await startTestApi();
  for (const name of ['first', 'second', 'third']) {
    models.push(await insertBaseModel(api.dataSource, api.projectId, { name, heads }));
  }
});
afterAll(() => api?.close());

const modelId = (number: number): string => ids.baseModel(models[number]!);

async function call(
  mutation: string,
  inputType: string,
  input: Record<string, unknown>,
  key?: string,
): Promise<Answer> {
  const { body } = await api.send<Record<string, Answer>>(
    `mutation ($input: ${inputType}!) { ${mutation}(input: $input) {
      ... on ModelAlias { id name model { name } }
      ... on RemovedModelAlias { aliasId name }
      ... on Problems { problems { path code } } } }`.replace(
      mutation === 'setModelAlias'
        ? '... on RemovedModelAlias { aliasId name }'
        : '... on ModelAlias { id name model { name } }',
      '',
    ),
    { input },
    key,
  );
  if (body.data === null) throw new Error(JSON.stringify(body.errors));
  return body.data[mutation]!;
}
const set = (input: Record<string, unknown>, key?: string) => call('setModelAlias', 'SetModelAliasInput', input, key);
const remove = (input: Record<string, unknown>) => call('removeModelAlias', 'RemoveModelAliasInput', input);

async function movesOf(alias: string): Promise<readonly Move[]> {
  const { project } = await api.request<{ project: { modelAliasMoves: { nodes: Move[] } } }>(
    '{ project { modelAliasMoves(first: 100) { nodes { alias fromModelName toModelName } } } }',
  );
  return project.modelAliasMoves.nodes.filter((move) => move.alias === alias);
}

describe('an alias', () => {
  test('is set, moved and removed, and its history stays', async () => {
    const created = await set({ modelId: modelId(0), name: 'production' });
    expect(created).toMatchObject({ name: 'production', model: { name: 'first' } });
    expect(await set({ modelId: modelId(1), name: 'production' })).toEqual({ ...created, model: { name: 'second' } });
    // Set where it is, it is not moved.
    expect(await set({ modelId: modelId(1), name: 'production' })).toEqual({ ...created, model: { name: 'second' } });
    const { node } = await api.request<{ node: unknown }>(
      `query ($id: ID!) { node(id: $id) { ... on ModelAlias {
         model { name } author { name } project { slug }
         history { totalCount nodes { fromModelName fromModel { name } toModelName toModel { name } movedBy { name } } } } } }`,
      { id: created.id },
    );
    expect(node).toEqual({
      model: { name: 'second' },
      author: { name: 'owner' },
      project: { slug: 'default' },
      history: {
        totalCount: 2,
        nodes: [
          {
            fromModelName: 'first',
            fromModel: { name: 'first' },
            toModelName: 'second',
            toModel: { name: 'second' },
            movedBy: { name: 'owner' },
          },
          {
            fromModelName: null,
            fromModel: null,
            toModelName: 'first',
            toModel: { name: 'first' },
            movedBy: { name: 'owner' },
          },
        ],
      },
    });
    expect(await remove({ aliasId: created.id })).toEqual({ aliasId: created.id, name: 'production' });
    expect(await remove({ aliasId: created.id })).toEqual({ problems: [{ path: ['aliasId'], code: 'NOT_FOUND' }] });
    expect(await movesOf('production')).toEqual([
      { alias: 'production', fromModelName: 'second', toModelName: null },
      { alias: 'production', fromModelName: 'first', toModelName: 'second' },
      { alias: 'production', fromModelName: null, toModelName: 'first' },
    ]);
  });

  test('is listed by the project and by its model', async () => {
    await set({ modelId: modelId(2), name: 'listed-b' });
    await set({ modelId: modelId(2), name: 'listed-a' });
    const { project } = await api.request<{
      project: {
        modelAlias: unknown;
        baseModel: { aliases: { nodes: { name: string }[] } };
        modelAliases: { nodes: { name: string }[] };
      };
    }>(
      '{ project { modelAlias(name: "listed-b") { model { name } } modelAliases { nodes { name } } baseModel(name: "third") { aliases { nodes { name } } } } }',
    );
    expect(project.modelAlias).toEqual({ model: { name: 'third' } });
    expect(project.baseModel.aliases.nodes).toEqual([{ name: 'listed-a' }, { name: 'listed-b' }]);
    expect(project.modelAliases.nodes).toEqual([{ name: 'listed-a' }, { name: 'listed-b' }]);
  });

  test('that several move at once has a history in which each move begins where the one before ended', async () => {
    await Promise.all(Array.from({ length: 9 }, (_, i) => set({ modelId: modelId(i % 3), name: 'contended' })));
    const moves = (await movesOf('contended')).toReversed();
    expect(moves[0]?.fromModelName).toBeNull();
    expect(moves.slice(1).map(({ fromModelName }) => fromModelName)).toEqual(
      moves.slice(0, -1).map(({ toModelName }) => toModelName),
    );
    const { project } = await api.request<{ project: { modelAlias: { model: { name: string } } } }>(
      '{ project { modelAlias(name: "contended") { model { name } } } }',
    );
    expect(project.modelAlias.model.name).toBe(moves.at(-1)?.toModelName);
  });

  test('is moved only from the model where it is expected, if one is named', async () => {
    const conflict = { problems: [{ path: ['expectedModelId'], code: 'CONFLICT' }] };
    expect(await set({ modelId: modelId(0), name: 'careful', expectedModelId: modelId(1) })).toEqual(conflict);
    const { id } = await set({ modelId: modelId(0), name: 'careful' });
    expect(await set({ modelId: modelId(1), name: 'careful', expectedModelId: modelId(2) })).toEqual(conflict);
    expect(await set({ modelId: modelId(1), name: 'careful', expectedModelId: modelId(0) })).toMatchObject({ id });
    expect(await remove({ aliasId: id, expectedModelId: modelId(0) })).toEqual(conflict);
    expect(await remove({ aliasId: id, expectedModelId: modelId(1) })).toMatchObject({ name: 'careful' });
  });

  test.each(['', ' production', 'pro duction', '-production', 'x'.repeat(65), 'prödüction', 'a/b'])(
    'is not called “%s”',
    async (name) => {
      expect(await set({ modelId: modelId(0), name })).toEqual({
        problems: [{ path: ['name'], code: 'INVALID_VALUE' }],
      });
    },
  );

  test('is an event of the project, and an entry of the audit log', async () => {
    await set({ modelId: modelId(0), name: 'told' });
    const { project } = await api.request<{
      project: { events: { events: unknown[] }; auditLog: { nodes: { action: string; details: unknown }[] } };
    }>(
      `{ project {
        events(first: 1000, kinds: [MODEL_ALIAS_MOVED]) { events { ... on ModelAliasMoved {
          alias fromModelName toModelName toModel { name } fromModel { name } } } }
        auditLog(first: 1) { nodes { action details { name value } } } } }`,
    );
    expect(project.events.events.at(-1)).toEqual({
      alias: 'told',
      fromModelName: null,
      toModelName: 'first',
      toModel: { name: 'first' },
      fromModel: null,
    });
    expect(project.auditLog.nodes).toEqual([{ action: 'setModelAlias', details: [{ name: 'name', value: 'told' }] }]);
  });

  test('is set by those who may train, and by nobody else', async () => {
    const keyOf = async (role: 'ANNOTATOR' | 'MAINTAINER') =>
      (await insertKey(api.dataSource, await insertUser(api.dataSource, role, { roles: { [api.projectId]: role } })))
        .secret;
    const input = { modelId: modelId(0), name: 'guarded' };
    expect(await set(input, await keyOf('ANNOTATOR'))).toEqual({ problems: [{ path: [], code: 'FORBIDDEN' }] });
    expect(await set(input, await keyOf('MAINTAINER'))).toMatchObject({ name: 'guarded' });
  });
});

describe('in place of a model', () => {
  let version: string;
  beforeAll(async () => {
    version = (await insertDataset(api.dataSource, api.projectId, { name: 'mails' })).versionIds[0]!;
    api.labelCounts = topicCounts;
    await insertWorker(api.dataSource);
    await set({ modelId: modelId(1), name: 'serving' });
  });

  async function predict(input: Record<string, unknown>) {
    const asked = { input: { texts: ['Hello'], ...input } };
    const { predict: answer } = await api.request<{ predict: { problems: { path: string[]; code: string }[] } }>(
      'mutation ($input: PredictInput!) { predict(input: $input) { ... on Problems { problems { path code } } } }',
      asked,
    );
    return answer.problems;
  }

  test('predict takes an alias: the job has the model that it stands for', async () => {
    // No worker takes the job.
    expect(await predict({ alias: 'serving' })).toEqual([{ path: [], code: 'TIMEOUT' }]);
    const jobs: { digest: string }[] = await api.dataSource.query(
      `SELECT payload ->> 'modelDigest' AS digest FROM jobs WHERE kind = 'predict'`,
    );
    expect(jobs).toEqual([{ digest: digest('model second') }]);
  });

  test('a prediction names its model', async () => {
    const [answer] = await Promise.all([
      api.request<{ predict: unknown }>(
        'mutation ($input: PredictInput!) { predict(input: $input) { ... on Prediction { model { name } texts { tokenCount } } } }',
        { input: { texts: ['Hello'], alias: 'serving' } },
      ),
      settleNext(),
    ]);
    expect(answer.predict).toEqual({ model: { name: 'second' }, texts: [{ tokenCount: 3 }] });
  });

  /** What a worker does with the next prediction. */
  async function settleNext(): Promise<void> {
    for (;;) {
      const [job] = await api.dataSource.query(
        `SELECT id FROM jobs WHERE kind = 'predict' AND state = 'queued' LIMIT 1`,
      );
      if (job === undefined) continue;
      const result = { kind: 'predict', predictions: [{ tokenCount: 3, truncated: false, tasks: [] }] };
      await api.dataSource.query(`UPDATE jobs SET state = 'succeeded', result = $2 WHERE id = $1`, [
        job.id,
        JSON.stringify(result),
      ]);
      await api.dataSource.query(`SELECT pg_notify('attune_job_settled', $1)`, [job.id]);
      return;
    }
  }

  test('evaluate takes an alias, and the evaluation stays with the model when the alias moves', async () => {
    const { evaluate } = await api.request<{ evaluate: { id: string; model: { name: string } } }>(
      `mutation ($input: EvaluateInput!) { evaluate(input: $input) {
        ... on Evaluation { id model { name } } ... on Problems { problems { path code message } } } }`,
      {
        input: {
          alias: 'serving',
          datasetVersionId: ids.version(version),
          textColumn: 'text',
          tasks: [{ task: 'label', labelColumn: 'label' }],
        },
      },
    );
    expect(evaluate.model).toEqual({ name: 'second' });
    await set({ modelId: modelId(2), name: 'serving' });
    const { node } = await api.request<{ node: unknown }>(
      'query ($id: ID!) { node(id: $id) { ... on Evaluation { model { name } } } }',
      { id: evaluate.id },
    );
    expect(node).toEqual({ model: { name: 'second' } });
  });

  test('an alias may stand for a model without a head, which what predicts by it says', async () => {
    const bare = await insertBaseModel(api.dataSource, api.projectId, { name: 'encoder' });
    expect(await set({ modelId: ids.baseModel(bare), name: 'base' })).toMatchObject({ model: { name: 'encoder' } });
    const asked = {
      predict: ['PredictInput', { texts: ['Hello'] }],
      predictBatch: ['PredictBatchInput', { datasetVersionId: ids.version(version) }],
      evaluate: ['EvaluateInput', { datasetVersionId: ids.version(version), tasks: [{ task: 'label' }] }],
    } as const;
    for (const [mutation, [inputType, input]] of Object.entries(asked)) {
      const answer = await api.request<Record<string, unknown>>(
        `mutation ($input: ${inputType}!) { ${mutation}(input: $input) { ... on Problems { problems { path code message } } } }`,
        { input: { alias: 'base', ...input } },
      );
      const message =
        'The model “encoder”, which “base” stands for, has no head: it turns text into vectors, and predicts nothing.';
      expect(answer[mutation], mutation).toEqual({ problems: [{ path: ['alias'], code: 'NO_HEAD', message }] });
    }
  });

  test('an alias that is not there, both, and neither, are refused', async () => {
    expect(await predict({ alias: 'gone' })).toEqual([{ path: ['alias'], code: 'NOT_FOUND' }]);
    expect(await predict({ alias: 'serving', modelId: modelId(0) })).toEqual([
      { path: ['alias'], code: 'INVALID_VALUE' },
    ]);
    expect(await predict({})).toEqual([{ path: ['modelId'], code: 'REQUIRED' }]);
    expect(await predict({ alias: 'serving', projectSlug: 'nowhere' })).toEqual([
      { path: ['projectSlug'], code: 'NOT_FOUND' },
    ]);
  });

  test('an alias of another project is not there for those outside', async () => {
    const outsider = await insertKey(api.dataSource, await insertUser(api.dataSource, 'outsider'));
    const { body } = await api.send<{ predict: unknown }>(
      'mutation ($input: PredictInput!) { predict(input: $input) { ... on Problems { problems { path code } } } }',
      { input: { texts: ['Hello'], alias: 'serving', projectSlug: 'default' } },
      outsider.secret,
    );
    expect(body.data?.predict).toEqual({ problems: [{ path: ['projectSlug'], code: 'NOT_FOUND' }] });
    const { body: node } = await api.send<{ node: unknown }>(
      'query ($id: ID!) { node(id: $id) { id } }',
      { id: globalId('ModelAlias', '00000000-0000-4000-8000-00000000dead') },
      outsider.secret,
    );
    expect(node.data).toEqual({ node: null });
  });
});
