import { getNamedType, isInputObjectType, isObjectType, isUnionType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphQLSchema } from '../../../src/app/build-schema.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertEveryKind } from '../../support/every-kind.js';
import { ids, insertBaseModel, insertDataset, insertWorker, tinyLlama } from '../../support/rows.js';

/** Every mutation with an idempotency key, called again, and called several times at once: one result. */

const schema = graphQLSchema();
const mutations = Object.values(schema.getMutationType()!.getFields());
const withKey = mutations.filter(({ args }) => {
  const input = getNamedType(args[0]!.type);
  return isInputObjectType(input) && 'idempotencyKey' in input.getFields();
});

/** Those that need a file: tests/integration/datasets has them. */
const elsewhere = [
  'createUpload',
  'createDataset',
  'addDatasetVersion',
  'resplitDatasetVersion',
  'joinDatasetVersions',
  // tests/integration/experiments has it: it needs rows with folds.
  'createFoldExperiments',
];

let api: TestApi;
let inputs: Record<string, Record<string, unknown>>;
beforeAll(async () => {
  api = await startTestApi();
  const known = await insertEveryKind(api);
  await insertWorker(api.dataSource);
  const method = { supervised: { textColumn: 'text', labelColumn: 'label' } };
  const writer = ids.baseModel(
    await insertBaseModel(api.dataSource, api.projectId, { name: 'llama', manifest: tinyLlama }),
  );
  inputs = {
    addMember: { email: 'new@example.org', name: 'New', role: 'VIEWER' },
    cloneExperiment: { experimentId: known.Experiment, name: 'cloned again' },
    createApiKey: { name: 'again', scopes: ['READ'] },
    createExperiment: {
      name: 'again',
      baseModelId: known.BaseModel,
      datasetVersionId: known.DatasetVersion,
      method,
    },
    createProject: { name: 'Again', slug: 'again' },
    createServiceAccount: { name: 'again', role: 'VIEWER' },
    createWebhook: { url: 'https://example.org/again', events: ['EXPERIMENT_CREATED'] },
    evaluate: {
      modelId: known.BaseModel,
      datasetVersionId: known.DatasetVersion,
      textColumn: 'text',
      tasks: [{ task: 'label', labelColumn: 'label' }],
    },
    generate: {
      modelId: writer,
      prompts: [{ text: 'once' }],
      wait: false,
    },
    createFeedbackLoop: {
      name: 'again',
      baseModelId: known.BaseModel,
      ask: {
        uncertain: {
          datasetVersionId: known.DatasetVersion,
          split: 'train',
          textColumn: 'text',
          classes: ['ham', 'spam'],
          most: 5,
        },
      },
      training: { method },
      measuring: { datasetVersionId: known.DatasetVersion, split: 'test', textColumn: 'text' },
    },
    createFeedbackTask: { name: 'again', question: { thumbs: {} } },
    addFeedbackItems: {
      taskId: known.FeedbackTask,
      items: [{ prompt: { text: 'Again?' }, answers: [{ text: 'y' }, { text: 'n' }] }],
    },
    recordFeedback: {
      target: { answer: { generationId: known.Generation } },
      feedback: { betterAnswer: 'once upon a midnight' },
    },
    createDatasetFromFeedback: { taskIds: [known.FeedbackTask], name: 'answers again', policy: { allVotes: {} } },
    createDatasetFromRecordedFeedback: { form: 'BETTER_ANSWERS', name: 'thought again', policy: { allVotes: {} } },
    exportFeedback: { taskId: known.FeedbackTask },
    exportModel: { modelId: known.BaseModel, format: 'ONNX' },
    appendExamples: { datasetId: known.Dataset, examples: [{ values: { text: 'again' } }] },
    exportDatasetVersion: { datasetVersionId: known.DatasetVersion, format: 'CSV' },
    reportDataset: { datasetVersionId: known.DatasetVersion },
    recommendBaseModels: { datasetVersionId: known.DatasetVersion, method },
    compareDatasetVersions: {
      datasetVersionId: known.DatasetVersion,
      comparedWithId: ids.version(
        (await insertDataset(api.dataSource, api.projectId, { name: 'beside' })).versionIds[0]!,
      ),
    },
    prepareDataset: { name: 'again', sources: [{ version: { datasetVersionId: known.DatasetVersion } }] },
    predictBatch: { modelId: known.BaseModel, datasetVersionId: known.DatasetVersion, textColumn: 'text' },
    scoreSamples: {
      modelId: writer,
      datasetVersionId: known.DatasetVersion,
      promptColumn: 'text',
      rewards: [{ name: 'short', by: { lengthCost: { cost: 1 } } }],
    },
    createDatasetFromSamples: { samplesId: known.ScoredSamples, name: 'samples again', rows: 'WINNERS' },
    importBaseModel: { name: 'imported again', source: { hub: { repository: 'organization/again' } } },
  };
});
afterAll(() => api?.close());

const problems = '... on Problems { problems { path code message } }';

/** The mutation with all of its result's identity: its id, or those of what it holds. */
function documentOf(name: string): string {
  const { args, type } = mutations.find((mutation) => mutation.name === name)!;
  const union = getNamedType(type);
  if (!isUnionType(union)) throw new Error(`${name} returns no union.`);
  const result = union.getTypes().find((member) => member.name !== 'Problems')!;
  const fields = Object.values(result.getFields());
  const identity =
    'id' in result.getFields()
      ? 'id'
      : fields
          .filter((field) => {
            const inner = getNamedType(field.type);
            return isObjectType(inner) && 'id' in inner.getFields();
          })
          .map((field) => `${field.name} { id }`)
          .join(' ');
  return `mutation ($input: ${args[0]!.type}) { ${name}(input: $input) { ... on ${result.name} { ${identity} } ${problems} } }`;
}

async function call(name: string, key: string, changed: Record<string, unknown> = {}): Promise<unknown> {
  const input = { ...inputs[name], ...changed, idempotencyKey: key };
  const data = await api.request<Record<string, unknown>>(documentOf(name), { input });
  return data[name];
}

test('every mutation with a key is here, or tested elsewhere', () => {
  expect([...Object.keys(inputs), ...elsewhere].sort()).toEqual(withKey.map(({ name }) => name).sort());
});

describe('one result of', () => {
  const names = withKey.map(({ name }) => name).filter((name) => !elsewhere.includes(name));

  test.each(names)('%s, called at the same time and again', async (name) => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => call(name, `key of ${name}`)));
    const first = answers[0];
    expect(JSON.stringify(first)).not.toContain('problems');
    expect(answers).toEqual([first, first, first, first]);
    expect(await call(name, `key of ${name}`)).toEqual(first);
  });

  test.each(names)('%s: a key that is longer than a key may be is a problem', async (name) => {
    const problem = { path: ['idempotencyKey'], code: 'TOO_LONG' };
    expect(await call(name, 'k'.repeat(256))).toMatchObject({ problems: [problem] });
    expect(await call(name, 'k'.repeat(100_000))).toMatchObject({ problems: [problem] });
  });

  test.each(names)('%s: the key with another input is a problem', async (name) => {
    const changes: Record<string, Record<string, unknown>> = {
      addFeedbackItems: { items: [{ text: 'another' }] },
      appendExamples: { allowNewColumns: true },
      recordFeedback: { comment: 'another' },
      addMember: { role: 'ANNOTATOR' },
      createWebhook: { url: 'https://example.org/other' },
      evaluate: { split: 'validation' },
      exportDatasetVersion: { format: 'JSONL' },
      exportFeedback: { format: 'CSV' },
      exportModel: { format: 'HUGGING_FACE' },
      generate: { samples: 2 },
      predictBatch: { split: 'test' },
      reportDataset: { maxLength: 99 },
      scoreSamples: { samples: 3 },
      recommendBaseModels: { budget: { seconds: 60 } },
      compareDatasetVersions: { key: ['text'] },
    };
    const answer = await call(name, `key of ${name}`, changes[name] ?? { name: 'another name' });
    expect(answer).toMatchObject({ problems: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
  });
});
