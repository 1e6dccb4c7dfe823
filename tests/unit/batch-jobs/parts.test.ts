import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openParts } from '../../../gpu-worker/batch-jobs/parts.js';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-parts-'));
  folder = join(root, 'batch.part');
});
afterEach(() => rm(root, { recursive: true, force: true }));

let nowMs = 0;
const now = () => nowMs;
/** `count` rows up to number `lastRow`, one of them with an error. */
const rows = (count: number, lastRow: number) => ({
  lines: Array.from({ length: count }, (_, i) => JSON.stringify({ row: lastRow - count + 1 + i })),
  errorCount: 1,
  lastRow,
});

test('a part is written after five seconds or with enough rows, and when all is done', async () => {
  const parts = await openParts(folder, 1, now);
  await parts.add(rows(10, 9));
  expect(parts.paths).toEqual([]);
  nowMs += 5_000;
  await parts.add(rows(10, 25));
  await parts.add(rows(8_192, 9_000));
  await parts.add(rows(1, 9_001));
  await parts.flush();
  await parts.flush();
  expect(parts.paths.map((path) => path.slice(folder.length + 1))).toEqual([
    '0-20-2-25.jsonl',
    '20-8192-1-9000.jsonl',
    '8212-1-1-9001.jsonl',
  ]);
  expect([parts.rowsDone, parts.errorCount, parts.lastRow]).toEqual([8_213, 4, 9_001]);
  expect(await readFile(parts.paths[2]!, 'utf8')).toBe('{"row":9001}\n');
});

test('the next attempt goes on after the last part; what was not in one is lost', async () => {
  const first = await openParts(folder, 1, now);
  await first.add(rows(10, 9));
  await first.flush();
  await first.add(rows(5, 14));
  const second = await openParts(folder, 2, now);
  expect([second.rowsDone, second.errorCount, second.lastRow]).toEqual([10, 1, 9]);
  await second.add(rows(20, 29));
  await second.flush();
  expect(second.paths.map((path) => path.slice(folder.length + 1))).toEqual(['0-10-1-9.jsonl', '10-20-1-29.jsonl']);
});

test('of two attempts that wrote at once one chain is read; half a part and a gap are not', async () => {
  await openParts(folder, 1, now);
  for (const name of ['0-10-1-9.jsonl', '0-30-3-29.jsonl', '10-40-0-49.jsonl', '30-5-0-34.jsonl', '90-5-0-99.jsonl']) {
    await writeFile(join(folder, name), '');
  }
  await writeFile(join(folder, '35-5-0-39.jsonl.1'), '');
  const parts = await openParts(folder, 2, now);
  expect(parts.paths.map((path) => path.slice(folder.length + 1))).toEqual(['0-30-3-29.jsonl', '30-5-0-34.jsonl']);
  expect([parts.rowsDone, parts.errorCount, parts.lastRow]).toEqual([35, 3, 34]);
});

test('nothing is left when they are removed', async () => {
  const parts = await openParts(folder, 1, now);
  await parts.add(rows(1, 0));
  await parts.flush();
  await parts.remove();
  expect(await readdir(root)).toEqual([]);
});
