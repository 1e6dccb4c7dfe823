import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loraTensors } from '../../../gpu-worker/adapters/lora-parameters.js';
import { loadManifest, loadModel } from '../../../gpu-worker/models/load-model.js';
import { openWeights } from '../../../gpu-worker/models/model-weights.js';
import { ProblemError } from '../../../gpu-worker/problem-error.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { lora, writeTinyEncoder } from '../recipes/tiny-encoders.js';

let folder: string;
let store: ArtifactStore;
let digest: string;
let manifest: ModelManifest;
let tensors: ReadonlyMap<string, Tensor>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-weights-'));
  store = await openFileSystemStore({ root: folder });
  digest = await writeTinyEncoder(store, 'bert');
  manifest = await loadManifest(store, digest);
  tensors = readSafetensors(await store.read(manifest.weights.digest)).tensors;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const key = 'encoder.layer.0.attention.self.key';
const adapterOf = (a: number[], b: number[]): ReadonlyMap<string, Tensor> => {
  const names = loraTensors(key);
  return new Map([
    [names.a, { shape: [1, 16], data: Float32Array.from(a) }],
    [names.b, { shape: [16, 1], data: Float32Array.from(b) }],
    ['pooler.dense.bias', { shape: [16], data: new Float32Array(16).fill(0.5) }],
  ]);
};

async function withAdapter(adapter: ReadonlyMap<string, Tensor>): Promise<ModelManifest> {
  const weights = await store.write(writeSafetensors(adapter));
  const config = { ...lora, rank: 1, alpha: 3, targetModules: [key] };
  return { ...manifest, adapter: { config, weights } };
}

async function problemOf(opening: Promise<unknown>) {
  const error = await opening.catch((thrown: unknown) => thrown);
  if (!(error instanceof ProblemError)) throw error;
  return error.problem;
}

describe('weights of a model', () => {
  it('are read by name, whole, in pieces and into place', async () => {
    const { weights } = await loadModel(store, digest);
    const name = 'embeddings.word_embeddings.weight';
    const expected = tensors.get(name)!.data;
    expect(await weights.read(name)).toEqual(expected);
    const target = new Float32Array(expected.length);
    await weights.readInto(name, target);
    expect(target).toEqual(expected);
    const pieces: number[] = [];
    for await (const piece of weights.chunks(name)) pieces.push(...piece);
    expect(pieces).toEqual([...expected]);
    await weights.close();
  });

  it('have the adapter merged, and what its file has in full instead of the base model’s', async () => {
    const a = Array.from({ length: 16 }, (_, i) => (i === 2 ? 1 : 0));
    const b = Array.from({ length: 16 }, (_, i) => (i === 5 ? 2 : 0));
    const weights = await openWeights(store, await withAdapter(adapterOf(a, b)));
    const base = tensors.get(`${key}.weight`)!.data;
    // scale · b a is 3 · 2 · 1 in row 5, column 2, and nothing elsewhere.
    const expected = base.map((value, i) => (i === 5 * 16 + 2 ? Math.fround(value + 6) : value));
    expect(await weights.read(`${key}.weight`)).toEqual(expected);
    const target = new Float32Array(256);
    await weights.readInto(`${key}.weight`, target);
    expect(target).toEqual(expected);
    expect(await weights.read('pooler.dense.bias')).toEqual(new Float32Array(16).fill(0.5));
    expect(await weights.read('pooler.dense.weight')).toEqual(tensors.get('pooler.dense.weight')!.data);
    await weights.close();
  });

  it.each<[string, () => Promise<ModelManifest>, object]>([
    [
      'a file that is not in the store',
      async () => ({ ...manifest, weights: { digest: 'f'.repeat(64), sizeBytes: 1 } }),
      { code: 'MISSING_ARTIFACT', message: expect.stringContaining('is not in the artifact store') },
    ],
    [
      'a file that was cut off',
      async () => ({
        ...manifest,
        weights: await store.write((await store.read(manifest.weights.digest)).subarray(0, 9000)),
      }),
      { code: 'INVALID_MODEL' },
    ],
    [
      'an empty file',
      async () => ({ ...manifest, weights: await store.write(new Uint8Array(0)) }),
      { code: 'INVALID_MODEL', message: expect.stringContaining('a file of 0 bytes is not a safetensors file') },
    ],
    [
      'a tensor that is missing',
      async () => {
        const fewer = new Map([...tensors].filter(([name]) => name !== 'embeddings.LayerNorm.bias'));
        return { ...manifest, weights: await store.write(writeSafetensors(fewer)) };
      },
      { code: 'INVALID_MODEL', message: expect.stringContaining('lack the tensor embeddings.LayerNorm.bias') },
    ],
    [
      'a tensor of another shape',
      async () => {
        const other = new Map(tensors).set('pooler.dense.bias', { shape: [1, 16], data: new Float32Array(16) });
        return { ...manifest, weights: await store.write(writeSafetensors(other)) };
      },
      {
        code: 'INVALID_MODEL',
        message: expect.stringContaining('pooler.dense.bias is [1,16] where the manifest says [16]'),
      },
    ],
    [
      'an adapter without one of its matrices',
      async () => {
        const adapter = adapterOf(Array(16).fill(1), Array(16).fill(1));
        return withAdapter(new Map([...adapter].filter(([name]) => !name.includes('lora_B'))));
      },
      { code: 'INVALID_MODEL', message: expect.stringContaining(`lack the tensor ${key}.lora_B.weight`) },
    ],
  ])('are refused with a problem that names %s', async (_, makeManifest, expected) => {
    expect(await problemOf(openWeights(store, await makeManifest()))).toMatchObject(expected);
  });

  it('are refused when the bytes in the store have changed', async () => {
    const written = await store.write(
      writeSafetensors(new Map([...tensors, ['more', { shape: [], data: Float32Array.of(1) }]])),
    );
    const path = await store.localPath(written.digest);
    const bytes = await store.read(written.digest);
    bytes[bytes.length - 1]! ^= 1;
    await rm(path);
    await writeFile(path, bytes);
    expect(await problemOf(openWeights(store, { ...manifest, weights: written }))).toMatchObject({
      code: 'MISSING_ARTIFACT',
      message: expect.stringContaining('is damaged'),
    });
  });
});
