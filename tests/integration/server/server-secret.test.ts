import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readServerSecret } from '../../../src/outbound/server-secret.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-secret-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the first start makes a secret that only its owner can read; starts at once and later get the same', async () => {
  const home = join(folder, 'home');
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => readServerSecret(home, null)));
  expect(first!.toString()).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
  for (const other of others) expect(other).toEqual(first);
  expect(await readServerSecret(home, null)).toEqual(first);
  expect(await readdir(home)).toEqual(['secret']);
  expect((await stat(join(home, 'secret'))).mode & 0o777).toBe(0o600);
});

test('one that is given is used, and nothing is written', async () => {
  const home = join(folder, 'other');
  expect((await readServerSecret(home, 'given by the operator')).toString()).toBe('given by the operator');
  await expect(readdir(home)).rejects.toThrow('ENOENT');
});
