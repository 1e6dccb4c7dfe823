import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenNewFile, openFileSystemStore } from '../../../src/storage/file-system-store.js';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-store-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Every file below the root: to show that a failure left nothing. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

test('a folder that is made is for its owner alone; one that is there stays as it is', async () => {
  const made = join(root, 'made');
  await openFileSystemStore({ root: made });
  expect((await stat(made)).mode & 0o777).toBe(0o700);
  await chmod(root, 0o755);
  await openFileSystemStore({ root });
  expect((await stat(root)).mode & 0o777).toBe(0o755);
});

describe('writing', () => {
  test('names a stream by the digest of its bytes', async () => {
    const store = await openFileSystemStore({ root });
    const bytes = randomBytes(300_000);
    const stored = await store.writeStream(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]));
    expect(stored).toEqual({ digest: sha256(bytes), sizeBytes: 300_000 });
    expect((await store.read(stored.digest)).equals(bytes)).toBe(true);
    expect((await readFile(await store.localPath(stored.digest))).equals(bytes)).toBe(true);
    expect((await stat(await store.localPath(stored.digest))).mode & 0o222).toBe(0);
  });

  test('stores equal contents once, also when they are written at the same time', async () => {
    const store = await openFileSystemStore({ root });
    const parts = [Buffer.from('ab'), Buffer.from('c')];
    const all = await Promise.all(Array.from({ length: 8 }, () => store.write(parts)));
    expect(new Set(all.map(({ digest }) => digest))).toEqual(new Set([sha256('abc')]));
    expect(await filesIn(root)).toEqual([sha256('abc')]);
  });

  test('stops past the limit, leaves nothing, and leaves the source open for an answer', async () => {
    const store = await openFileSystemStore({ root });
    const source = new PassThrough();
    source.write(Buffer.alloc(600));
    source.write(Buffer.alloc(600));
    await expect(store.writeStream(source, { maxBytes: 1199 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(source.destroyed).toBe(false);
    expect(await filesIn(root)).toEqual([]);
    await expect(store.writeStream(Readable.from([Buffer.alloc(1199)]), { maxBytes: 1199 })).resolves.toMatchObject({
      sizeBytes: 1199,
    });
  });

  test('leaves nothing of a source that breaks off', async () => {
    const store = await openFileSystemStore({ root });
    async function* broken() {
      yield Buffer.alloc(1000);
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    }
    await expect(store.writeStream(Readable.from(broken()))).rejects.toMatchObject({ code: 'IO' });
    expect(await filesIn(root)).toEqual([]);
  });

  /** A disk that is full after `bytes`, or only notices when it is forced to write. */
  function fullDisk(bytes: number, noticedAt: 'write' | 'sync'): OpenNewFile {
    return async (path) => {
      const file = await open(path, 'wx');
      const full = () => Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
      let written = 0;
      return {
        async writeFile(chunk) {
          written += chunk.byteLength;
          if (noticedAt === 'write' && written > bytes) return full();
          await file.writeFile(chunk);
        },
        sync: () => (written > bytes ? full() : file.sync()),
        close: () => file.close(),
      };
    };
  }
  test.each(['write', 'sync'] as const)('says that the disk is full at a %s, and leaves nothing', async (noticedAt) => {
    const store = await openFileSystemStore({ root, openNewFile: fullDisk(1500, noticedAt) });
    const source = Readable.from([Buffer.alloc(1000), Buffer.alloc(1000)]);
    await expect(store.writeStream(source)).rejects.toMatchObject({ name: 'StorageError', code: 'DISK_FULL' });
    expect(await filesIn(root)).toEqual([]);
    await expect(store.write(Buffer.alloc(1000))).resolves.toMatchObject({ sizeBytes: 1000 });
  });
});

describe('adopting', () => {
  test('moves a finished file in', async () => {
    const store = await openFileSystemStore({ root });
    const path = join(root, 'finished');
    await writeFile(path, 'rows');
    expect(await store.adopt(path)).toEqual({ digest: sha256('rows'), sizeBytes: 4 });
    expect(await filesIn(root)).toEqual([sha256('rows')]);
  });

  test('fails on a file that is not there', async () => {
    const store = await openFileSystemStore({ root });
    await expect(store.adopt(join(root, 'missing'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('reading', () => {
  test('finds changed bytes', async () => {
    const store = await openFileSystemStore({ root });
    const { digest } = await store.write(Buffer.from('weights'));
    const path = await store.localPath(digest);
    await chmod(path, 0o644);
    await writeFile(path, 'Weights');
    await expect(store.read(digest)).rejects.toMatchObject({ code: 'CORRUPT' });
    await store.write(Buffer.from('weights'));
    await expect(store.read(digest)).resolves.toEqual(Buffer.from('weights'));
  });

  test('knows what it holds, and forgets what is removed', async () => {
    const store = await openFileSystemStore({ root });
    const { digest } = await store.write(Buffer.from('x'));
    expect(await store.has(digest)).toBe(true);
    await store.remove(digest);
    await store.remove(digest);
    expect(await store.has(digest)).toBe(false);
    await expect(store.read(digest)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(store.localPath(digest)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('never follows a name that is not a digest', async () => {
    const store = await openFileSystemStore({ root });
    await writeFile(join(root, 'secret'), 'secret');
    for (const name of ['../secret', 'secret', '', `${'a'.repeat(64)}/..`, 'A'.repeat(64)]) {
      expect(await store.has(name)).toBe(false);
      await expect(store.read(name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(store.remove(name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

describe('opening', () => {
  test("removes dead writers' files and those that nobody wrote to for a day, and no others", async () => {
    const folder = join(root, 'tmp');
    await mkdir(folder);
    const host = sha256(hostname()).slice(0, 12);
    // Process ids end at 2²² on Linux, and lower elsewhere.
    const dead = `${host}-99999999-dead.part`;
    const alive = `${host}-${process.pid}-alive.part`;
    const elsewhere = 'aaaaaaaaaaaa-1-elsewhere.part';
    const abandoned = 'aaaaaaaaaaaa-1-abandoned.part';
    for (const name of [dead, alive, elsewhere, abandoned, 'notes.txt']) await writeFile(join(folder, name), 'x');
    const deadFolder = `${host}-99999998-dead.part`;
    await mkdir(join(folder, deadFolder));
    await writeFile(join(folder, deadFolder, 'spilled'), 'x');
    const now = new Date();
    await utimes(join(folder, abandoned), now, new Date(now.getTime() - 25 * 60 * 60 * 1000));
    await openFileSystemStore({ root, now: () => now });
    expect(new Set(await readdir(folder))).toEqual(new Set([alive, elsewhere, 'notes.txt']));
  });

  test('says what is wrong with a root that is a file', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(openFileSystemStore({ root: join(root, 'file') })).rejects.toMatchObject({ code: 'IO' });
  });
});
