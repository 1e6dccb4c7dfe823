import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { createVerifiedPaths, verifiedPath } from '../../../src/storage/verified-path.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-verified-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function storeWith(text: string) {
  const store = await openFileSystemStore({ root });
  const { digest } = await store.write(Buffer.from(text));
  const path = await store.localPath(digest);
  await chmod(path, 0o600);
  return { store, digest, path };
}

test('a file whose bytes have changed is corrupt, and one that is gone is not found', async () => {
  const { store, digest, path } = await storeWith('rows');
  expect(await verifiedPath(store, digest)).toBe(path);
  await writeFile(path, 'ruws');
  await expect(verifiedPath(store, digest)).rejects.toMatchObject({ code: 'CORRUPT' });
  await rm(path);
  await expect(verifiedPath(store, digest)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('files that are read again are checked once, and again when they were written to or removed', async () => {
  const { store, digest, path } = await storeWith('rows');
  const checked: string[] = [];
  const verified = createVerifiedPaths(store, (from, which) => {
    checked.push(which);
    return verifiedPath(from, which);
  });
  for (let call = 0; call < 3; call++) expect(await verified(digest)).toBe(path);
  expect(checked).toEqual([digest]);

  // As many bytes as before, and other ones.
  await writeFile(path, 'ruws');
  for (let call = 0; call < 2; call++) await expect(verified(digest)).rejects.toMatchObject({ code: 'CORRUPT' });
  expect(checked).toHaveLength(3);
  await writeFile(path, 'rows');
  for (let call = 0; call < 2; call++) expect(await verified(digest)).toBe(path);
  expect(checked).toHaveLength(4);
  await rm(path);
  await expect(verified(digest)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
