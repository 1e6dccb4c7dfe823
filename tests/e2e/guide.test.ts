import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';

const addressInGuide = 'url=http://127.0.0.1:4000';
/** In integrators.md, where a receiver of webhooks listens. */
const receiverPort = /(?<=127\.0\.0\.1:|listen\()3000/g;

let platform: TestPlatform;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-guide-'));
  // For the two programs of integrators.md, which a reader installs their packages for.
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'));
  platform = await startTestPlatform({ env: { ATTUNE_WEBHOOK_ALLOW_PRIVATE: '127.0.0.1' } });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The blocks of commands in a page, and the heading that each stands under. */
async function blocksOf(page: string): Promise<{ heading: string; block: string }[]> {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return text.split(/^#+ /m).flatMap((section) => {
    const heading = section.slice(0, section.indexOf('\n'));
    return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => ({ heading, block: block! }));
  });
}

/** What one block printed: the answers of its operations, and the results of its subscriptions. */
interface Pasted {
  readonly block: string;
  readonly printed: string;
  /** `data` of every answer and event, in order. */
  readonly data: readonly Record<string, unknown>[];
}

/** Types the blocks into one interactive bash, as somebody who pastes them does; it stops where a command fails. */
async function paste(typed: readonly string[]): Promise<Pasted[]> {
  const shell = spawn('bash', ['--norc', '--noprofile', '-i'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, PS1: '', PS2: '', HISTFILE: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 220_000,
  });
  let output = '';
  let faults = '';
  shell.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  shell.stderr.on('data', (chunk: Buffer) => {
    faults += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => shell.once('close', resolve));
  shell.stdin.end(
    ["set -E; trap 'exit 9' ERR", ...typed.map((block) => `${block}\necho '--- end of a block'`)].join('\n'),
  );
  expect([await ended, faults, output.slice(-2000)]).toMatchObject([0, expect.any(String), expect.any(String)]);
  const parts = output.split('--- end of a block\n');
  return typed.map((block, index) => ({ block, printed: parts[index]!, data: dataIn(parts[index]!) }));
}

function dataIn(printed: string): Record<string, unknown>[] {
  const answers = printed.split('\n').flatMap((line) => line.match(/\{"(?:data|errors)":.*\}$/) ?? []);
  return answers.map((answer) => {
    const { data, errors } = JSON.parse(answer);
    expect(errors, answer).toBeUndefined();
    return data;
  });
}

test('the blocks of docs/guide.md and docs/integrators.md, pasted in their order, do what the pages say', async () => {
  const guide = await blocksOf('guide.md');
  const integrators = await blocksOf('integrators.md');
  const last = guide.findIndex(({ heading }) => heading.startsWith('14.'));
  expect(guide.length).toBeGreaterThan(14);
  expect(integrators.length).toBeGreaterThan(10);
  expect(last).toBeGreaterThan(12);
  const port = String(await freePort());
  const blocks = [...guide.slice(0, last), ...integrators, ...guide.slice(last)].map(({ block }) =>
    block.replace(addressInGuide, `url=${platform.url}`).replaceAll(receiverPort, port),
  );
  expect(blocks[0]).toContain(`url=${platform.url}\n`);
  const pasted = await paste(blocks);
  const printed = pasted.map((each) => each.printed).join('');
  const all = pasted.flatMap(({ data }) => data);
  expect(all.length).toBeGreaterThanOrEqual(blocks.join('').match(/<<'GRAPHQL'/g)!.length);
  /** The values of one root field in all that came, the last one last. */
  const valuesOf = (field: string) => all.flatMap((data) => (field in data ? [data[field]] : []));

  // Every operation did what it says, but for the two that show how something is refused.
  const isRefused = (value: unknown) => ((value as { problems?: unknown[] } | null)?.problems ?? []).length > 0;
  expect(all.filter((data) => Object.values(data).some(isRefused))).toEqual([
    {
      planExperiment: {
        problems: [
          {
            path: ['method', 'supervised', 'labelColumn'],
            code: 'UNKNOWN_COLUMN',
            message: 'The dataset version has no column “lable”.',
            hint: 'Did you mean “label”? There are: text, label.',
          },
        ],
      },
    },
    { createWebhook: { problems: [expect.objectContaining({ code: 'FORBIDDEN' })] } },
  ]);

  expect(valuesOf('createDataset')).toMatchObject([
    {
      latest: {
        exampleCount: 10,
        rejectedCount: 0,
        splits: [
          { name: 'train', exampleCount: 6 },
          { name: 'validation', exampleCount: 2 },
          { name: 'test', exampleCount: 2 },
        ],
      },
    },
  ]);
  expect(valuesOf('appendExamples')).toEqual([{ count: 3, firstNumber: 1, lastNumber: 3 }]);
  expect(valuesOf('preparationChanged').at(-1)).toEqual({ status: 'SUCCEEDED', problems: [] });
  const nodes = valuesOf('node') as Record<string, unknown>[];
  const shortened = [
    { step: { kind: 'collapseWhiteSpace' }, rowsBefore: 13, rowsAfter: 13, changed: 2, dropped: 0, added: 0 },
    { step: { kind: 'maskPersonalData' }, rowsBefore: 13, rowsAfter: 13, changed: 1, dropped: 0, added: 0 },
    { step: { kind: 'dropDuplicates' }, rowsBefore: 13, rowsAfter: 12, changed: 0, dropped: 1, added: 0 },
  ];
  expect(nodes.flatMap((node) => ('datasetVersion' in node ? [node.datasetVersion] : []))).toMatchObject([
    { number: 2, exampleCount: 12, steps: shortened, sources: [{ version: { number: 1 } }, { version: null }] },
  ]);
  expect(valuesOf('datasetReportChanged').at(-1)).toMatchObject({ status: 'SUCCEEDED', facts: { rows: 12 } });
  expect(valuesOf('datasetExportChanged').at(-1)).toEqual({ status: 'SUCCEEDED', rowCount: 12, problem: null });
  const prepared = (await readFile(join(folder, 'prepared.csv'), 'utf8')).trimEnd().split(/\r?\n/);
  expect(prepared).toHaveLength(13);
  expect(prepared[0]).toBe('text,label,split');
  expect(prepared.slice(-2)).toEqual([
    'Win a new car today: write to [EMAIL],spam,train',
    'Shall we look at the draft together tomorrow?,ham,train',
  ]);
  expect(valuesOf('modelRecommendationChanged').at(-1)).toMatchObject({
    status: 'SUCCEEDED',
    models: [{ rank: 1 }, { rank: 2 }],
  });
  // Each of two trainings is followed once, and one of them again by curl.
  expect(valuesOf('experimentEvents').filter((event) => (event as { to?: string }).to === 'SUCCEEDED')).toHaveLength(3);
  expect(valuesOf('experiment')).toMatchObject([
    { status: 'SUCCEEDED', problem: null, model: { name: 'spam filter' } },
  ]);
  expect(valuesOf('evaluationChanged').at(-1)).toMatchObject({
    status: 'SUCCEEDED',
    scores: [
      {
        task: 'label',
        accuracy: 1,
        confusionMatrix: {
          labels: ['ham', 'spam'],
          counts: [
            [1, 0],
            [0, 1],
          ],
        },
      },
    ],
  });
  const predicted = valuesOf('predict') as { texts: { predictions: { label: string }[] }[] }[];
  expect(predicted.map(({ texts }) => texts.map(({ predictions }) => predictions[0]!.label))).toEqual([
    ['spam', 'ham'],
    ['spam'],
  ]);
  expect(valuesOf('compareExperiments')).toMatchObject([
    { experiments: [{ name: 'spam filter' }, { name: 'spam filter, all weights' }] },
  ]);
  expect(valuesOf('modelExportChanged').at(-1)).toMatchObject({ status: 'SUCCEEDED' });
  const archive = await readFile(join(folder, 'spam-filter.zip'));
  expect(archive.subarray(0, 2).toString()).toBe('PK');

  // integrators.md
  expect(valuesOf('viewer')).toEqual([{ name: 'nightly training' }]);
  const uploads = valuesOf('createUpload') as { id: string }[];
  expect(uploads).toHaveLength(3);
  expect(uploads[1]).toEqual(uploads[2]);
  const pages = (valuesOf('project') as { experiments?: { nodes: { name: string }[]; pageInfo: object } }[]).slice(-3);
  expect(pages.flatMap((page) => page.experiments?.nodes.map(({ name }) => name) ?? [])).toEqual([
    'spam filter, all weights',
    'spam filter',
  ]);
  expect(printed).toContain('QUEUED\nPREPARING\nTRAINING\nEVALUATING\nSUCCEEDED\n');
  expect(archive.equals(await readFile(join(folder, 'linked.zip')))).toBe(true);
  expect(printed).toMatch(/^ratelimit-remaining: \d+/im);
  expect(valuesOf('testWebhook')).toMatchObject([{ type: 'ping', attempts: [{ statusCode: 204, failure: null }] }]);
  expect(printed).toContain('"action":"createApiKey"');
  expect(valuesOf('revokeApiKey')).toEqual([{ __typename: 'ApiKey' }]);

  expect(valuesOf('deleteDataset')).toMatchObject([{ isDryRun: true }, { isDryRun: false }]);
  const left = '{ project { datasets { totalCount } experiments { totalCount } baseModels { nodes { name } } } }';
  expect(await platform.client.request(left)).toEqual({
    project: {
      datasets: { totalCount: 0 },
      experiments: { totalCount: 0 },
      baseModels: { nodes: [{ name: 'gloss-lm' }, { name: 'use-lite' }] },
    },
  });
}, 240_000);
