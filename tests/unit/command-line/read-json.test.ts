import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJson } from '../../../clients/command-line/parse-options.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-read-json-'));
  await writeFile(join(folder, 'list.json'), '[1]');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a file that is not there, and a folder, are told in words', async () => {
  expect(await readJson(join(folder, 'list.json'))).toEqual([1]);
  const refused = { code: 'UNREADABLE_FILE', exitCode: 2 };
  const missing = join(folder, 'none.json');
  await expect(readJson(missing)).rejects.toMatchObject({ ...refused, message: `There is no file ${missing}.` });
  await expect(readJson(folder)).rejects.toMatchObject({
    ...refused,
    message: `${folder} is a folder, not a file.`,
  });
});
