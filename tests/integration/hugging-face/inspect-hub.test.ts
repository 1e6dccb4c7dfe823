import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { encodeHeader } from '../../../src/storage/safetensors-header.js';
import { modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { openHub, type ServedFile, type StandInHub } from './hub-server.js';
import { fromFolder, inspectedIn, openWorkshop, type Workshop } from './import-tools.js';

/** Of a hub's models the weights are not fetched. */

const repository = 'acme/tiny-bert';
const weightsFile = 'model.safetensors';

let hub: StandInHub;
let served: Map<string, ServedFile>;
let workshop: Workshop;

async function serve(model: string): Promise<void> {
  const folder = fileURLToPath(modelFolder(model));
  served = new Map();
  for (const name of await readdir(folder)) {
    served.set(name, { bytes: await readFile(join(folder, name)), isLarge: name.endsWith('.safetensors') });
  }
  served.set('README.md', { bytes: Buffer.from('---\nlicense: mit\n---\n'), isLarge: false });
  hub = await openHub(repository, 'main', served);
}

beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(async () => {
  await hub.close();
  await workshop.close();
});

const inspected = () => {
  const settings = { endpoint: hub.endpoint, token: 'secret', retryDelayMs: () => null };
  const tools = { ...workshop.tools, hub: settings };
  return inspectedIn({ ...workshop, tools }, '', { source: { kind: 'hub', repository, revision: 'main' } });
};

const lookedInto = async () =>
  (await readdir(join(workshop.root, 'looked-into'), { recursive: true })).filter((name) => name.includes('.'));

test('a repository is inspected as the same files in a folder, by the header of its weights alone', async () => {
  await serve('bert');
  const { bytes } = served.get(weightsFile)!;
  const found = await inspected();
  const local = await inspectedIn(workshop, fileURLToPath(modelFolder('bert')));
  expect(found).toEqual({ ...local, source: `hub:${repository}@${hub.commit}`, licence: 'mit' });
  expect(found.weights).toEqual({ fileCount: 1, sizeBytes: bytes.length });
  expect(hub.requests.sort()).toEqual([
    'GET README.md',
    'GET config.json',
    `GET ${weightsFile} to 65535`,
    'GET tokenizer.json',
    'GET tokenizer_config.json',
  ]);
  expect(hub.tokens.storage).toEqual(new Set(['']));
  expect(await lookedInto()).toEqual([]);
  const { manifest } = await importModel(
    { ...fromFolder(fileURLToPath(modelFolder('bert'))), licence: 'mit' },
    workshop.tools,
  );
  expect(found.model?.parameterCount).toBe(manifest.parameterCount);
});

test('shards are inspected one by one', async () => {
  await serve('bert-sharded');
  const found = await inspected();
  expect(found).toMatchObject({ problems: [], countedIn: 'HEADERS' });
  expect(found.weights!.fileCount).toBeGreaterThan(1);
  expect(hub.requests.filter((request) => request.includes('safetensors') && !request.includes('index'))).toEqual(
    expect.arrayContaining([expect.stringContaining(' to 65535')]),
  );
});

test('a header longer than what is asked for first is read to its end, and of weights nothing', async () => {
  await serve('bert');
  const { bytes } = served.get(weightsFile)!;
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const padded = Buffer.alloc(100_000, ' ');
  bytes.copy(padded, 0, 8, 8 + headerBytes);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(padded.length));
  served.set(weightsFile, { bytes: Buffer.concat([start, padded, bytes.subarray(8 + headerBytes)]), isLarge: true });
  for (const ignoreRange of [false, true]) {
    hub.requests.length = 0;
    hub.mischief = ({ name }) => (ignoreRange && name === weightsFile ? { ignoreRange } : null);
    expect(await inspected()).toMatchObject({ problems: [], countedIn: 'HEADERS' });
    expect(hub.requests.filter((request) => request.includes(weightsFile))).toEqual([
      `GET ${weightsFile} to 65535`,
      `GET ${weightsFile} from 65536 to 100007`,
    ]);
  }
});

test('files that are far too large are not fetched', async () => {
  await serve('bert');
  served.set('config.json', { bytes: Buffer.from('{}'), isLarge: true, claimedBytes: 5 * 2 ** 30 });
  expect((await inspected()).problems[0]).toMatchObject({
    code: 'INVALID_MODEL',
    message: 'config.json has 5.37 GB; the limit is 4.2 MB',
  });
  expect(hub.requests).not.toContain('GET config.json');
});

test('a header that claims to be endless is not read', async () => {
  await serve('bert');
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(2n ** 62n);
  served.set(weightsFile, { bytes: Buffer.concat([start, Buffer.from('{}')]), isLarge: true });
  expect((await inspected()).problems).toMatchObject([
    { code: 'INVALID_MODEL', message: expect.stringContaining('the limit is 100000000') },
  ]);
  served.set(weightsFile, {
    bytes: Buffer.from(encodeHeader([{ name: 'a', shape: [2 ** 40] }], new Map())),
    isLarge: true,
    claimedBytes: 2 ** 42 + 64,
  });
  expect((await inspected()).problems[0]).toMatchObject({ code: 'INVALID_MODEL' });
});

test('a hub that does not answer is no finding about the model', async () => {
  await serve('bert');
  hub.refusal = { status: 503 };
  await expect(inspected()).rejects.toMatchObject({ problem: { code: 'HUB_UNAVAILABLE' } });
  hub.refusal = null;
  hub.mischief = ({ name }) => (name === weightsFile ? { status: 503 } : null);
  await expect(inspected()).rejects.toMatchObject({ problem: { code: 'HUB_UNAVAILABLE' } });
  expect(await lookedInto()).toEqual([]);
});
