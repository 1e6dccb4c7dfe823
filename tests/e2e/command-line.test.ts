import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test as quickTest } from 'vitest';
import { attuneScript, startAttune } from '../support/attune-command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';

// The command line as a person and a script use it, with a real server that trains.

/** Each command is a process of its own, and some wait for a training: on a busy machine that takes a while. */
const test = (name: string, run: () => Promise<void>) => quickTest(name, run, 240_000);

let database: TestDatabase;
let home: string;
let folder: string;
let platform: TestPlatform;
let worker: ReturnType<typeof startTestWorker>;
beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-command-'));
  folder = await mkdtemp(join(tmpdir(), 'attune-command-files-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home });
});
afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  for (const each of [home, folder]) await rm(each, { recursive: true, force: true, maxRetries: 5 });
});

const settings = () => join(folder, 'settings', 'config.json');
const attune = (words: readonly string[], options: { input?: string; env?: Record<string, string> } = {}) =>
  startAttune(words, { ...options, env: { ATTUNE_CONFIG: settings(), ...options.env }, folder }).said;

/** What a command says to scripts, line by line. Fails with what it says to people. */
async function lines(words: readonly string[], input?: string): Promise<Record<string, unknown>[]> {
  const { code, out, err } = await attune([...words, '--json'], input === undefined ? {} : { input });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('login keeps the server and a key that nobody else can read', async () => {
  expect(await attune(['login', platform.url, '--no-key'])).toMatchObject({ code: 0, err: '' });
  const made = await platform.client.mutate<{ secret: string }>(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ... on CreatedApiKey { secret } ... on Problems { problems { message } } } }',
    { name: 'of the command line', scopes: ['TRAIN', 'ANNOTATE'] },
  );
  const said = await attune(['login', platform.url, '--key-stdin'], { input: `${made.secret}\n` });
  expect(said).toMatchObject({ code: 0, out: expect.stringContaining(platform.url), err: '' });
  expect((await stat(settings())).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(settings(), 'utf8'))).toEqual({
    url: platform.url,
    apiKeys: { [platform.url]: made.secret },
  });
  expect(await lines(['whoami'])).toMatchObject([
    {
      viewer: { credential: 'API_KEY' },
      project: { slug: 'default', viewerScopes: expect.arrayContaining(['TRAIN']) },
    },
  ]);

  const refused = await attune(['login', platform.url, '--key-stdin'], { input: 'attune_wrong' });
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).not.toContain('attune_wrong');
  expect(JSON.parse(await readFile(settings(), 'utf8')).apiKeys).toEqual({ [platform.url]: made.secret });
});

const mails = Array.from({ length: 60 }, (_, row) =>
  row % 2 === 0 ? `claim the free prize number ${row} today,spam` : `the meeting of room ${row} is on Thursday,ham`,
);

test('from a file to a model that predicts, with the loss on the way', async () => {
  await writeFile(join(folder, 'mails.csv'), `text,label\n${mails.join('\n')}\n`);
  expect(await lines(['datasets', 'push', 'mails.csv', '--stratify', 'label', '--seed', '1'])).toMatchObject([
    { dataset: { name: 'mails' }, number: 1, exampleCount: 60, rejectedCount: 0 },
  ]);
  const shown = await attune(['datasets', 'show', 'mails@1']);
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toMatch(/splits +.*train 48/);

  const trained = await lines([
    'experiments',
    'create',
    '--model',
    'use-lite',
    '--dataset',
    'mails',
    '--name',
    'spam filter',
    '--freeze-encoder',
    '--epochs',
    '5',
    '--learning-rate',
    '0.01',
    '--batch-size',
    '8',
    '--max-length',
    '32',
    '--seed',
    '1',
    '--watch',
  ]);
  expect(trained[0]).toMatchObject({ name: 'spam filter', status: 'QUEUED' });
  const events = trained.slice(1, -1);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.filter(({ __typename }) => __typename === 'MetricsRecorded').length).toBeGreaterThan(5);
  expect(trained.at(-1)).toMatchObject({ status: 'SUCCEEDED', model: { name: 'spam filter' } });

  const predicted = await lines(['predict', 'spam filter'], 'claim the free prize\n\nthe meeting is on Thursday\n');
  expect(predicted).toMatchObject([
    { text: 'claim the free prize', predictions: [{ task: 'label', label: 'spam' }] },
    { text: 'the meeting is on Thursday', predictions: [{ task: 'label', label: 'ham' }] },
  ]);
  expect(await lines(['evaluate', 'spam filter', 'mails'])).toMatchObject([
    { status: 'SUCCEEDED', scores: [{ task: 'label', exampleCount: 6, accuracy: 1 }] },
  ]);
});

test('a recipe makes the next version, and a report finds what was planted', async () => {
  await writeFile(join(folder, 'recipe.json'), JSON.stringify([{ dropDuplicates: { columns: ['text'] } }]));
  const doubled = [...mails, ...mails.slice(0, 4)];
  await writeFile(join(folder, 'doubled.csv'), `text,label\n${doubled.join('\n')}\n`);
  await lines(['datasets', 'push', 'doubled.csv']);
  const [report] = await lines(['datasets', 'report', 'doubled']);
  const { findings } = report!.facts as { findings: { code: string; suggestedStep: { kind: string } | null }[] };
  expect(findings.map(({ suggestedStep }) => suggestedStep?.kind)).toContain('dropDuplicates');
  expect(await lines(['datasets', 'prepare', 'doubled', '--recipe', 'recipe.json'])).toMatchObject([
    { dataset: { name: 'doubled' }, number: 2, exampleCount: 60 },
  ]);
});

test('an export lies on the disk, file by file, and in one archive', async () => {
  const [done] = await lines(['models', 'export', 'spam filter', '--format', 'onnx', '-o', 'out']);
  const names = (done!.files as { name: string }[]).map(({ name }) => name);
  expect((await readdir(join(folder, 'out'))).toSorted()).toEqual(names.toSorted());
  expect(names).toContain('model.onnx');
  await lines(['models', 'export', 'spam filter', '--format', 'onnx', '--archive', '-o', 'packed']);
  expect((await readFile(join(folder, 'packed', 'packed.zip'))).subarray(0, 2).toString()).toBe('PK');
});

test('a sweep is made once however often it is asked for, shown best first, and compared', async () => {
  const create = [
    'sweeps',
    'create',
    'spam filter',
    '--name',
    'rates',
    '--grid',
    'learningRate=0.01,1e-5',
    '--grid',
    'epochs=1',
  ];
  const made = await lines(create);
  expect(made.map(({ name }) => name)).toEqual([
    'rates: learningRate 0.01, epochs 1',
    'rates: learningRate 0.00001, epochs 1',
  ]);
  expect((await lines(create)).map(({ id }) => id)).toEqual(made.map(({ id }) => id));
  const watched = await attune(['sweeps', 'watch', 'rates']);
  expect(watched.code).toBe(0);
  const shown = await lines(['sweeps', 'show', 'rates']);
  expect(shown.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
  const [compared] = await lines([
    'experiments',
    'compare',
    ...made.map(({ id }) => id as string),
    '--metric',
    'validation/loss',
  ]);
  const { configuration, summary } = compared as {
    configuration: { path: string; values: { text: string }[] }[];
    summary: { best: { id: string } }[];
  };
  expect(configuration.map(({ path, values }) => [path, ...values.map(({ text }) => text)])).toContainEqual([
    'hyperparameters.learningRate',
    '0.01',
    '0.00001',
  ]);
  expect(summary[0]!.best.id).toBe(made[0]!.id);
});

test('a language model writes, as it comes and as events; without a chat template it can not chat', async () => {
  const ask = ['generate', 'gloss-lm', 'dog: a', '--max-tokens', '8', '--temperature', '0'];
  const said = await attune(ask);
  expect(said).toMatchObject({ code: 0, err: '' });
  const events = await lines(ask);
  const written = events.filter(({ __typename }) => __typename === 'TokensGenerated').map(({ text }) => text);
  expect(written.join('')).toBe(said.out.replace(/\n$/, ''));
  expect(events.at(-1)).toMatchObject({ __typename: 'GenerationEnded', status: 'SUCCEEDED' });
  const spoken = await attune(['chat', 'gloss-lm', '--max-tokens', '4'], { input: 'hello\n' });
  expect(spoken).toMatchObject({ code: 4, err: expect.stringContaining('chat template') });
});

test('feedback of an application is recorded', async () => {
  const [predicted] = await lines(['predict', 'spam filter', 'claim it']);
  const { feedbackId, index } = predicted as { feedbackId: string; index: number };
  expect(
    await lines(['feedback', 'record', '--prediction', feedbackId, '--index', String(index), '--label', 'ham']),
  ).toMatchObject([{ modelName: 'spam filter' }]);
  const record = [
    'feedback',
    'record',
    '--model',
    'spam filter',
    '--text',
    'claim it',
    '--predicted',
    'spam',
    '--probability',
    '0.9',
  ];
  expect(await lines([...record, '--thumb', 'down', '--comment', 'no'])).toMatchObject([{ modelName: 'spam filter' }]);
  expect(await attune([...record, '--thumb', 'up', '--score', '3'])).toMatchObject({ code: 2, out: '' });
});

test('Ctrl-C ends the command and not the training, and says so; cancel ends that', async () => {
  const words = [
    'experiments',
    'create',
    '--model',
    'use-lite',
    '--dataset',
    'mails',
    '--name',
    'endless',
    '--epochs',
    '500',
    '--batch-size',
    '1',
    '--watch',
  ];
  const { child, said } = startAttune([...words, '--json'], { env: { ATTUNE_CONFIG: settings() }, folder });
  for await (const line of createInterface({ input: child.stdout! })) {
    if (JSON.parse(line).__typename === 'MetricsRecorded') break;
  }
  child.kill('SIGINT');
  expect((await said).code).toBe(130);
  expect(await lines(['experiments', 'show', 'endless'])).toMatchObject([{ status: 'TRAINING' }]);
  expect((await lines(['experiments', 'cancel', 'endless']))[0]).toMatchObject({ name: 'endless' });
  const watched = await attune(['experiments', 'watch', 'endless']);
  expect(watched).toMatchObject({ code: 4, err: expect.stringContaining('CANCELED') });
});

test('what goes wrong is a sentence with what to do, and a status', async () => {
  const unknown = await attune(['experiments', 'show', 'nothing of this name']);
  expect(unknown).toEqual({
    code: 1,
    out: '',
    err: 'There is no experiment “nothing of this name”.\nattune experiments list shows those that are there.\n',
  });
  const wrong = ['experiments', 'create', '--model', 'use-lite', '--dataset', 'mails', '--label', 'lable'];
  const problem = await attune([...wrong, '--json']);
  expect(problem).toMatchObject({ code: 1, out: '' });
  expect(JSON.parse(problem.err)).toMatchObject({
    error: { code: 'UNKNOWN_COLUMN', problems: [{ path: ['method', 'supervised', 'labelColumn'] }] },
  });
  expect((await attune(wrong)).err).toMatch(/“lable”\. \(at method\.supervised\.labelColumn\)\nDid you mean “label”/);
  expect(await attune(['datasets', 'push', 'missing.csv'])).toMatchObject({
    code: 2,
    err: 'There is no file missing.csv.\n',
  });
  await writeFile(join(folder, 'blank.csv'), '');
  expect(await attune(['datasets', 'push', 'blank.csv'])).toMatchObject({ code: 2, err: 'blank.csv is empty.\n' });
  expect(await attune(['datasets', 'pull'])).toMatchObject({
    code: 2,
    err: expect.stringContaining("unknown command 'pull'"),
  });
  const nobody = await attune(['whoami', '--url', `http://127.0.0.1:${await freePort()}`]);
  expect(nobody).toMatchObject({ code: 3, err: expect.stringMatching(/ECONNREFUSED.*\nSee whether the server runs/) });
  for (const { err } of [unknown, problem, nobody]) expect(err).not.toMatch(/^\s+at /m);
});

test('bash completes commands and options by what the command itself says', async () => {
  const script = (await attune(['completion', 'bash'])).out;
  const asked = [
    ['attune', 'exp'],
    ['attune', 'experiments', 'create', '--lea'],
    ['attune', 'completion', ''],
  ];
  const steps = asked.map(
    (line) =>
      `COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}; _attune; echo "\${COMPREPLY[*]}"`,
  );
  const bash = spawn('bash', ['--norc'], {
    env: { PATH: process.env.PATH, NODE: process.execPath, SCRIPT: attuneScript },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  bash.stdin.end(['attune() { "$NODE" "$SCRIPT" "$@"; }', script, ...steps].join('\n'));
  expect(await text(bash.stdout)).toBe('experiments\n--learning-rate\nbash zsh fish\n');
});
