import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import express from 'express';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { answerErrors } from '../../../src/server/answer-errors.js';
import { sendArchive } from '../../../src/transfers/archive.js';
import { readZip } from '../../support/models.js';

let folder: string;
let server: Server;
let opened: Readable[] = [];
let logged: unknown[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-archive-'));
  await writeFile(join(folder, 'first'), 'content');
  await writeFile(join(folder, 'second'), 'content');
  const app = express();
  // `second`: what the archive's second file is in the folder.
  app.get('/:second', async (request, response) => {
    const names = ['first', request.params.second === 'folder' ? '.' : request.params.second];
    const files = names.map((name, i) => ({ name: `${i}.txt`, path: join(folder, name), sizeBytes: 7 }));
    await sendArchive(files, { modifiedAt: new Date(0), request, response }, (path) => {
      const stream = createReadStream(path);
      opened.push(stream);
      return stream;
    });
  });
  app.use(answerErrors((error) => logged.push(error)));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  opened = [];
  logged = [];
});

const ask = (second: string, method = 'GET') =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${second}`, { method });
const download = async (second: string) => Buffer.from(await (await ask(second)).arrayBuffer());

test.each([
  ['missing', 'ENOENT'],
  ['folder', 'EISDIR'],
])('a second file that is %s breaks the answer off, which is logged, and the next one comes', async (second, code) => {
  await expect(download(second)).rejects.toThrow();
  expect(opened).toHaveLength(2);
  expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
  await expect.poll(() => logged).toMatchObject([{ code }]);
  expect([...readZip(await download('second')).keys()]).toEqual(['0.txt', '1.txt']);
});

test('HEAD says the size and opens nothing', async () => {
  const response = await ask('second', 'HEAD');
  expect(opened).toEqual([]);
  expect(response.headers.get('content-length')).toBe(String((await download('second')).length));
});
