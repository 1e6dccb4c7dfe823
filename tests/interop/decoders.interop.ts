import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { LoraConfig } from '../../src/protocol/model-manifest.js';
import { decoderFamilies, decoderFolder, tokenFamilies } from '../numerics/reference/decoders/reference.js';
import { expectClose } from './expect-close.js';
import { adapterOf, headSpecs } from './head-specs.js';
import { openForFile } from './open-for-file.js';
import { difficultTexts } from './texts.js';
import type { StoredModel } from './workshop.js';

const Logits = z.array(z.array(z.number()));

/** Not the empty text: without special tokens it has no token, and transformers reads nothing. */
const texts = difficultTexts.slice(1, 20);

const { workshop, python } = await openForFile();

/** The models read 40 tokens. */
const usual: Partial<Hyperparameters> = { pooling: 'lastToken', maxLength: 32 };

const lora = (family: string): LoraConfig => ({ ...adapterOf(family), rankStabilized: family === 'mistral' });

describe.each(decoderFamilies)('%s, trained here', (family) => {
  const folder = fileURLToPath(decoderFolder(family));
  let imported: StoredModel;
  let full: StoredModel;
  let adapted: StoredModel;
  beforeAll(async () => {
    imported = await workshop.import(folder);
    full = await workshop.train(imported, usual);
    adapted = await workshop.train(imported, { ...usual, adapter: lora(family), learningRate: 0.01 });
  });

  it('as a whole: transformers loads it, with equal logits', async () => {
    await expectEqual(full, { kind: 'transformers', folder: await workshop.export(full, 'huggingFace') });
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

  it('takes in an adapter of PEFT’s, with equal logits', async () => {
    const { encodings } = await workshop.logits(full, texts);
    const target = join(workshop.folder, crypto.randomUUID());
    const { rank, alpha, rankStabilized, targetModules } = lora(family);
    const settings = { r: rank, lora_alpha: alpha, use_rslora: rankStabilized, target_modules: targetModules };
    const given = { base: folder, labels: 3, folder: target, lora: settings, encodings };
    const expected = await python.call('adapter', given, Logits);
    const { logits } = await workshop.logits(await workshop.import(target, imported), texts);
    expectClose(logits, expected);
  });

  it('with a head of numbers, in the unit of the data: transformers loads it, with equal outputs', async () => {
    const model = await workshop.train(imported, usual, headSpecs.regression);
    await expectEqual(model, { kind: 'transformers', folder: await workshop.export(model, 'huggingFace') });
  });

  it.runIf(tokenFamilies.includes(family))(
    'with a head of tags: transformers loads it, with equal logits',
    async () => {
      const model = await workshop.train(imported, usual, headSpecs.tokenClassification);
      const settings = { kind: 'transformers', readsTokens: true };
      await expectEqual(model, { ...settings, folder: await workshop.export(model, 'huggingFace') });
    },
  );
});

/** The model's logits here are those that Python computes from what was written. */
async function expectEqual(model: StoredModel, settings: object): Promise<void> {
  const { logits, encodings } = await workshop.logits(model, texts);
  expect(logits.flat().some((value) => Math.abs(value) > 1e-3)).toBe(true);
  expectClose(logits, await python.call('logits', { ...settings, encodings }, Logits));
}
