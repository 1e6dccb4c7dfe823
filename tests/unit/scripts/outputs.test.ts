import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyAssets, removeOrphans } from '../../../scripts/outputs.mjs';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-outputs-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, contents = path): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), contents);
}

async function inDist(): Promise<string[]> {
  const entries = await readdir(join(root, 'dist'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 6))
    .sort();
}

test('whatever is not TypeScript is copied to its own place', async () => {
  const sources = [
    'src/page/index.html',
    'gpu-worker/engine/kernels/k.wasm',
    'gpu-worker/onnx/generated.js',
    'src/main.ts',
  ];
  await Promise.all(
    [...sources, 'gpu-worker/engine/kernels/tsconfig.json', 'src/notes.md', 'docs/x.html'].map((path) => put(path)),
  );
  await copyAssets(root);
  expect(await inDist()).toEqual([
    'gpu-worker/engine/kernels/k.wasm',
    'gpu-worker/onnx/generated.js',
    'src/page/index.html',
  ]);
  expect(await readFile(join(root, 'dist/src/page/index.html'), 'utf8')).toBe('src/page/index.html');
});

test('a changed file of the same size is copied again', async () => {
  await put('src/a.sql', 'one');
  await copyAssets(root);
  await put('src/a.sql', 'two');
  const later = new Date(Date.now() + 5000);
  await utimes(join(root, 'src/a.sql'), later, later);
  await copyAssets(root);
  expect(await readFile(join(root, 'dist/src/a.sql'), 'utf8')).toBe('two');
});

test('outputs of sources that are gone leave dist, and no others', async () => {
  await Promise.all(['migrations/1-kept.ts', 'src/page.html', 'gpu-worker/generated.js'].map((path) => put(path)));
  const kept = [
    'dist/migrations/1-kept.js',
    'dist/migrations/1-kept.js.map',
    'dist/src/page.html',
    'dist/gpu-worker/generated.js',
  ];
  const orphans = ['dist/migrations/0-gone.js', 'dist/migrations/0-gone.js.map', 'dist/src/gone.html'];
  await Promise.all([...kept, ...orphans].map((path) => put(path)));
  await removeOrphans(root);
  expect(await inDist()).toEqual(kept.map((path) => path.slice(5)).sort());
});
