import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { multiTaskSpec, supervisedSpec } from '../../support/specs.js';
import { h, heads, last, openHeadWorkshop } from './head-workshop.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openHeadWorkshop>>;
beforeAll(async () => {
  workshop = await openHeadWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const asked = [{ task: 'mood', targetColumns: ['mood'] }];
const usual: Partial<Hyperparameters> = { ...h, pooling: 'lastToken', dropout: null, epochs: 2, maxLength: 16 };

function specOf(baseModelDigest: string, more: Partial<Hyperparameters>) {
  const { datasetDigest } = workshop;
  const hyperparameters = { ...usual, ...more };
  return supervisedSpec({ baseModelDigest, datasetDigest, head: heads.classification, hyperparameters });
}

async function tensorsOf({ digest }: { readonly digest: string }) {
  return readSafetensors(await workshop.store.read(digest)).tensors;
}

async function manifestOf(digest: string): Promise<ModelManifest> {
  return JSON.parse((await workshop.store.read(digest)).toString());
}

describe('decoders', () => {
  const ways = [
    ['llama', 'in full', {}],
    ['llama', 'in full, mean-pooled', { pooling: 'mean' }],
    ['llama', 'above a frozen prefix', { freeze: { kind: 'prefix', layers: 1 } }],
    ['llama', 'heads alone, all layers frozen', { freeze: { kind: 'prefix', layers: 2 } }],
    ['llama', 'heads alone', { freeze: { kind: 'encoder' } }],
    ['llama', 'an adapter', { adapter: lora }],
    ['mistral', 'in full', {}],
    ['qwen2', 'in full', {}],
    ['qwen2', 'an adapter', { adapter: lora }],
    ['qwen3', 'above a frozen prefix', { freeze: { kind: 'prefix', layers: 1 } }],
    ['qwen3', 'an adapter', { adapter: lora }],
    ['gemma3_text', 'in full', {}],
    ['gemma3_text', 'in full, mean-pooled', { pooling: 'mean' }],
    ['gemma3_text', 'above a frozen prefix', { freeze: { kind: 'prefix', layers: 1 } }],
    ['gemma3_text', 'an adapter', { adapter: lora }],
    ['gpt2', 'in full', {}],
    ['gpt2', 'an adapter', { adapter: { ...lora, targetModules: ['c_attn', 'c_proj'] } }],
    ['gpt2', 'above a frozen prefix', { freeze: { kind: 'prefix', layers: 1 } }],
  ] as const satisfies readonly (readonly [string, string, Partial<Hyperparameters>])[];

  it.each(ways)('%s: trains %s, and its files score as the training did', async (family, _, more) => {
    const base = await writeTinyEncoder(workshop.store, family);
    const { model, series } = await workshop.finish(specOf(base, more));
    expect([...series('train/loss').values()].every((loss) => Number.isFinite(loss))).toBe(true);
    const [scores] = await workshop.evaluate(model.digest, asked, 'text');
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? Number.NaN, 5);
    expect(model.manifest.pooling).toBe('pooling' in more ? more.pooling : 'lastToken');
    // No pooler, and a head without a bias.
    expect(model.manifest.layers.map(({ index }) => index)).toEqual([0, 1, 2]);
    const stored = await tensorsOf(model.manifest.adapter?.weights ?? model.manifest.weights);
    expect([...stored.keys()].filter((name) => name.startsWith('heads.'))).toEqual(['heads.mood.weight']);
  });

  it.each(['llama', 'mistral', 'qwen2', 'qwen3', 'gemma3_text', 'gpt2'] as const)(
    '%s: learns from its last token',
    async (family) => {
      const base = await writeTinyEncoder(workshop.store, family);
      const { series } = await workshop.finish(specOf(base, { epochs: 12, dropout: 0 }));
      expect(last(series('validation/accuracy'))).toBeGreaterThan(0.9);
    },
  );

  it('kept states of a frozen prefix give the steps that tokens give', async () => {
    const base = await writeTinyEncoder(workshop.store, 'llama');
    const frozen = { freeze: { kind: 'prefix', layers: 1 }, schedule: 'constant', warmupRatio: 0 } as const;
    const kept = await workshop.finish(specOf(base, { ...frozen, epochs: 2 }));
    const once = await workshop.finish(specOf(base, { ...frozen, epochs: 1 }));
    expect(kept.logged().some((line) => line.includes('once and keeps their states'))).toBe(true);
    for (const [step, loss] of once.series('train/loss')) {
      expect(kept.series('train/loss').get(step)).toBeCloseTo(loss ?? Number.NaN, 5);
    }
  });

  it('equal specs give equal bytes', async () => {
    const base = await writeTinyEncoder(workshop.store, 'llama');
    const [first, second] = [await workshop.finish(specOf(base, {})), await workshop.finish(specOf(base, {}))];
    expect(second.model.digest).toBe(first.model.digest);
  });

  it('lose the matrix of the next token’s logits in full training, and keep it under an adapter', async () => {
    const base = await writeTinyEncoder(workshop.store, 'llama', { languageModel: true });
    const own = await manifestOf(base);
    expect(own.layers.at(-1)).toMatchObject({ name: 'lm_head', index: 3 });
    const full = await workshop.finish(specOf(base, { epochs: 1 }));
    expect(full.model.manifest.layers).toEqual(own.layers.slice(0, 3));
    expect((await tensorsOf(full.model.manifest.weights)).has('lm_head.weight')).toBe(false);
    const adapted = await workshop.finish(specOf(base, { epochs: 1, adapter: lora }));
    expect(adapted.model.manifest.layers).toEqual(own.layers);
    expect(adapted.model.manifest.weights).toEqual(own.weights);
    // “All linear” projections are those of the layers.
    const names = [...(await tensorsOf(adapted.model.manifest.adapter!.weights)).keys()];
    expect(names.filter((name) => name.startsWith('lm_head'))).toEqual([]);
    expect(names).toContain('layers.1.mlp.down_proj.lora_A.weight');
  });
});

describe('heads of every kind on a decoder', () => {
  it('regression learns numbers without a bias, their mean left in', async () => {
    const { model, series } = await workshop.finish(await workshop.specOf('llama', heads.regression, { epochs: 24 }));
    const [head] = model.manifest.heads;
    if (head?.kind !== 'regression') throw new Error(JSON.stringify(head));
    expect(head.means).toEqual([0, 0]);
    // The root mean square of shares that are all above 100.
    expect(head.scales[0]).toBeGreaterThan(105);
    expect(last(series('validation/r2'))).toBeGreaterThan(0.5);
    const tasks = [{ task: 'share', targetColumns: ['share', 'reds'] }];
    const [scores] = await workshop.evaluate(model.digest, tasks, 'text');
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? 0, 5);
  });

  it('several labels, and a tag for each word', async () => {
    const labels = await workshop.finish(await workshop.specOf('llama', heads.multiLabel));
    expect(last(labels.series('validation/f1'))).toBeGreaterThan(0.85);
    const tags = await workshop.finish(await workshop.specOf('llama', heads.tokenClassification));
    expect(last(tags.series('validation/f1'))).toBeGreaterThan(0.85);
    expect([...(await tensorsOf(tags.model.manifest.weights)).keys()]).toContain('heads.tags.bias');
    const [scores] = await workshop.evaluate(tags.model.digest, [{ task: 'tags', targetColumns: ['tags'] }], 'words');
    expect(scores?.loss).toBeCloseTo(last(tags.series('validation/loss')) ?? 0, 5);
  });

  it('several on one decoder, read from the last token and from each', async () => {
    const baseModelDigest = await workshop.baseOf('llama');
    const { datasetDigest } = workshop;
    const tasks = [
      { name: 'mood', head: { ...heads.classification, labels: [...heads.classification.labels] } },
      { name: 'tags', head: { ...heads.tokenClassification, labels: [...heads.tokenClassification.labels] } },
    ].map((one) => ({ ...one, weight: 1 }));
    const hyperparameters = { ...usual };
    const { model, series } = await workshop.finish(
      multiTaskSpec({ baseModelDigest, datasetDigest, textColumn: 'words', tasks, hyperparameters }),
    );
    const targets = [...asked, { task: 'tags', targetColumns: ['tags'] }];
    for (const { task, loss } of await workshop.evaluate(model.digest, targets, 'words')) {
      expect(loss, task).toBeCloseTo(last(series(`validation/${task}/loss`)) ?? Number.NaN, 5);
    }
  });
});
