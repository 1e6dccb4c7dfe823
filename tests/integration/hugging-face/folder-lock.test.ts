import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lock } from '../../../gpu-worker/hugging-face/hub/folder-lock.js';
import { temporaryName } from '../../../src/storage/temporary-files.js';

/** So long that a test that waits for it fails. */
const never = 10 * 60_000;
const times = { renewMs: never, staleMs: never, waitMs: 1 };
const { signal } = new AbortController();

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-lock-'));
  path = join(folder, 'commit.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('one has it at a time, the next when it is given back', async () => {
  const order: string[] = [];
  const release = await lock(path, signal, times);
  const second = lock(path, signal, times).then((releaseSecond) => {
    order.push('second has it');
    return releaseSecond();
  });
  order.push('first gives it back');
  await release();
  await second;
  expect(order).toEqual(['first gives it back', 'second has it']);
  expect(await readdir(folder)).toEqual([]);
});

test('that of a process that is gone is taken over at once', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(path, temporaryName().replace(`-${process.pid}-`, `-${pid}-`));
  const release = await lock(path, signal, times);
  await release();
  expect(await readdir(folder)).toEqual([]);
});

test('that of another host is taken over when it has been silent for too long', async () => {
  await writeFile(path, '0123456789ab-1-00000000.part');
  const past = new Date(Date.now() - 2000);
  await utimes(path, past, past);
  const release = await lock(path, signal, { ...times, staleMs: 1000 });
  expect(await readFile(path, 'utf8')).toContain(`-${process.pid}-`);
  await release();
});

test('one that lost it does not give back the other’s', async () => {
  const release = await lock(path, signal, times);
  await writeFile(path, 'another');
  await release();
  expect(await readFile(path, 'utf8')).toBe('another');
});

test('waiting for it ends with the signal', async () => {
  await lock(path, signal, times);
  const controller = new AbortController();
  const waiting = lock(path, controller.signal, { ...times, waitMs: never });
  controller.abort(new Error('not wanted'));
  await expect(waiting).rejects.toThrow('not wanted');
});
