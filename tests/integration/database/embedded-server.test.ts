import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canReach } from '../../../src/database/embedded/places.js';
import { findPostmaster } from '../../../src/database/embedded/postmaster.js';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/database/embedded/server.js';
import { readServerSettings } from '../../../src/database/embedded/settings-file.js';
import { systemAccounts } from '../../../src/database/embedded/system-accounts.js';
import type { DatabaseError } from '../../../src/database/errors.js';
import { holdEmbeddedServer } from '../../support/embedded-holder.js';

const isRoot = process.getuid?.() === 0;
/** Folders and tests follow each other on one home: each finds what the one before left. */
let home: string;
let folders: string;
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'attune-embedded-'));
  // As root, the server runs as another user, who must get in.
  await chmod(folders, 0o755);
  home = join(folders, 'home');
});
afterAll(() => rm(folders, { recursive: true, force: true }));

const neverLost = (error: DatabaseError): void => {
  throw error;
};
const start = (folder = home, onLost = neverLost): Promise<EmbeddedServer> =>
  startEmbeddedServer({ home: folder, durable: false, log: () => undefined, onLost });

async function ask<Row>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  // A server that goes away rejects the query as well.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return rows as Row[];
  } finally {
    await client.end();
  }
}

test('what was written is there after a stop and a start, and nothing is left running in between', async () => {
  const first = await start();
  await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  expect(await findPostmaster(join(home, 'postgres'))).toBeNull();
  await expect(ask(first.url, 'SELECT 1')).rejects.toThrow();

  const second = await start();
  expect(second.origin).toBe('started');
  expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await second.stop();
});

test('what stands against a start is asked first, unless a server runs whose owner there is to tell of', async () => {
  const untouched = join(folders, 'untouched');
  const beforeStart = () => Promise.reject(new Error('The port is taken.'));
  const refused = (folder: string) =>
    startEmbeddedServer({ home: folder, durable: false, log: () => undefined, onLost: neverLost, beforeStart });
  await expect(refused(untouched)).rejects.toThrow('The port is taken.');
  await expect(stat(untouched)).rejects.toThrow('ENOENT');
  await expect(refused(home)).rejects.toThrow('The port is taken.');
  const running = await start();
  await expect(refused(home)).rejects.toThrow(/is in use by process/);
  await running.stop();
});

test('it listens on the loopback only, wants its password, and keeps that from others', async () => {
  const server = await start();
  expect(await ask(server.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  expect(await ask(server.url, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
  expect(await ask(server.url, 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
  const guess = new URL(server.url);
  guess.password = 'guess';
  await expect(ask(guess.toString(), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  expect((await stat(join(home, 'postgres.json'))).mode & 0o777).toBe(0o600);
  await server.stop();
});

test('unless told otherwise, commits are on the disk before they are answered', async () => {
  const server = await startEmbeddedServer({ home, log: () => undefined, onLost: neverLost });
  expect(await ask(server.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  expect(await ask(server.url, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
  await server.stop();
});

test('a second start says who holds the home, since when, where it serves, and what one may do', async () => {
  await using holder = await holdEmbeddedServer(home, { servedAt: 'http://127.0.0.1:4321' });

  const refused = await start().catch((error: DatabaseError) => error);

  expect(refused).toMatchObject({ code: 'HOME_IN_USE' });
  const { message } = refused as DatabaseError;
  expect(message).toContain(`in use by process ${holder.child.pid} since ${new Date().toISOString().slice(0, 10)}`);
  expect(message).toContain('serving http://127.0.0.1:4321');
  expect(message).toContain('set ATTUNE_HOME to another folder');
});

test('a server whose owner was killed is adopted, with all that was committed', async () => {
  const holder = await holdEmbeddedServer(home);
  if (!('url' in holder.start)) throw new Error(holder.start.message);
  await ask(holder.start.url, 'CREATE TABLE survives AS SELECT 7 AS answer');
  await holder.end('SIGKILL');

  const server = await start();

  expect(server).toMatchObject({ origin: 'adopted', processId: holder.start.processId });
  expect(await ask(server.url, 'SELECT answer FROM survives')).toEqual([{ answer: 7 }]);
  await server.stop();
  expect(await findPostmaster(join(home, 'postgres'))).toBeNull();
});

test('of two first starts at once one gets the home, the other learns who has it', async () => {
  const fresh = join(folders, 'two');
  const [one, two] = await Promise.all([holdEmbeddedServer(fresh), holdEmbeddedServer(fresh)]);
  await using first = one;
  await using second = two;
  const codes = [first, second].map(({ start }) => ('code' in start ? start.code : 'owner'));

  expect(codes.toSorted()).toEqual(['HOME_IN_USE', 'owner']);
});

test('a process number left by a power cut, which now belongs to another program, does not keep it from starting', async () => {
  const path = join(home, 'postgres', 'postmaster.pid');
  await writeFile(path, [process.pid, join(home, 'postgres'), 0, 5432, '', '127.0.0.1', '1 1', 'ready'].join('\n'));
  const { uid, gid } = await stat(join(home, 'postgres'));
  await chown(path, uid, gid);

  const server = await start();

  expect(server.origin).toBe('started');
  await server.stop();
});

/** Resolves with the first answer: until then the server is away. Rejects with why there is none for half a minute. */
async function askUntilAnswered(url: string, sql: string): Promise<unknown> {
  const end = performance.now() + 30_000;
  for (;;) {
    try {
      return await ask(url, sql);
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}

test('a server that is killed is started again on its port, with all that was committed, and stays owned', async () => {
  const server = await startEmbeddedServer({ home, log: () => undefined, onLost: neverLost });
  await server.announce('http://127.0.0.1:4321');
  for (const answer of [1, 2]) {
    const killed = server.processId;
    process.kill(killed, 'SIGKILL');

    const sql = `INSERT INTO kept SELECT ${answer} RETURNING answer`;
    expect(await askUntilAnswered(server.url, sql)).toEqual([{ answer }]);
    await expect.poll(() => server.processId).not.toBe(killed);
    await expect.poll(() => start().catch((error: DatabaseError) => error.message)).toContain('127.0.0.1:4321');
  }
  expect(await ask(server.url, 'SELECT answer FROM kept ORDER BY answer')).toEqual([
    { answer: 1 },
    { answer: 2 },
    { answer: 42 },
  ]);
  await server.stop();
  expect(await findPostmaster(join(home, 'postgres'))).toBeNull();
});

test('a server whose sessions ended, and that recovered by itself, is kept', async () => {
  const server = await start();
  const { processId } = server;
  const [{ pid }] = (await ask(server.url, "SELECT pid FROM pg_locks WHERE locktype = 'advisory'")) as [
    { pid: number },
  ];
  // The server ends all sessions when one of them crashed, and goes on as the same process.
  process.kill(pid, 'SIGKILL');

  // Until it is owned again, another process may take it.
  const isOwned = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory') AS owned";
  await expect.poll(() => askUntilAnswered(server.url, isOwned)).toEqual([{ owned: true }]);
  await expect(start()).rejects.toMatchObject({ code: 'HOME_IN_USE' });
  expect(server.processId).toBe(processId);
  await server.stop();
});

test('the loss of a server that does not start again is told, and the next start recovers', async () => {
  let onLost: (error: DatabaseError) => void = neverLost;
  const lost = new Promise<DatabaseError>((resolve) => {
    onLost = resolve;
  });
  const server = await start(home, onLost);
  const settings = join(home, 'postgres', 'postgresql.conf');
  const before = await readFile(settings, 'utf8');
  await appendFile(settings, "\nno_such_setting = 'on'\n");
  process.kill(server.processId, 'SIGKILL');

  expect(await lost).toMatchObject({ code: 'SERVER_LOST', message: expect.stringContaining('no_such_setting') });

  await writeFile(settings, before);
  const again = await start();
  expect(await ask(again.url, 'SELECT answer FROM kept WHERE answer = 42')).toEqual([{ answer: 42 }]);
  await again.stop();
});

test.runIf(isRoot)('as root, in a private folder, the data lies outside, where the server can go', async () => {
  const secret = join(folders, 'private');
  await mkdir(secret, { mode: 0o700 });
  const inside = join(secret, 'home');

  const server = await start(inside);

  const settings = await readServerSettings(inside);
  const outside = settings?.dataFolder ?? '';
  expect(outside).toMatch(/^\/var\/(lib|tmp)\/attune\/[0-9a-f]{16}\/postgres$/);
  expect((await stat(outside)).uid).not.toBe(0);
  expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await server.stop();
  await rm(dirname(outside), { recursive: true });
});

test.runIf(isRoot)('as an ordinary user it runs as that user', async (context) => {
  const nobody = await systemAccounts.find('nobody');
  const checkout = dirname(fileURLToPath(new URL('../../../package.json', import.meta.url)));
  if (nobody === null || !(await canReach(checkout, nobody)))
    return context.skip('user nobody can not read this checkout');
  const own = join(folders, 'ordinary');
  await mkdir(own, { mode: 0o700 });
  await chown(own, nobody.uid, nobody.gid);

  await using holder = await holdEmbeddedServer(own, { uid: nobody.uid, gid: nobody.gid });

  expect(holder.start).toMatchObject({ origin: 'started' });
  expect((await stat(join(own, 'postgres'))).uid).toBe(nobody.uid);
});
