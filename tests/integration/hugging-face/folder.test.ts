import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWeights } from '../../../gpu-worker/hugging-face/checkpoint-files.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { openFolder, readModelFile } from '../../../gpu-worker/hugging-face/model-files.js';
import { asFileProblem } from '../../../gpu-worker/hugging-face/problems.js';
import { fromFolder, openWorkshop, refusalOf, type Workshop } from './import-tools.js';

let workshop: Workshop;
let folder: string;
beforeEach(async () => {
  workshop = await openWorkshop();
  folder = await workshop.copyOf('bert');
});
afterEach(() => workshop.close());

const problemOf = (changed: Partial<Workshop['tools']> = {}, path = folder) => refusalOf(workshop, path, changed);

describe('the folder', () => {
  test('that is not there, or a file, is not found', async () => {
    for (const path of [join(folder, 'nothing'), join(folder, 'config.json')]) {
      expect(await problemOf({}, path)).toMatchObject({ code: 'NOT_FOUND', path: ['source', 'path'] });
    }
  });

  test('must lie where imports are allowed from, by its real path', async () => {
    const allowed = join(workshop.root, 'models');
    await mkdir(allowed);
    await symlink(folder, join(allowed, 'link'));
    await mkdir(join(workshop.root, 'models-2'));
    for (const path of [folder, join(allowed, 'link'), join(allowed, '..', 'models-2')]) {
      expect(await problemOf({ importFolders: [allowed] }, path)).toMatchObject({ code: 'ACCESS_DENIED' });
    }
    await rename(folder, join(allowed, 'bert'));
    const imported = await importModel(fromFolder(join(allowed, 'bert')), {
      ...workshop.tools,
      importFolders: [allowed],
    });
    expect(imported.manifest.config.architecture).toBe('bert');
  });

  test('has nothing in it that leads out of where imports are allowed from', async () => {
    const secret = join(workshop.root, 'secret');
    await mkdir(secret);
    await writeFile(join(secret, 'config.json'), 'a secret');
    const links: [name: string, target: string][] = [
      ['README.md', join('..', 'secret', 'config.json')],
      ['1_Pooling', secret],
    ];
    for (const [name, target] of links) {
      await symlink(target, join(folder, name));
      const problem = await problemOf({ importFolders: [folder] });
      expect(problem).toMatchObject({
        code: 'ACCESS_DENIED',
        path: ['source', 'path'],
        message: `${name} is a link to where models may not be imported from`,
        hint: expect.stringContaining('Copy the file'),
      });
      expect(JSON.stringify(problem)).not.toContain('secret');
      await rm(join(folder, name));
    }
    await mkdir(join(folder, '1_Pooling'));
    await symlink(join(secret, 'config.json'), join(folder, '1_Pooling', 'config.json'));
    expect((await problemOf({ importFolders: [folder] })).message).toContain('1_Pooling/config.json is a link');
  });

  test('may be a snapshot of a hub’s cache, whose files are links, where all of the cache is allowed', async () => {
    const cache = join(workshop.root, 'hub');
    const snapshot = join(cache, 'models--acme--bert', 'snapshots', '0123');
    const blobs = join(cache, 'models--acme--bert', 'blobs');
    await mkdir(snapshot, { recursive: true });
    await rename(folder, blobs);
    for (const name of await readdir(blobs)) await symlink(join('..', '..', 'blobs', name), join(snapshot, name));
    expect(await problemOf({ importFolders: [snapshot] }, snapshot)).toMatchObject({
      code: 'ACCESS_DENIED',
      hint: expect.stringContaining('whole cache'),
    });
    const imported = await importModel(fromFolder(snapshot), { ...workshop.tools, importFolders: [cache] });
    expect(imported.manifest.config.architecture).toBe('bert');
  });

  test('is read without its links to nothing, and without what is no file', async () => {
    await mkdir(join(folder, '1_Pooling'));
    await symlink(join(workshop.root, 'nothing'), join(folder, '1_Pooling', 'config.json'));
    await symlink(join(workshop.root, 'nothing'), join(folder, 'README.md'));
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(join(workshop.root, 'socket'), resolve));
    try {
      await mkdir(join(folder, '2_Pooling'));
      await symlink(join(workshop.root, 'socket'), join(folder, '2_Pooling', 'config.json'));
      const { manifest } = await importModel(fromFolder(folder), workshop.tools);
      expect(manifest.files.map(({ name }) => name)).toEqual(['config.json', 'tokenizer_config.json']);
    } finally {
      await new Promise((resolve) => socket.close(resolve));
    }
  });

  test('of an adapter has no link to nothing in place of its weights', async () => {
    await writeFile(join(folder, 'adapter_config.json'), '{}');
    await symlink(join(workshop.root, 'nothing'), join(folder, 'adapter_model.safetensors'));
    const job = { ...fromFolder(folder), adapterBaseDigest: '0'.repeat(64) };
    await expect(importModel(job, workshop.tools)).rejects.toMatchObject({
      problem: { code: 'INVALID_MODEL', message: 'adapter_model.safetensors is neither a file nor a link to one' },
    });
  });

  test('whose files vanish, or may not be read, tells their names and no path of the machine', async () => {
    const files = await openFolder(folder, null);
    await rm(join(folder, 'config.json'));
    await rm(join(folder, 'model.safetensors'));
    for (const [name, read] of [
      ['config.json', () => readModelFile(files, 'config.json', 1e6)],
      ['model.safetensors', () => openWeights(files, { names: ['model.safetensors'], tensorFiles: null })],
    ] as const) {
      await expect(read()).rejects.toMatchObject({
        problem: {
          path: ['source', 'path'],
          code: 'INVALID_MODEL',
          message: `${name} is not there any more`,
          hint: expect.stringContaining('again'),
        },
      });
    }
    // As root, who runs tests in a container, everything may be read: the system's error is made here.
    const denied = Object.assign(new Error(`EACCES: permission denied, open '${folder}'`), { code: 'EACCES' });
    expect(asFileProblem(denied, 'config.json', false)).toMatchObject({
      problem: {
        path: ['source', 'path'],
        code: 'ACCESS_DENIED',
        message: 'the worker may not read config.json',
        hint: expect.stringContaining('system user'),
      },
    });
  });
});
