import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { datasetFiles } from '../../support/dataset-files.js';
import { importModel, watchImport } from '../../support/models.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../../support/platform.js';

/** Instruction tuning from the upload to the trained model, on the product as a user starts it. */

const template = `{%- for message in messages -%}
{{ message.role[0] }}:{{ message.content }}{{ eos_token }}
{%- endfor -%}
{%- if add_generation_prompt -%}a:{%- endif -%}`;

let database: TestDatabase;
let platform: TestPlatform;
let worker: ReturnType<typeof startTestWorker>;
let folder: string;
let [model, version, faulty] = ['', '', ''];
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await startTestPlatform({ databaseUrl: database.url, env: { ATTUNE_WORKERS: '1' } });
  worker = startTestWorker({ databaseUrl: database.url, home: platform.home });
  folder = await mkdtemp(join(tmpdir(), 'attune-instructions-'));
  const path = join(folder, 'model');
  await cp(fileURLToPath(decoderFolder('llama')), path, { recursive: true });
  await writeFile(join(path, 'chat_template.jinja'), template);
  const id = await importModel(platform.client, { name: 'chat', source: { folder: { path } } });
  for await (const state of watchImport(platform.client, id)) model = state.model?.id ?? model;
  version = (await versionOf(lines(conversations), 'JSONL')).id;
  faulty = (await versionOf(lines([...conversations, ...wrong]), 'JSONL')).id;
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const { versionOf } = datasetFiles(() => platform.client);
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const conversations = Array.from({ length: 40 }, (_, index) => ({
  messages: [
    { role: 'user', content: `a ${index}?` },
    { role: 'assistant', content: index % 2 === 0 ? 'yes' : 'no' },
  ],
}));
const wrong = [{ messages: [{ role: 'robot', content: 'b' }] }, { messages: [{ role: 'user', content: 'c' }] }];

const problems = '... on Problems { problems { path code message hint } }';
const planned = `query ($input: CreateExperimentInput!) { planExperiment(input: $input) { ... on ExperimentPlan {
  method { ... on InstructionTuning { conversation { kind columns } learned packing unlearnable chatTemplate } }
  hyperparameters { maxLength epochs } trainExamples totalSteps example { row }
  tokens { sampledExamples longest } findings { code }
  conversations {
    sampledRows truncatedRows rowsWithoutTarget faultyRows meanTargets
    example { row text tokens { token isTarget } } faults { row fault { code turn } }
  } } ${problems} } }`;
const created = `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } ${problems} } }`;

const inputOf = (more: Record<string, unknown> = {}, method: Record<string, unknown> = {}) => ({
  name: 'answers',
  baseModelId: model,
  datasetVersionId: version,
  method: { instructionTuning: { conversation: { messages: { column: 'messages' } }, ...method } },
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: the shape of a response
const plan = async (input: object) => (await platform.client.request<any>(planned, { input })).planExperiment;
// biome-ignore lint/suspicious/noExplicitAny: the shape of a response
const create = async (input: object) => (await platform.client.request<any>(created, { input })).createExperiment;

describe('a plan', () => {
  test('shows a conversation token by token, and what of it is learned', async () => {
    const { method, conversations: read, tokens, ...rest } = await plan(inputOf());
    expect(method).toEqual({
      conversation: { kind: 'MESSAGES', columns: ['messages'] },
      learned: 'COMPLETIONS',
      packing: 'PACKED',
      unlearnable: 'REFUSE',
      chatTemplate: null,
    });
    expect(rest).toMatchObject({ trainExamples: 32, example: null, findings: [{ code: 'LICENCE_WARNING' }] });
    expect(read).toMatchObject({ sampledRows: 32, truncatedRows: 0, rowsWithoutTarget: 0, faultyRows: 0, faults: [] });
    expect(tokens.sampledExamples).toBe(32);
    const { text, tokens: shown } = read.example;
    expect(text).toMatch(/^u:a \d+\?<\|end_of_text\|>a:(yes|no)<\|end_of_text\|>$/);
    const target = shown.filter(({ isTarget }: { isTarget: boolean }) => isTarget);
    expect(target.at(-1).token).toBe('<|end_of_text|>');
    expect(shown.length).toBeGreaterThan(target.length);
    expect(read.meanTargets).toBeGreaterThan(1);
  });

  test('reads the column that has the role of conversations', async () => {
    const input = inputOf({ method: { instructionTuning: {} } });
    expect((await plan(input)).method.conversation).toEqual({ kind: 'MESSAGES', columns: ['messages'] });
    const turns = conversations.map(({ messages }) => ({
      turns: messages.map(({ role, content }) => ({ from: role === 'user' ? 'human' : 'gpt', value: content })),
    }));
    const shared = { ...input, datasetVersionId: (await versionOf(lines(turns), 'JSONL')).id };
    expect((await plan(shared)).method.conversation).toEqual({ kind: 'SHARE_GPT', columns: ['turns'] });
  });

  test('counts answers that are cut off, and rows that are no conversation', async () => {
    const long = { user: 'word '.repeat(200), assistant: 'yes' };
    const tooLong = { messages: Object.entries(long).map(([role, content]) => ({ role, content })) };
    const mixed = await versionOf(lines([...conversations, ...Array.from({ length: 8 }, () => tooLong)]), 'JSONL');
    const short = await plan(inputOf({ datasetVersionId: mixed.id, hyperparameters: { maxLength: 32 } }));
    const { rowsWithoutTarget, truncatedRows, example } = short.conversations;
    expect(rowsWithoutTarget).toBeGreaterThan(0);
    expect(truncatedRows).toBe(rowsWithoutTarget);
    expect(example).not.toBeNull();
    const broken = await plan(inputOf({ datasetVersionId: faulty }, { unlearnable: 'LEAVE_OUT' }));
    const { faultyRows, faults } = broken.conversations;
    expect(faults.length).toBe(faultyRows);
    for (const { fault } of faults) expect(['UNKNOWN_ROLE', 'NO_ANSWER']).toContain(fault.code);
  });

  test.each([
    [{ chatTemplate: '{% for %}' }, ['method', 'instructionTuning', 'chatTemplate'], 'INVALID_VALUE'],
    [{ chatTemplate: ' ' }, ['method', 'instructionTuning', 'chatTemplate'], 'REQUIRED'],
    [
      { conversation: { messages: { column: 'turns' } } },
      ['method', 'instructionTuning', 'conversation', 'messages', 'column'],
      'UNKNOWN_COLUMN',
    ],
  ])('refuses %j', async (method, path, code) => {
    expect((await plan(inputOf({}, method))).problems).toMatchObject([{ path, code }]);
  });
});

describe('a chat template', () => {
  test('that leaves answers out is not mended by a greater maxLength', async () => {
    const chatTemplate = '{% for m in messages %}{{ m.content if m.role == "user" }}{% endfor %}';
    const planned = await plan(inputOf({}, { chatTemplate }));
    const [problem] = (await create(inputOf({}, { chatTemplate }))).problems;
    expect(problem).toMatchObject({ code: 'UNLEARNABLE_ROWS', hint: expect.stringContaining('chatTemplate') });
    expect(problem.hint).not.toContain('maxLength');
    expect(planned.problems).toMatchObject([problem]);
  });

  test('that takes many steps shortens the sample, and nothing is said of the rows after it', async () => {
    const chatTemplate =
      '{% for i in range(4000) %}{% set x = i %}{% endfor %}{% for m in messages %}{{ m.content + "|" }}{% endfor %}';
    const planned = await plan(inputOf({}, { chatTemplate }));
    const { sampledRows, faultyRows, faults } = planned.conversations;
    expect(sampledRows).toBeGreaterThan(0);
    expect(sampledRows).toBeLessThan(32);
    expect([faultyRows, faults]).toEqual([0, []]);
  });

  test('refuses a column that is both prompt and completion', async () => {
    const both = { promptCompletion: { promptColumn: 'messages', completionColumn: 'messages' } };
    const { problems: found } = await plan(inputOf({}, { conversation: both }));
    const at = ['method', 'instructionTuning', 'conversation', 'promptCompletion'];
    expect(found).toMatchObject([
      { path: [...at, 'promptColumn'], code: 'WRONG_COLUMN_TYPE' },
      { path: [...at, 'completionColumn'], code: 'INVALID_VALUE' },
    ]);
  });
});

describe('an experiment', () => {
  test('is refused where answers are cut off', async () => {
    const refused = await create(inputOf({ hyperparameters: { maxLength: 4 } }));
    expect(refused.problems).toMatchObject([
      {
        code: 'UNLEARNABLE_ROWS',
        path: ['method', 'instructionTuning', 'conversation'],
        message: expect.stringContaining('32 of 32 sampled rows'),
        hint: expect.stringContaining('maxLength'),
      },
    ]);
  });

  test('of which nothing can be learned is refused by the plan too, and nobody is told to leave all rows out', async () => {
    for (const unlearnable of ['REFUSE', 'LEAVE_OUT']) {
      const input = inputOf({ hyperparameters: { maxLength: 4 } }, { unlearnable });
      const refused = [await plan(input), await create(input)];
      for (const { problems } of refused) {
        expect(problems).toMatchObject([{ code: 'UNLEARNABLE_ROWS' }]);
        expect(problems[0].hint).not.toContain('LEAVE_OUT');
      }
    }
  });

  test('learns the answers, and what it learned goes on from there', async () => {
    const hyperparameters = { epochs: 8, learningRate: 0.01, maxLength: 32 };
    const { id } = await create(inputOf({ hyperparameters }));
    const events = platform.client.subscribe<{ experimentEvents: { to?: string; problem?: object | null } }>(
      `subscription ($id: ID!) { experimentEvents(experimentId: $id, kinds: [STATUS_CHANGED]) { ... on StatusChanged { to problem { message } } } }`,
      { id },
    );
    for await (const { experimentEvents: event } of events) {
      expect(event.problem ?? null).toBeNull();
      if (event.to === 'SUCCEEDED') break;
    }
    const { experiment } = await platform.client.request<{
      experiment: {
        summary: { definition: { key: string }; newest: { value: number } }[];
        metricSeries: { points: { step: number; value: number }[] }[];
        model: { allHeads: object[]; chatTemplate: string | null };
      };
    }>(
      `query ($id: ID!) { experiment(id: $id) {
        summary { definition { key } newest { value } }
        metricSeries(keys: ["validation/perplexity"]) { points { step value } }
        model { allHeads { __typename } chatTemplate }
      } }`,
      { id },
    );
    const [first, ...others] = experiment.metricSeries[0]!.points;
    expect(first!.step).toBe(0);
    expect(others.at(-1)!.value).toBeLessThan(first!.value / 2);
    expect(experiment.model).toEqual({ allHeads: [], chatTemplate: template });
    expect(experiment.summary.map(({ definition }) => definition.key)).toContain('validation/tokenAccuracy');
  });
});
