import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataSource } from 'typeorm';
import { Pool } from 'undici';
import { entities } from '../../src/app/entities.js';
import { createDataSource } from '../../src/database/data-source.js';
import { parseGlobalId } from '../../src/graphql/global-id.js';
import { artifactFolder } from '../../src/protocol/home.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { startDataWorker } from '../support/data-worker.js';
import { createTestDatabase } from '../support/database.js';
import { insertEveryKind } from '../support/every-kind.js';
import type { Known } from './values.js';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * The product in a process of its own, on real PostgreSQL, with an object of every kind in it; of a worker, the lanes
 * that make dataset versions and predict.
 */
export interface FuzzedServer extends AsyncDisposable {
  readonly url: string;
  readonly known: Known;
  /** What no answer may show. */
  readonly secrets: readonly string[];
  /** Sends a request body to the GraphQL endpoint, whatever it is. */
  send(body: string): Promise<Answer>;
  /** What its heap holds once nothing is left to collect, bytes. */
  heapBytes(): Promise<number>;
  /** All that it logged. */
  log(): string;
}

/** Kept open, as a browser's are. */
export const connections = 8;
const script = fileURLToPath(new URL('../support/fuzz-server.mjs', import.meta.url));
const rows = Array.from({ length: 60 }, (_, i) => `text number ${i},${i % 2 === 0 ? 'ham' : 'spam'},${i % 5}`);

export async function startFuzzedServer(): Promise<FuzzedServer> {
  const database = await createTestDatabase();
  const home = await mkdtemp(join(tmpdir(), 'attune-fuzz-'));
  const child = spawn(process.execPath, ['--expose-gc', script], {
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      ATTUNE_HOME: home,
      PORT: '0',
      ATTUNE_WORKERS: '0',
      NODE_ENV: 'production',
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let log = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const { url } = await answerOf<{ url: string }>(child);
  const dataSource = await createDataSource({ url: database.url, entities }).initialize();

  const pool = new Pool(url, { connections });

  async function send(body: string): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    const { statusCode, body: answer } = await pool.request({ path: '/graphql', method: 'POST', headers, body });
    return { status: statusCode, body: await answer.text() };
  }

  async function request<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const { data, errors } = JSON.parse((await send(JSON.stringify({ query, variables }))).body);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  const store = await openFileSystemStore({ root: artifactFolder(home) });
  const worker = await startDataWorker({
    databaseUrl: database.url,
    storeOf: () => store,
    folder: join(home, 'ingestion'),
    predicts: true,
  });
  const known = await fill(url, dataSource, request);
  return {
    url,
    known,
    secrets: [home, process.cwd(), new URL(database.url).pathname.slice(1)],
    send,
    async heapBytes() {
      child.send('heap');
      return (await answerOf<{ heapBytes: number }>(child)).heapBytes;
    },
    log: () => log,
    async [Symbol.asyncDispose]() {
      await pool.close();
      await worker[Symbol.asyncDispose]();
      child.disconnect();
      await once(child, 'exit');
      await dataSource.destroy();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The next message of the server; rejects when it ends instead. */
function answerOf<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('The fuzzed server ended.'));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as Message);
    });
  });
}

/** A real file as a dataset, then an object of every other kind. */
async function fill(
  url: string,
  dataSource: DataSource,
  request: <Data>(query: string, variables?: Record<string, unknown>) => Promise<Data>,
): Promise<Known> {
  const { createUpload: upload } = await request<{ createUpload: { id: string; url: string } }>(
    'mutation { createUpload(input: { fileName: "rows.csv", format: CSV }) { ... on Upload { id url } } }',
  );
  const body = `text,label,stars\n${rows.join('\n')}\nbroken\n`;
  await fetch(url + upload.url, { method: 'PUT', body });
  const { createDataset } = await request<{ createDataset: { latest: { id: string } } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } } }`,
    { input: { name: 'rows', uploadId: upload.id } },
  );
  const [project] = await dataSource.query('SELECT id FROM projects');
  const [bundled] = await dataSource.query('SELECT id FROM base_models');
  const ids = await insertEveryKind(
    { dataSource, projectId: project.id, request },
    { baseModel: bundled.id, version: parseGlobalId(createDataset.latest.id)!.uuid },
  );
  const { project: lists } = await request<{ project: Record<string, { edges: { cursor: string }[] }> }>(
    `{ project { ${['datasets', 'baseModels', 'experiments', 'evaluations', 'modelImports', 'modelExports']
      .map((list) => `${list} { edges { cursor } }`)
      .join(' ')} } }`,
  );
  const cursors = Object.values(lists).flatMap(({ edges }) => edges.map(({ cursor }) => cursor));
  const tampered = ['["2026-01-01 00:00:00+00","x"]', '[1]', '[null,null]', '["9999999999"]', '{}', '"\\u0000"'];
  return {
    ids,
    names: ['default', 'rows', 'every kind', 'text', 'label', 'stars', 'train', 'validation', 'test', 'train/loss'],
    cursors: [...cursors, ...tampered.map((key) => Buffer.from(key).toString('base64url')), 'AAAA', '%%'],
  };
}
