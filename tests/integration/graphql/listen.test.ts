import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { ListenError, listen, requireFree } from '../../../src/server/listen.js';

test('an address that is taken is told with what to do', async () => {
  const first = createServer();
  const url = await listen(first, '127.0.0.1', 0);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const refused = listen(createServer(), '127.0.0.1', Number(new URL(url).port));
  await expect(refused).rejects.toBeInstanceOf(ListenError);
  await expect(refused).rejects.toThrow(/EADDRINUSE.*set PORT to another number/i);
  first.close();
});

test('a port is probed without being taken', async () => {
  const server = createServer();
  const port = Number(new URL(await listen(server, '127.0.0.1', 0)).port);
  await expect(requireFree('127.0.0.1', port)).rejects.toThrow(/EADDRINUSE.*set PORT to another number/i);
  await new Promise((resolve) => server.close(resolve));
  await requireFree('127.0.0.1', port);
  await listen(server, '127.0.0.1', port);
  server.close();
  await requireFree('127.0.0.1', 0);
});

test('an address that this machine has not is told too', async () => {
  await expect(listen(createServer(), '192.0.2.1', 0)).rejects.toThrow(/EADDRNOTAVAIL.*HOST/);
});

test('all addresses are reached by a loopback one', async () => {
  const server = createServer();
  expect(await listen(server, '0.0.0.0', 0)).toMatch(/^http:\/\/127\.0\.0\.1:/);
  server.close();
});
