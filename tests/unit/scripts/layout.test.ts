import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { houses } from '../../../scripts/layers.mjs';
import { checkLayout } from '../../../scripts/layout.mjs';

const layout = [
  { folder: 'src', shared: ['migrations'], rooms: ['main.ts', 'datasets', 'access', 'protocol'] },
  { folder: 'gpu-worker', shared: ['src/protocol'], rooms: ['lanes', 'engine'] },
];

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-layout-'));
  await put('src/main.ts', `import { datasets } from './datasets/datasets.js';`);
  await put('src/datasets/datasets.ts', `import type { Viewer } from '../access/viewer.js';\nimport './csv/scan.js';`);
  await put('src/datasets/csv/scan.ts', `export * from '../../protocol/job.js';`);
  await put('src/access/viewer.ts', `import { first } from '../../migrations/first.js';`);
  await put('src/protocol/job.ts', `import { z } from 'zod';`);
  await put('gpu-worker/lanes/lane.ts', `import '../engine/engine.js';\nimport '../../src/protocol/job.js';`);
  await put('gpu-worker/engine/engine.ts', '');
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, source: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), source);
}

const upFromAccess = 'access stands below datasets, and what it imports must stand below it.';

test('imports that go down, stay in their room, or name a package break nothing', async () => {
  expect(await checkLayout(root, layout)).toEqual([]);
});

test.each([
  ['a value', `import { datasets } from '../datasets/datasets.js';`],
  ['a type', `import type { Dataset } from '../datasets/datasets.js';`],
  ['what is handed on', `export { datasets } from '../datasets/datasets.js';`],
  ['what is loaded late', `const datasets = await import('../datasets/datasets.js');`],
  ['a type of a module', `export type Dataset = import('../datasets/datasets.js').Dataset;`],
  ['a module that is added to', `declare module '../datasets/datasets.js' {\n  interface Dataset {}\n}\nexport {};`],
])('%s from a room above is named with its file, line, target and rule', async (_, source) => {
  await put('src/access/rights.ts', `// Rights.\n\n${source}`);
  expect(await checkLayout(root, layout)).toEqual([
    `src/access/rights.ts:3 imports src/datasets/datasets.ts: ${upFromAccess}`,
  ]);
});

test('a decorator and `using` are read like the rest', async () => {
  await put(
    'src/access/rights.ts',
    `@Resolver()\nclass A {\n  run(@Arg('a') a: string) {\n    using lock = take(a);\n  }\n}\nexport * from '../main.js';`,
  );
  expect(await checkLayout(root, layout)).toEqual([
    'src/access/rights.ts:7 imports src/main.ts: access stands below main.ts, and what it imports must stand below it.',
  ]);
});

test('of another house a file may import what is shared alone', async () => {
  await put('gpu-worker/engine/engine.ts', `import '../../src/access/viewer.js';`);
  await put('src/protocol/job.ts', `import '../../gpu-worker/engine/engine.js';`);
  expect(await checkLayout(root, layout)).toEqual([
    'src/protocol/job.ts:1 imports gpu-worker/engine/engine.ts: of what lies outside of src, it may import migrations alone.',
    'gpu-worker/engine/engine.ts:1 imports src/access/viewer.ts: of what lies outside of gpu-worker, it may import src/protocol alone.',
  ]);
});

test('files of one room must not import one another in a circle', async () => {
  await put('src/datasets/csv/scan.ts', `import type { Row } from './row.js';`);
  await put('src/datasets/csv/row.ts', `import { datasets } from '../datasets.js';`);
  expect(await checkLayout(root, layout)).toEqual([
    'src/datasets/csv/row.ts imports src/datasets/datasets.ts imports src/datasets/csv/scan.ts imports src/datasets/csv/row.ts: files must not import one another in a circle.',
  ]);
});

test('folders side by side in a room must not import one another in a circle, even where no files do', async () => {
  await put('src/datasets/csv/scan.ts', `import { columnOf } from '../columns/column.js';`);
  await put('src/datasets/columns/column.ts', '');
  await put('src/datasets/columns/of-file.ts', `import type { Row } from '../csv/row.js';`);
  await put('src/datasets/csv/row.ts', '');
  expect(await checkLayout(root, layout)).toEqual([
    'src/datasets/columns imports src/datasets/csv (of-file.ts), src/datasets/csv imports src/datasets/columns (scan.ts): folders side by side must not import one another in a circle.',
  ]);
});

test('an import that goes up is named once, and not the circles that it closes', async () => {
  await put('src/protocol/job.ts', `import { datasets } from '../datasets/datasets.js';`);
  expect(await checkLayout(root, layout)).toEqual([
    'src/protocol/job.ts:1 imports src/datasets/datasets.ts: protocol stands below datasets, and what it imports must stand below it.',
  ]);
});

test('every room is in the list, and every room of the list is there', async () => {
  await put('src/helpers/tidy.ts', '');
  await rm(join(root, 'gpu-worker/lanes'), { recursive: true });
  expect(await checkLayout(root, layout)).toEqual([
    'src/helpers has no place in scripts/layers.mjs.',
    'gpu-worker/lanes has a place in scripts/layers.mjs, and is not there.',
  ]);
});

test('the rooms of this project stand in their order', async () => {
  const project = fileURLToPath(new URL('../../../', import.meta.url));
  expect(await checkLayout(project, houses)).toEqual([]);
});
