import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeTokenPredictor } from '../../../gpu-worker/architectures/masked-tokens.js';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import type { TokenScores } from '../../../src/protocol/evaluation-scores.js';
import type { TokenEvaluation } from '../../../src/protocol/token-evaluation.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { deleteObject } from '../../support/deletions.js';
import { digest, ids, insertBaseModel, insertDataset, tinyBert, tinyLlama } from '../../support/rows.js';

const problems = '... on Problems { problems { path code message hint } }';

let api: TestApi;
let [llama, other, maskedBert, bareBert, classifier, version] = ['', '', '', '', '', ''];
beforeAll(async () => {
  api = await startTestApi();
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'mails' });
  version = ids.version(versionIds[0]!);
  const add = async (name: string, manifest: typeof tinyBert, more = {}) =>
    ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name, manifest, ...more }));
  llama = await add('llama', tinyLlama);
  other = await add('other llama', { ...tinyLlama, contextLength: 20 });
  const predictor = describeTokenPredictor(tinyBert.config as never, tinyBert.layers.length);
  maskedBert = await add('masked', { ...tinyBert, layers: [...tinyBert.layers, predictor] });
  bareBert = await add('bare', tinyBert);
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['ham', 'spam'] }];
  classifier = await add('classifier', tinyLlama, { heads });
});
afterAll(() => api?.close());

const fields = `id status textColumn requestedTasks { task } baseline { name }
  tokens { objective masking { share wholeWords } maxLength seed truncationSide
    conversations { form { kind columns } learned unlearnable chatTemplate } }`;
// biome-ignore lint/suspicious/noExplicitAny: the shape of a response
async function evaluate(tokens: object | null, more: Record<string, unknown> = {}): Promise<any> {
  const mutation = `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { ${fields} } ${problems} } }`;
  const input = { modelId: llama, datasetVersionId: version, ...(tokens === null ? {} : { tokens }), ...more };
  // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
  return (await api.request<{ evaluate: any }>(mutation, { input })).evaluate;
}

async function payloadOf(
  id: string,
): Promise<{ lane: string; payload: { tasks: unknown[]; tokens: TokenEvaluation } }> {
  const { uuid } = parseGlobalId(id)!;
  const [job] = await api.dataSource.query('SELECT lane, payload FROM jobs WHERE evaluation_id = $1', [uuid]);
  return job;
}

/** An experiment that trained a model on `llama`; returns the model. */
async function trainedBy(method: object, name: string): Promise<string> {
  const created = await api.request<{ createExperiment: { id: string } }>(
    `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } ${problems} } }`,
    {
      input: {
        name,
        baseModelId: llama,
        datasetVersionId: version,
        method,
        hyperparameters: { maxLength: 24, seed: 9 },
      },
    },
  );
  const { uuid } = parseGlobalId(created.createExperiment.id)!;
  const [run] = await api.dataSource.query('SELECT id FROM runs WHERE experiment_id = $1', [uuid]);
  const options = { name: `out of ${name}`, manifest: tinyLlama, producedByRunId: run.id };
  return ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, options));
}

describe('evaluate', () => {
  test('a model from elsewhere reads a column of texts, and is compared with none', async () => {
    const found = await evaluate({}, { textColumn: 'text' });
    expect(found).toMatchObject({
      status: 'QUEUED',
      textColumn: 'text',
      requestedTasks: [],
      baseline: null,
      tokens: { objective: 'CAUSAL', masking: null, maxLength: 40, seed: 0, conversations: null },
    });
    expect(await payloadOf(found.id)).toMatchObject({
      lane: 'batch',
      payload: { tasks: [], tokens: { objective: 'causal', baselineDigest: null } },
    });
    const masked = await evaluate({}, { textColumn: 'text', modelId: maskedBert });
    expect(masked.tokens).toMatchObject({ objective: 'MASKED', masking: { share: 0.15, wholeWords: false } });
  });

  test('a model that was trained reads what it was measured on, and is compared with what it started from', async () => {
    const adapted = await trainedBy({ languageModelling: { textColumn: 'text' } }, 'adapted');
    const found = await evaluate({}, { modelId: adapted });
    expect(found).toMatchObject({
      textColumn: 'text',
      baseline: { name: 'llama' },
      tokens: { maxLength: 24, seed: 9, conversations: null },
    });
    expect((await payloadOf(found.id)).payload.tokens.baselineDigest).toBe(digest('model llama'));
    const promptCompletion = { promptColumn: 'text', completionColumn: 'label' };
    const tuned = await trainedBy(
      {
        instructionTuning: {
          conversation: { promptCompletion },
          learned: 'ASSISTANT_TURNS',
          unlearnable: 'LEAVE_OUT',
        },
      },
      'tuned',
    );
    const conversations = {
      form: { kind: 'PROMPT_COMPLETION', columns: ['text', 'label'] },
      learned: 'ASSISTANT_TURNS',
      unlearnable: 'LEAVE_OUT',
      chatTemplate: null,
    };
    expect(await evaluate({}, { modelId: tuned })).toMatchObject({ textColumn: 'text', tokens: { conversations } });
    // Texts can be asked for, and so can another form, another baseline or none.
    expect(await evaluate({}, { modelId: tuned, textColumn: 'text' })).toMatchObject({
      tokens: { conversations: null },
    });
    expect(await evaluate({ withoutBaseline: true }, { modelId: tuned })).toMatchObject({ baseline: null });
    expect(await evaluate({ baselineId: other, maxLength: 12 }, { modelId: tuned })).toMatchObject({
      baseline: { name: 'other llama' },
      tokens: { maxLength: 12 },
    });
    // Both have to read as many tokens.
    expect(await evaluate({ baselineId: other }, { modelId: tuned })).toMatchObject({ tokens: { maxLength: 20 } });
  });

  test('prompts and completions are no pairs, which an export would ask for', async () => {
    const conversation = { promptCompletion: { promptColumn: 'text', completionColumn: 'label' } };
    const modelId = await trainedBy({ instructionTuning: { conversation } }, 'answers');
    await api.request(
      `mutation ($input: ExportModelInput!) { exportModel(input: $input) { __typename ${problems} } }`,
      { input: { modelId, format: 'HUGGING_FACE' } },
    );
    const [job] = await api.dataSource.query("SELECT payload FROM jobs WHERE payload->>'kind' = 'export'");
    expect(job.payload).toMatchObject({ format: 'huggingFace', readsPairs: false });
  });

  const text = { textColumn: 'text' };
  test.each([
    ['a classifier', {}, () => ({ ...text, modelId: classifier }), ['modelId'], 'INVALID_VALUE', 'It has heads'],
    ['a bare encoder', {}, () => ({ ...text, modelId: bareBert }), ['modelId'], 'INVALID_VALUE', 'languageModelling'],
    ['tasks along with tokens', {}, () => ({ ...text, tasks: [{ task: 'a' }] }), ['tasks'], 'INVALID_VALUE', ''],
    ['labels', {}, () => ({ ...text, unknownLabels: 'COUNT' }), ['unknownLabels'], 'INVALID_VALUE', ''],
    ['pairs', {}, () => ({ ...text, textPairColumn: 'label' }), ['textPairColumn'], 'INVALID_VALUE', ''],
    ['no column', {}, () => ({}), ['textColumn'], 'REQUIRED', ''],
    ['another column', {}, () => ({ textColumn: 'txt' }), ['textColumn'], 'UNKNOWN_COLUMN', 'text'],
    ['numbers', {}, () => ({ textColumn: 'stars' }), ['textColumn'], 'WRONG_COLUMN_TYPE', ''],
    ['another split', {}, () => ({ ...text, split: 'tst' }), ['split'], 'UNKNOWN_SPLIT', 'test'],
    ['another objective', { objective: 'MASKED' }, () => text, ['tokens', 'objective'], 'INVALID_VALUE', ''],
    ['masks of a decoder', { masking: {} }, () => text, ['tokens', 'masking'], 'INVALID_VALUE', ''],
    ['a template of texts', { chatTemplate: 'x' }, () => text, ['tokens', 'chatTemplate'], 'INVALID_VALUE', ''],
    ['too many tokens', { maxLength: 41 }, () => text, ['tokens', 'maxLength'], 'TOO_LONG', ''],
    ['more tokens than are trained on', { maxLength: 8193 }, () => text, ['tokens', 'maxLength'], 'INVALID_VALUE', ''],
    ['one token', { maxLength: 1 }, () => text, ['tokens', 'maxLength'], 'INVALID_VALUE', ''],
    ['a negative seed', { seed: -1 }, () => text, ['tokens', 'seed'], 'INVALID_VALUE', ''],
  ] as const)('refuses %s', async (_, tokens, more, path, code, hint) => {
    const { problems: found } = await evaluate(tokens, more());
    expect(found).toMatchObject([{ path, code }]);
    expect(found[0].hint ?? '').toContain(hint);
  });

  test('refuses two sources, conversations of an encoder, and baselines that predict something else', async () => {
    const conversation = { promptCompletion: { promptColumn: 'text', completionColumn: 'label' } };
    expect((await evaluate({ conversation }, text)).problems).toMatchObject([{ path: ['textColumn'] }]);
    expect((await evaluate({ conversation }, { modelId: maskedBert })).problems).toMatchObject([
      { path: ['tokens', 'conversation'], code: 'INVALID_VALUE' },
    ]);
    for (const baselineId of [maskedBert, bareBert, classifier]) {
      expect((await evaluate({ baselineId }, text)).problems).toMatchObject([
        { path: ['tokens', 'baselineId'], code: 'INVALID_VALUE' },
      ]);
    }
    expect((await evaluate({ baselineId: llama, withoutBaseline: true }, text)).problems).toMatchObject([
      { path: ['tokens', 'baselineId'], code: 'INVALID_VALUE' },
    ]);
    // Labels of a language model, and nothing at all.
    expect((await evaluate(null, { ...text, tasks: [{ task: 'label' }] })).problems).toMatchObject([
      {
        path: ['modelId'],
        code: 'NO_HEAD',
        message: expect.stringContaining('predicts tokens'),
        hint: expect.stringContaining('`tokens`'),
      },
    ]);
    expect((await evaluate(null, { ...text, modelId: classifier })).problems).toMatchObject([
      { path: ['tasks', '0', 'targetColumns'], code: 'REQUIRED' },
    ]);
  });
});

const scores: TokenScores = {
  kind: 'tokens',
  task: 'tokens',
  exampleCount: 10,
  tokenCount: 200,
  loss: 2,
  perplexity: Math.exp(2),
  bitsPerByte: 1.5,
  tokenAccuracy: 0.4,
  tokensDigest: digest('tokens'),
  byteCount: 900,
  truncatedCount: 1,
  leftOutCount: 2,
  baseline: {
    tokenCount: 210,
    loss: 3,
    perplexity: Math.exp(3),
    bitsPerByte: 2,
    tokenAccuracy: 0.25,
    differences: [{ measure: 'bitsPerByte', value: -0.5, low: -0.7, high: -0.3 }],
    incomparable: (['loss', 'perplexity', 'tokenAccuracy'] as const).map((measure) => ({
      measure,
      reason: 'otherTokens',
    })),
  },
};

/** An evaluation of tokens that succeeded. */
async function scored(model: string, change: Partial<TokenScores> = {}, baseline: string | null = null) {
  const id = randomUUID();
  const tokens: TokenEvaluation = {
    objective: 'causal',
    masking: null,
    conversations: null,
    maxLength: 24,
    truncationSide: 'right',
    seed: 0,
    baselineDigest: null,
  };
  await api.dataSource.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, tokens, baseline_model_id, status, scores)
     VALUES ($1, $2, $3, $4, 'test', 'text', '[]', $5, $6, 'SUCCEEDED', $7)`,
    [
      id,
      api.projectId,
      parseGlobalId(model)!.uuid,
      parseGlobalId(version)!.uuid,
      JSON.stringify(tokens),
      baseline === null ? null : parseGlobalId(baseline)!.uuid,
      JSON.stringify([{ ...scores, ...change }]),
    ],
  );
  return globalId('Evaluation', id);
}

describe('scores', () => {
  test('are shown with those of the baseline, and say by what both compare; they outlive the baseline', async () => {
    const removed = await insertBaseModel(api.dataSource, api.projectId, { name: 'removed', manifest: tinyLlama });
    const id = await scored(llama, {}, ids.baseModel(removed));
    const query = `query ($id: ID!) { node(id: $id) { ... on Evaluation { baseline { name } tasks { task }
      scores { __typename task kind exampleCount loss baselines { value } unknownLabelCount
        ... on TokenScores { tokenCount perplexity bitsPerByte tokenAccuracy truncatedCount leftOutCount
          baseline { loss bitsPerByte differences { measure value low high incomparable } } } } findings { code } } } }`;
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { node } = await api.request<{ node: any }>(query, { id });
    expect(node).toMatchObject({ baseline: { name: 'removed' }, tasks: [], findings: [] });
    expect(node.scores[0]).toMatchObject({
      __typename: 'TokenScores',
      task: 'tokens',
      kind: 'TOKENS',
      loss: 2,
      baselines: [],
      tokenCount: 200,
      bitsPerByte: 1.5,
      baseline: { loss: 3, bitsPerByte: 2 },
    });
    const none = { value: null, low: null, high: null, incomparable: 'OTHER_TOKENS' };
    expect(node.scores[0].baseline.differences).toEqual([
      { measure: 'LOSS', ...none },
      { measure: 'PERPLEXITY', ...none },
      { measure: 'BITS_PER_BYTE', value: -0.5, low: -0.7, high: -0.3, incomparable: null },
      { measure: 'TOKEN_ACCURACY', ...none },
    ]);
    expect(await deleteObject(api, 'BaseModel', removed)).toMatchObject({ name: 'removed' });
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    expect((await api.request<{ node: any }>(query, { id })).node).toMatchObject({
      baseline: null,
      scores: [{ baseline: { loss: 3 } }],
    });
  });

  test('are what lists are filtered and sorted by', async () => {
    await scored(other, { loss: 1, perplexity: Math.E, bitsPerByte: 0.9, tokenAccuracy: 0.6 });
    const { project } = await api.request<{ project: Record<string, { nodes: { model: { name: string } }[] }> }>(
      `{ project { good: evaluations(filter: { scores: [{ measure: BITS_PER_BYTE, max: 1 }] }) { nodes { model { name } } }
        right: evaluations(filter: { scores: [{ measure: TOKEN_ACCURACY, min: 0.5, task: "tokens" }] }) { nodes { model { name } } }
        first: evaluations(filter: { task: "tokens", status: [SUCCEEDED] }, orderBy: { measure: PERPLEXITY, direction: ASC }) { nodes { model { name } } } } }`,
    );
    expect(project.good!.nodes).toEqual([{ model: { name: 'other llama' } }]);
    expect(project.right!.nodes).toEqual([{ model: { name: 'other llama' } }]);
    expect(project.first!.nodes.map(({ model }) => model.name)).toEqual(['other llama', 'llama']);
  });

  test('of experiments stand side by side; of different tokenizers only bits a byte compare', async () => {
    const method = { languageModelling: { textColumn: 'text' } };
    const [a, b, c] = [await trainedBy(method, 'a'), await trainedBy(method, 'b'), await trainedBy(method, 'c')];
    await scored(a);
    await scored(b, { loss: 1.5, bitsPerByte: 1.1 });
    await scored(c, { loss: 1, bitsPerByte: 1.2, tokensDigest: digest('other tokens') });
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const compare = async (...names: string[]): Promise<any> => {
      const { project } = await api.request<{ project: { experiments: { nodes: { id: string; name: string }[] } } }>(
        '{ project { experiments(first: 100) { nodes { id name } } } }',
      );
      const found = names.map((name) => project.experiments.nodes.find((each) => each.name === name)!.id);
      // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
      const { compareExperiments } = await api.request<{ compareExperiments: any }>(
        `query ($ids: [ID!]!) { compareExperiments(ids: $ids) { ... on ExperimentComparison { evaluations {
          tasks { task targetColumns measures { measure differences best { name } } } } } ${problems} } }`,
        { ids: found },
      );
      return compareExperiments.evaluations[0].tasks[0];
    };
    const same = await compare('a', 'b');
    expect(same).toMatchObject({ task: 'tokens', targetColumns: [] });
    expect(same.measures[0]).toEqual({ measure: 'LOSS', differences: [0, -0.5], best: { name: 'b' } });
    const { measures } = await compare('a', 'c');
    expect(measures[0]).toEqual({ measure: 'LOSS', differences: [null, null], best: null });
    expect(measures[2]).toMatchObject({ measure: 'BITS_PER_BYTE', best: { name: 'c' } });
  });
});
