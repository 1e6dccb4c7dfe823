import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loraScale, moduleOfLoraTensor } from '../../../gpu-worker/adapters/lora-parameters.js';
import { inference } from '../../../gpu-worker/architectures/encoder-run.js';
import type { Engine, ParameterSpec } from '../../../gpu-worker/engine/types.js';
import { exportPeftAdapter } from '../../../gpu-worker/hugging-face/peft/export-peft.js';
import { type AdapterImportTools, importPeftAdapter } from '../../../gpu-worker/hugging-face/peft/import-peft.js';
import { crossEntropy } from '../../../gpu-worker/losses/cross-entropy.js';
import { adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import { learningRate } from '../../../gpu-worker/optim/schedules.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { readSafetensors, type Tensor } from '../../../src/storage/safetensors.js';
import { feedsOf, inputsOf, logits, task, tinySpecs } from '../architectures/tiny-encoder.js';
import { openEngine } from '../engine/compare.js';
import { expectClose } from '../nn/differentiate.js';
import {
  adapterReference,
  type Family,
  familyReference,
  modelFolder,
  parameterName,
} from '../reference/hugging-face/reference.js';
import { mergeAdapter } from './merge-adapter.js';
import { openFolder, writeBase } from './support.js';

const cases = [
  'bert-lora',
  'bert-rslora',
  'bert-regex',
  'bert-pooler',
  'distilbert-lora',
  'roberta-lora',
  'roberta-whole-classifier',
  'xlm-roberta-lora',
  'electra-lora',
  'mpnet-lora',
  'deberta-v2-lora',
  'modernbert-lora',
];

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());

describe.each(cases)('%s, an adapter of PEFT’s', (name) => {
  const reference = adapterReference(name);
  const { family } = reference;

  it('gives PEFT’s logits, beside the base model and merged into it', async () => {
    await using place = await openFolder();
    const { base, adapter, model } = await load(place, family, `adapters/${name}/trained`);
    const beside = await forward(family, new Map([...base, ...adapter]), model);
    expectClose(beside, reference.trainedLogits, 1e-4, 'logits');
    const merged = mergeAdapter(model, model.adapter!.config, base, adapter);
    expectClose(await forward(family, merged, null), reference.mergedLogits, 1e-4, 'merged logits');
    expectClose(await forward(family, merged, null), beside, 1e-5, 'merged against unmerged');
  });

  it('has PEFT’s gradients, and follows its losses over 50 steps of AdamW', async () => {
    await using place = await openFolder();
    const { base, adapter, model } = await load(place, family, `adapters/${name}/initial`);
    const { batches, training } = familyReference(family);
    const trained = new Set(Object.keys(reference.gradients).map((theirs) => parameterName(family, theirs, task)));
    const all = new Map([...base, ...adapter]);
    const specs = [...all].map(
      ([name, { shape }]): ParameterSpec => ({
        name,
        shape,
        trainable: trained.has(name),
        decay: shape.length > 1,
      }),
    );
    const store = engine.createParameters(specs, dataOf(all));
    const step = await engine.compileStep(store, inputsOf(batches[0]!), (parameters, inputs, random) => {
      const run = { random, dropout: 0, fromLayer: 0, adapter: { scale: scaleOf(model), dropout: 0 } };
      return { loss: crossEntropy(logits(parameters, inputs, family, 'firstToken', run), inputs.labels!) };
    });
    for (const [index, expected] of reference.losses.entries()) {
      const feeds = feedsOf(batches[index % batches.length]!);
      const { loss } = await step.run(feeds, { seed: 1, step: index, scale: 1 });
      if (index === 0) {
        for (const [theirs, gradient] of Object.entries(reference.gradients)) {
          expectClose(store.gradient(parameterName(family, theirs, task)), gradient, 1e-4, theirs);
        }
      }
      expect(Math.abs(loss - expected), `loss ${index}`).toBeLessThanOrEqual(1e-3 * Math.max(expected, 0.1));
      const { schedule, learningRate: peakLearningRate, warmupSteps: warmupUpdates, steps: totalUpdates } = training;
      const rate = learningRate({ schedule, peakLearningRate, warmupUpdates, totalUpdates }, index);
      const { gradientNorm } = store.update(adamwRule({ ...training, learningRate: rate }));
      const norm = reference.gradientNorms[index]!;
      expect(Math.abs(gradientNorm - norm), `norm ${index}`).toBeLessThanOrEqual(5e-3 * norm);
    }
    await step.release();
    store.release();
  });

  it('is written again as PEFT wrote it', async () => {
    await using place = await openFolder();
    const { model } = await load(place, family, `adapters/${name}/trained`);
    const { files } = await exportPeftAdapter(model, place, 'org/base');
    const folder = join(place.folder, 'exported');
    await mkdir(folder);
    for (const file of files) await writeFile(join(folder, file.name), await place.store.read(file.digest));

    const original = modelFolder(`adapters/${name}/trained`);
    const [theirs, ours] = [
      readSafetensors(await readFile(new URL('adapter_model.safetensors', original))).tensors,
      readSafetensors(await readFile(join(folder, 'adapter_model.safetensors'))).tensors,
    ];
    for (const [tensor, { shape, data }] of theirs) {
      expect(ours.get(tensor)?.shape, tensor).toEqual(shape);
      expect(ours.get(tensor)?.data, tensor).toEqual(data);
    }
    // A RoBERTa's classifier is kept whole, though this adapter trained its last projection alone.
    const more = [...ours.keys()].filter((tensor) => !theirs.has(tensor));
    expect(more).toEqual(
      name === 'roberta-lora'
        ? ['base_model.model.classifier.dense.bias', 'base_model.model.classifier.dense.weight']
        : [],
    );

    const config = JSON.parse(await readFile(new URL('adapter_config.json', original), 'utf8'));
    const written = JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'));
    expect(written).toMatchObject({
      peft_type: 'LORA',
      task_type: 'SEQ_CLS',
      base_model_name_or_path: 'org/base',
      r: config.r,
      lora_alpha: config.lora_alpha,
      use_rslora: config.use_rslora,
    });
    if (Array.isArray(config.target_modules)) {
      expect([...written.target_modules].sort()).toEqual([...config.target_modules].sort());
    }

    const again = await importPeftAdapter(folder, { ...model, adapter: null }, place);
    expect(again.manifest.heads).toEqual(model.heads);
    expect(again.manifest.adapter!.config).toMatchObject({ rank: config.r, alpha: config.lora_alpha });
    const reread = readSafetensors(await place.store.read(again.manifest.adapter!.weights.digest)).tensors;
    for (const [tensor, { data }] of readSafetensors(await place.store.read(model.adapter!.weights.digest)).tensors) {
      expect(reread.get(tensor)?.data, tensor).toEqual(data);
    }
  });
});

/** The reference model and one of its adapters, as the worker takes them in. */
async function load(tools: AdapterImportTools, family: Family, folder: string) {
  const { store } = tools;
  const base = await writeBase(store, family);
  const { manifest } = await importPeftAdapter(fileURLToPath(modelFolder(folder)), base, tools);
  return {
    model: manifest,
    base: readSafetensors(await store.read(manifest.weights.digest)).tensors,
    adapter: readSafetensors(await store.read(manifest.adapter!.weights.digest)).tensors,
  };
}

/** Logits of the first batch. `model`: whose adapter is among the tensors. */
async function forward(family: Family, tensors: ReadonlyMap<string, Tensor>, model: ModelManifest | null) {
  const [batch] = familyReference(family).batches;
  const matrices = [...tensors].filter(([name]) => moduleOfLoraTensor(name) !== null);
  const specs = [
    ...tinySpecs(family),
    ...matrices.map(([name, { shape }]) => ({ name, shape, trainable: false, decay: true })),
  ];
  const store = engine.createParameters(specs, dataOf(tensors));
  const run = { ...inference, adapter: model === null ? null : { scale: scaleOf(model), dropout: 0 } };
  const compiled = await engine.compileForward(store, inputsOf(batch!), (parameters, inputs) => ({
    logits: logits(parameters, inputs, family, 'firstToken', run),
  }));
  const results = await compiled.run(feedsOf(batch!));
  await compiled.release();
  store.release();
  return Float32Array.from(results.logits!);
}

function scaleOf({ adapter }: ModelManifest): number {
  return loraScale(adapter!.config);
}

function dataOf(tensors: ReadonlyMap<string, Tensor>): Map<string, Float32Array> {
  return new Map([...tensors].map(([name, { data }]) => [name, data]));
}
