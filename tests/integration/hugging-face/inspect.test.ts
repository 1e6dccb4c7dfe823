import { copyFile, cp, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseObject, readConfig } from '../../../gpu-worker/hugging-face/config.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { tensorsByConfiguration } from '../../../gpu-worker/hugging-face/inspect/by-configuration.js';
import { elementCount } from '../../../src/storage/safetensors.js';
import { fromFolder, inspectedIn, openWorkshop, type Workshop } from './import-tools.js';

/** An inspection tells of a model what its import then makes of it. */

const reference = fileURLToPath(new URL('../../numerics/reference/', import.meta.url));

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop?.close());

/** Every model in the layout of transformers that the tests have. */
async function models(): Promise<string[]> {
  const found: string[] = [];
  for (const group of ['hugging-face', 'decoders', 'masked']) {
    for (const name of await readdir(join(reference, group))) {
      const files: readonly string[] = await readdir(join(reference, group, name)).catch(() => []);
      if (files.includes('config.json')) found.push(join(group, name));
    }
  }
  return found;
}

/** A copy with the tokenizer of the family's own model, where the tests have none beside a model. */
async function withTokenizer(path: string): Promise<string> {
  if ((await readdir(path)).includes('tokenizer.json')) return path;
  const copy = join(workshop.root, basename(path));
  await cp(path, copy, { recursive: true });
  await copyFile(join(path.replace(/-\w+$/, ''), 'tokenizer.json'), join(copy, 'tokenizer.json'));
  return copy;
}

describe.each(await models())('%s', (name) => {
  test('is inspected as it is imported, and has by its configuration what its files have', async () => {
    const path = await withTokenizer(join(reference, name));
    const before = await workshop.stored();
    const inspection = await inspectedIn(workshop, path);
    expect(await workshop.stored()).toEqual(before);
    const { manifest, ignoredTensors, source } = await importModel(fromFolder(path), workshop.tools);
    const { formatVersion, licence, weights, tokenizer, adapter, files, ...model } = manifest;
    expect(inspection).toMatchObject({ problems: [], source, countedIn: 'HEADERS', adapter: null, licence: null });
    expect(inspection.model).toEqual(model);
    expect(inspection.tokenizer).toEqual({ kind: tokenizer.kind, vocabularySize: tokenizer.vocabularySize });
    expect(inspection.ignoredTensors).toEqual(ignoredTensors);
    expect(inspection.precisions.reduce((sum, { parameterCount }) => sum + (parameterCount ?? 0), 0)).toBe(
      manifest.parameterCount,
    );

    const text = await readFile(join(path, 'config.json'), 'utf8');
    const { tensors, layers, heads } = tensorsByConfiguration(readConfig(text), parseObject(text));
    expect(tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0)).toBe(manifest.parameterCount);
    expect(layers).toEqual(manifest.layers);
    expect(heads).toEqual(manifest.heads);
  });
});
