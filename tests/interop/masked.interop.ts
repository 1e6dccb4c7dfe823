import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { modelFolder } from '../numerics/reference/hugging-face/reference.js';
import { expectClose } from './expect-close.js';
import { adapterOf } from './head-specs.js';
import { openForFile } from './open-for-file.js';
import { difficultTexts } from './texts.js';
import type { StoredModel } from './workshop.js';

const Logits = z.array(z.array(z.number()));

const families = [
  'bert',
  'distilbert',
  'roberta',
  'xlm-roberta',
  'electra',
  'mpnet',
  'deberta-v2',
  'modernbert',
] as const;

const texts = difficultTexts.slice(0, 8);

const { workshop, python } = await openForFile();

const folderOf = (name: string) => fileURLToPath(new URL(`../numerics/reference/masked/${name}/`, import.meta.url));
const predicts = ({ layers }: ModelManifest) => layers.some(({ name }) => name === 'lm_head');

describe.each(families)('%s', (family) => {
  it('of transformers’ class for masked words is taken in with what predicts them', async () => {
    const folder = folderOf(family);
    const imported = await workshop.import(folder);
    expect(predicts(imported.manifest)).toBe(true);
    await expectEqual(imported, { kind: 'masked', folder });
  });

  it('trained here goes out as that class, and as ONNX, with equal logits', async () => {
    const trained = await workshop.trainMasked(await workshop.import(folderOf(family)), {});
    const folder = await workshop.export(trained, 'huggingFace');
    await expectEqual(trained, { kind: 'masked', folder });
    await expectEqual(trained, { kind: 'onnx', folder: await workshop.export(trained, 'onnx') });
    // Taken in again it is the same model.
    const again = await workshop.import(folder);
    expectClose(
      (await workshop.maskedLogits(again, texts)).logits,
      (await workshop.maskedLogits(trained, texts)).logits,
    );
  });

  it('without what predicts masked words gets it, whole or with an adapter', async () => {
    const bare = await workshop.import(fileURLToPath(modelFolder(`${family}-bare`)));
    expect(predicts(bare.manifest)).toBe(false);
    for (const adapter of [null, adapterOf(family)]) {
      const trained = await workshop.trainMasked(bare, { adapter });
      await expectEqual(trained, { kind: 'masked', folder: await workshop.export(trained, 'huggingFace') });
    }
  });
});

/** The model's logits here are those that Python computes from what was written. */
async function expectEqual(model: StoredModel, settings: object): Promise<void> {
  const { logits, encodings } = await workshop.maskedLogits(model, texts);
  expect(logits.flat().some((value) => Math.abs(value) > 1e-2)).toBe(true);
  expectClose(logits, await python.call('logits', { ...settings, encodings }, Logits));
}
