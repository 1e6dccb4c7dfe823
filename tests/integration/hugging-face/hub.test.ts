import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { RunStopped } from '../../../gpu-worker/run-stopped.js';
import { modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { openHub, type ServedFile, type StandInHub } from './hub-server.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';

const repository = 'acme/tiny-bert';
const weightsFile = 'model.safetensors';

let hub: StandInHub;
let served: Map<string, ServedFile>;
let weightsBytes: number;
let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
  const folder = fileURLToPath(modelFolder('bert'));
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(
      async (name): Promise<[string, ServedFile]> => [
        name,
        { bytes: await readFile(join(folder, name)), isLarge: name === weightsFile },
      ],
    ),
  );
  weightsBytes = new Map(files).get(weightsFile)!.bytes.length;
  const beside: [string, ServedFile][] = [
    ['README.md', { bytes: Buffer.from('---\nlicense: mit\n---\n'), isLarge: false }],
    ['pytorch_model.bin', { bytes: Buffer.alloc(10), isLarge: true }],
    ['../outside.txt', { bytes: Buffer.from('no'), isLarge: false }],
  ];
  served = new Map([...files, ...beside]);
  hub = await openHub(repository, 'main', served);
});
afterEach(async () => {
  await hub.close();
  await workshop.close();
});

function importIt(changed: Partial<Workshop['tools']> = {}, token: string | null = null) {
  let arrive: () => void = () => undefined;
  hub.arrived = new Promise((resolve) => {
    arrive = resolve;
  });
  return importModel(
    { source: { kind: 'hub', repository, revision: 'main' }, licence: null, adapterBaseDigest: null },
    {
      ...workshop.tools,
      hub: { endpoint: hub.endpoint, token, retryDelayMs: (repetition) => (repetition < 2 ? 0 : null) },
      ...changed,
      onProgress(progress) {
        // The weights are the last to come.
        if (progress.file === weightsFile && progress.bytesDone > progress.bytesTotal - weightsBytes) arrive();
        changed.onProgress?.(progress);
      },
    },
  );
}

async function downloads(): Promise<string[]> {
  const entries = await readdir(workshop.tools.downloadFolder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('an import from a hub', () => {
  test('is the import of the same files from a folder, takes only what it needs, and leaves no downloads', async () => {
    const fromHub = await importIt();
    const path = fileURLToPath(modelFolder('bert'));
    const local = await importModel({ ...fromFolder(path), licence: 'mit' }, workshop.tools);
    expect(fromHub.source).toBe(`hub:${repository}@${hub.commit}`);
    expect(fromHub.manifest).toEqual({ ...local.manifest, files: fromHub.manifest.files });
    expect(fromHub.manifest.files.map(({ name }) => name)).toEqual([
      'README.md',
      'config.json',
      'tokenizer_config.json',
    ]);
    expect(hub.requests.sort()).toEqual([
      'GET README.md',
      'GET config.json',
      `GET ${weightsFile}`,
      'GET tokenizer.json',
      'GET tokenizer_config.json',
    ]);
    expect(await downloads()).toEqual([]);
  });

  test('goes on where a connection broke, in one import and in the next', async () => {
    hub.mischief = ({ name, count }) => (name === weightsFile && count === 1 ? { cutAfterBytes: 30_000 } : null);
    await importIt();
    const [first = '', second = ''] = hub.requests.filter((line) => line.includes(weightsFile));
    const at = Number(second.match(/from (\d+)/)?.[1]);
    expect(first).toBe(`GET ${weightsFile}`);
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThanOrEqual(30_000);

    hub.requests.length = 0;
    hub.mischief = ({ name, from }) => {
      if (name !== weightsFile) return null;
      return from === 0 ? { cutAfterBytes: 50_000 } : { status: 503 };
    };
    await expect(importIt()).rejects.toMatchObject({ problem: { code: 'HUB_UNAVAILABLE' } });
    expect(await downloads()).toContain(`${weightsFile}.partial`);

    hub.requests.length = 0;
    hub.mischief = () => null;
    const moved: number[] = [];
    await importIt({ onProgress: ({ bytesDone, bytesTotal }) => moved.push(bytesDone / Math.max(1, bytesTotal)) });
    expect(hub.requests).toHaveLength(1);
    expect(Number(hub.requests[0]?.match(/from (\d+)/)?.[1])).toBeLessThanOrEqual(50_000);
    expect(moved.at(-1)).toBe(1);
  });

  test('starts a file again when the hub does not continue it, and when what was there is not its beginning', async () => {
    hub.mischief = ({ name, from, count }) => {
      if (name !== weightsFile) return null;
      if (count === 1) return { cutAfterBytes: 1000 };
      return from > 0 ? { ignoreRange: true } : null;
    };
    const { manifest } = await importIt();
    hub.mischief = ({ name, from }) => {
      if (name !== weightsFile) return null;
      return from === 0 ? { cutAfterBytes: 40_000 } : { status: 500 };
    };
    await expect(importIt()).rejects.toMatchObject({ problem: { code: 'HUB_UNAVAILABLE' } });
    await writeInto(join(workshop.tools.downloadFolder, 'acme--tiny-bert', hub.commit, `${weightsFile}.partial`));
    hub.mischief = () => null;
    expect((await importIt()).manifest.weights).toEqual(manifest.weights);
  });

  test('refuses a file that is not what its checksum says, and forgets it', async () => {
    hub.mischief = ({ name }) => (name === weightsFile ? { flipByte: 50_000 } : null);
    await expect(importIt()).rejects.toMatchObject({
      problem: { code: 'CHECKSUM_MISMATCH', message: expect.stringContaining(weightsFile) },
    });
    expect(await downloads()).not.toContain(weightsFile);
    expect(await workshop.stored()).toEqual([]);
    hub.mischief = ({ name }) => (name === 'config.json' ? { flipByte: 3 } : null);
    await expect(importIt({ downloadFolder: join(workshop.root, 'others') })).rejects.toMatchObject({
      problem: { code: 'CHECKSUM_MISMATCH', message: expect.stringContaining('config.json') },
    });
  });

  test('takes a connection that says nothing for a broken one', async () => {
    hub.mischief = ({ name, count }) => (name === weightsFile && count === 1 ? { silentAfterBytes: 20_000 } : null);
    await importIt({ hub: { endpoint: hub.endpoint, token: null, retryDelayMs: () => 0, stallMs: 300 } });
    expect(hub.requests).toContain(`GET ${weightsFile} from 20000`);
  });

  test('ends at once when it is not wanted any more, also while the hub is silent', async () => {
    hub.mischief = ({ name }) => (name === weightsFile ? { silentAfterBytes: 20_000 } : null);
    let calls = 0;
    const onProgress = ({ file }: { file: string }) => {
      if (file === weightsFile && calls++ >= 2) throw new RunStopped('cancel');
    };
    await expect(importIt({ onProgress })).rejects.toBeInstanceOf(RunStopped);
    expect(await workshop.stored()).toEqual([]);
  });

  test('gives its token to the hub alone', async () => {
    await importIt({}, 'hf_secret');
    expect([...hub.tokens.hub]).toEqual(['Bearer hf_secret']);
    expect([...hub.tokens.storage]).toEqual(['']);
  });

  test.each(['hf_X7q\nZ9k', 'hf_X7q\u20acZ9k'])(
    'with the token %j, which can be no header, is not tried again and tells nothing of it',
    async (token) => {
      let repetitions = 0;
      const retryDelayMs = (repetition: number) => {
        repetitions++;
        return repetition < 2 ? 0 : null;
      };
      const failure = await importIt({ hub: { endpoint: hub.endpoint, token, retryDelayMs } }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({
        problem: { code: 'HUB_UNAVAILABLE', hint: expect.stringContaining('HF_TOKEN') },
      });
      // As a log would show it: with its causes.
      expect(inspect(failure, { depth: 10 })).not.toMatch(/X7q|Z9k/);
      expect(repetitions).toBe(0);
    },
  );

  test.each([
    [{ status: 401, errorCode: 'RepoNotFound' }, 'NOT_FOUND', ['source', 'repository'], 'does not exist'],
    [{ status: 404, errorCode: 'RevisionNotFound' }, 'NOT_FOUND', ['source', 'revision'], 'no such branch'],
    [{ status: 403, errorCode: 'GatedRepo' }, 'ACCESS_DENIED', ['source', 'repository'], 'gated'],
    [{ status: 401 }, 'ACCESS_DENIED', ['source', 'repository'], 'refuses access'],
    [{ status: 502 }, 'HUB_UNAVAILABLE', [], 'answers 502'],
  ])('tells what %j means', async (refusal, code, path, message) => {
    hub.refusal = refusal;
    const failure = await importIt({}, 'hf_secret').catch((error: { problem: object }) => error.problem);
    expect(failure).toMatchObject({ code, path, message: expect.stringContaining(message) });
    expect(JSON.stringify(failure)).not.toContain('hf_secret');
  });

  test('names a hub that cannot be reached, with the system’s reason', async () => {
    await hub.close();
    await expect(importIt()).rejects.toMatchObject({
      problem: { code: 'HUB_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') },
    });
  });

  test.each(['', '../x', 'a/b/c', 'a b', 'http://x/y'])('refuses %j as a repository’s name', async (name) => {
    await expect(
      importModel(
        { source: { kind: 'hub', repository: name, revision: 'main' }, licence: null, adapterBaseDigest: null },
        workshop.tools,
      ),
    ).rejects.toMatchObject({ problem: { code: 'INVALID_VALUE', path: ['source', 'repository'] } });
  });

  test('of one repository at the same time gives the same model twice', async () => {
    const [a, b] = await Promise.all([importIt(), importIt()]);
    expect(a.digest).toBe(b.digest);
    expect(await downloads()).toEqual([]);
  });

  test('works with a mirror that tells nothing of large files', async () => {
    const { manifest } = await importIt();
    hub.tellsOfLinks = false;
    expect((await importIt()).manifest.weights).toEqual(manifest.weights);
  });

  test('refuses files that the disk has no room for before the first of their bytes', async () => {
    served.set(weightsFile, { ...served.get(weightsFile)!, claimedBytes: 1e14 });
    await expect(importIt()).rejects.toMatchObject({
      problem: {
        code: 'DISK_FULL',
        message: expect.stringMatching(/^100000\.00 GB must be downloaded, but the disk has only .* left$/),
      },
    });
    expect(hub.requests).not.toContain(`GET ${weightsFile}`);
  });

  test('refuses a model too large for memory before its weights are asked for', async () => {
    await expect(importIt({ memoryBytes: 50_000 })).rejects.toMatchObject({
      problem: {
        code: 'OUT_OF_MEMORY',
        message: 'the model takes 93 kB as float32, and the worker has 50 kB of memory left',
      },
    });
    expect(hub.requests.filter((line) => line.includes(weightsFile))).toEqual([]);
  });
});

/** What a disk may do that lost its last writes. */
async function writeInto(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.from('damage'), 0, 6, 100);
  await file.close();
}
