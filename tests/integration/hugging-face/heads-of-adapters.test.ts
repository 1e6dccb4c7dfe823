import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import type { ModelHead } from '../../../src/protocol/heads.js';
import { type ModelManifest, manifestBytes } from '../../../src/protocol/model-manifest.js';
import { readSafetensors, writeSafetensors } from '../../../src/storage/safetensors.js';
import { openEngine } from '../../numerics/engine/compare.js';
import {
  type Family,
  families,
  modelFolder,
  withClassifierModule,
} from '../../numerics/reference/hugging-face/reference.js';
import { drawHeads, expectSame, headsOf, predictions } from './head-models.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';

let engine: Engine;
let workshop: Workshop;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

const kinds = ['multiLabel', 'regression', 'tokenClassification'] as const;
const cases = families.flatMap((family) => kinds.map((kind) => ({ family, kind })));

const importBase = (family: Family) => importModel(fromFolder(fileURLToPath(modelFolder(family))), workshop.tools);

/** An adapter of PEFT's on a reference model, with other heads beside it, their weights drawn. */
async function writeAdapted(family: Family, heads: readonly ModelHead[], changed: Partial<ModelManifest>) {
  const base = await importBase(family);
  const path = fileURLToPath(modelFolder(`adapters/${family}-lora/trained`));
  const { manifest } = await importModel({ ...fromFolder(path), adapterBaseDigest: base.digest }, workshop.tools);
  const { tensors } = readSafetensors(await workshop.store.read(manifest.adapter!.weights.digest));
  const kept = [...tensors].filter(([name]) => !name.startsWith('heads.'));
  const weights = await workshop.store.write(
    writeSafetensors(new Map([...kept, ...drawHeads(manifest.config, heads)])),
  );
  const adapted = { ...manifest, heads: [...heads], adapter: { ...manifest.adapter!, weights }, ...changed };
  const { digest } = await workshop.store.write(manifestBytes(adapted));
  return { base, digest, manifest: adapted };
}

/** Modules of poolers that are no part of `classifier`, nor of the bare model. */
const poolersBeside: ReadonlyMap<Family, string[]> = new Map<Family, string[]>([
  ['distilbert', ['pre_classifier']],
  ['deberta-v2', ['pooler']],
]);

async function jsonIn(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path, 'utf8'));
}

describe.each(cases)('an adapter of $family with one head: $kind', ({ family, kind }) => {
  const heads = headsOf(kind);
  const isOfTokens = kind === 'tokenClassification';
  const write = () => writeAdapted(family, heads, { pooling: isOfTokens ? null : 'firstToken', maxLength: 12 });

  test('goes out for the class of transformers that has the head, and comes back with it', async () => {
    const { base, digest, manifest } = await write();
    const folder = await workshop.exported(digest, 'peft');
    expect(await jsonIn(join(folder, 'adapter_config.json'))).toMatchObject({
      task_type: isOfTokens ? 'TOKEN_CLS' : 'SEQ_CLS',
      modules_to_save:
        family === 'modernbert'
          ? ['head', 'classifier']
          : ['classifier', ...(isOfTokens ? [] : (poolersBeside.get(family) ?? []))],
    });
    const { tensors } = readSafetensors(await readFile(join(folder, 'adapter_model.safetensors')));
    const whole = [...tensors.keys()].filter((name) => !name.includes('.lora_')).map((name) => name.slice(17));
    const isModule = withClassifierModule.has(family);
    const poolers = { distilbert: ['pre_classifier'], 'deberta-v2': ['pooler.dense'] }[String(family)];
    const saved = poolers ?? (isModule ? ['classifier.dense'] : []);
    const modules = isOfTokens ? ['classifier'] : [isModule ? 'classifier.out_proj' : 'classifier'];
    const ofHead = family === 'modernbert' ? ['head.dense.weight', 'head.norm.weight'] : [];
    const expected = [...modules, ...(isOfTokens ? [] : saved)].flatMap((name) => [`${name}.bias`, `${name}.weight`]);
    expect(whole.sort()).toEqual([...expected, ...ofHead].sort());

    const again = await importModel({ ...fromFolder(folder), adapterBaseDigest: base.digest }, workshop.tools);
    expect(again.manifest).toMatchObject({ heads, pooling: manifest.pooling, maxLength: 12 });
    expectSame(await predictions(engine, workshop, again.digest), await predictions(engine, workshop, digest));
  });

  test('without Attune’s notes has what PEFT’s task and the base model’s configuration tell', async () => {
    const { base, digest } = await write();
    const folder = await workshop.exported(digest, 'peft');
    const path = join(folder, 'adapter_model.safetensors');
    const { tensors } = readSafetensors(await readFile(path));
    await writeFile(path, Buffer.concat(writeSafetensors(tensors)));
    const again = await importModel({ ...fromFolder(folder), adapterBaseDigest: base.digest }, workshop.tools);
    const labels = (count: number) => Array.from({ length: count }, (_, k) => `LABEL_${k}`);
    const expected = {
      // The base model's own head is another, of three classes: nothing tells that this one is of another kind.
      multiLabel: { kind: 'classification', labels: labels(4) },
      regression: { kind: 'classification', labels: labels(2) },
      tokenClassification: { kind, labels: labels(5), scheme: 'plain' },
    }[kind];
    expect(again.manifest.heads).toEqual([{ task: 'label', ...expected }]);
  });
});

test('an adapter of a base model for several labels has as many of its own', async () => {
  const folder = await workshop.copyOf('bert');
  const config = await jsonIn(join(folder, 'config.json'));
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({ ...config, problem_type: 'multi_label_classification' }),
  );
  const base = await importModel(fromFolder(folder), workshop.tools);
  const path = fileURLToPath(modelFolder('adapters/bert-lora/trained'));
  const { manifest } = await importModel({ ...fromFolder(path), adapterBaseDigest: base.digest }, workshop.tools);
  expect(manifest.heads).toEqual([
    { kind: 'multiLabel', task: 'label', labels: ['cards', 'transfers', 'fees'], thresholds: [0.5, 0.5, 0.5] },
  ]);
});

test.each(families)('an adapter of %s with heads of all kinds has them beside it', async (family) => {
  const heads = headsOf('regression', 'tokenClassification', 'multiLabel', 'classification');
  const { base, digest } = await writeAdapted(family, heads, { pooling: 'mean' });
  const folder = await workshop.exported(digest, 'peft');
  expect(await jsonIn(join(folder, 'adapter_config.json'))).toMatchObject({
    task_type: 'FEATURE_EXTRACTION',
    modules_to_save: null,
  });
  const card = await readFile(join(folder, 'README.md'), 'utf8');
  expect(card).toContain('`cards` from 0.5');
  const again = await importModel({ ...fromFolder(folder), adapterBaseDigest: base.digest }, workshop.tools);
  expect(again.manifest).toMatchObject({ heads, pooling: 'mean' });
  expectSame(await predictions(engine, workshop, again.digest), await predictions(engine, workshop, digest));
});
