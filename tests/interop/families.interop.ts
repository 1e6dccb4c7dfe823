import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LoraConfig } from '../../src/protocol/model-manifest.js';
import { families, modelFolder } from '../numerics/reference/hugging-face/reference.js';
import { expectClose } from './expect-close.js';
import { adapterOf } from './head-specs.js';
import { openForFile } from './open-for-file.js';
import { difficultTexts } from './texts.js';
import type { StoredModel } from './workshop.js';

const Logits = z.array(z.array(z.number()));

const texts = difficultTexts.slice(0, 20);

const { workshop, python } = await openForFile();

const lora = (family: string): LoraConfig => ({ ...adapterOf(family), rankStabilized: family === 'roberta' });

/** What stands between model and head of a classifier, where PEFT has to be told to keep it. */
const beside: ReadonlyMap<string, string> = new Map([
  ['deberta-v2', 'pooler'],
  ['modernbert', 'head'],
]);

/**
 * With their classifiers, and bare: then heads are new, and so is a pooler where the family's bare model has none of
 * its classifier's.
 */
const bases = families.flatMap((family) => [
  { family, base: family },
  { family, base: `${family}-bare` },
]);

describe.each(bases)('$base, trained here', ({ family, base }) => {
  const folder = fileURLToPath(modelFolder(base));
  let full: StoredModel;
  let adapted: StoredModel;
  beforeAll(async () => {
    const imported = await workshop.import(folder);
    full = await workshop.train(imported, {});
    adapted = await workshop.train(imported, { adapter: lora(family), learningRate: 0.01 });
  });

  it('as a whole: transformers loads it, with equal logits', async () => {
    const exported = await workshop.export(full, 'huggingFace');
    await expectEqual(full, { kind: 'transformers', folder: exported });
  });

  it('as a whole: its ONNX file gives equal logits', async () => {
    await expectEqual(full, { kind: 'onnx', folder: await workshop.export(full, 'onnx') });
  });

  it('as an adapter: PEFT loads it onto the base model, with equal logits', async () => {
    const exported = await workshop.export(adapted, 'peft');
    await expectEqual(adapted, { kind: 'peft', folder: exported, base: folder, labels: 3 });
  });

  it('as an adapter, merged: transformers loads it, with equal logits', async () => {
    await expectEqual(adapted, { kind: 'transformers', folder: await workshop.export(adapted, 'huggingFace') });
  });

  it('as an adapter, merged: its ONNX file gives equal logits', async () => {
    await expectEqual(adapted, { kind: 'onnx', folder: await workshop.export(adapted, 'onnx') });
  });

  it('as an adapter, taken in again: equal logits', async () => {
    const again = await workshop.import(await workshop.export(adapted, 'peft'), await workshop.import(folder));
    const [before, after] = [await workshop.logits(adapted, texts), await workshop.logits(again, texts)];
    expectClose(after.logits, before.logits);
    expect(again.manifest.heads).toEqual(adapted.manifest.heads);
  });

  it('takes in an adapter of PEFT’s, with equal logits', async () => {
    const imported = await workshop.import(folder);
    const { encodings } = await workshop.logits(full, texts);
    const target = join(workshop.folder, crypto.randomUUID());
    const { rank, alpha, rankStabilized, targetModules } = lora(family);
    const settings = {
      r: rank,
      lora_alpha: alpha,
      use_rslora: rankStabilized,
      target_modules: targetModules,
      // PEFT keeps the others by itself: their names end with `classifier`, or the bare model has them.
      ...(beside.has(family) ? { modules_to_save: [beside.get(family)] } : {}),
    };
    const expected = await python.call(
      'adapter',
      { base: folder, labels: 3, folder: target, lora: settings, encodings },
      Logits,
    );
    const { logits } = await workshop.logits(await workshop.import(target, imported), texts);
    expectClose(logits, expected);
  });
});

/** The model's logits here are those that Python computes from what was written. */
async function expectEqual(model: StoredModel, settings: object): Promise<void> {
  const { logits, encodings } = await workshop.logits(model, texts);
  expectClose(logits, await python.call('logits', { ...settings, encodings }, Logits));
}
