import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { importModel } from '../../dist/gpu-worker/hugging-face/import-model.js';
import { availableMemory } from '../../dist/gpu-worker/training/memory-estimate.js';
import { openFileSystemStore } from '../../dist/src/storage/file-system-store.js';
import { bankingData, dataFile, wordData, writeData } from './data.mjs';
import { run } from './turns.mjs';

/**
 * Makes what both sides start from in `folder`: data, and for each a model with a head of the right number of labels, drawn by
 * transformers (`opponent.py prepare`) and imported as a user would import it.
 *
 * @returns the bench that measure.mjs works on
 */
export async function prepare({ folder, python, threads, model, dataFolder }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const storeFolder = join(folder, 'artifacts');
  const store = await openFileSystemStore({ root: storeFolder });
  const data = {
    ...wordData(model, { batchSize: 16, tokens: 128 }),
    ...(dataFolder === null ? {} : { banking77: await bankingData(dataFolder) }),
  };
  const datasets = {};
  const models = {};
  for (const [name, { labels, train, test }] of Object.entries(data)) {
    datasets[name] = {
      labels,
      digest: await writeData(store, folder, name, { train, test }),
      trainFile: dataFile(folder, name, 'train'),
      testFile: dataFile(folder, name, 'test'),
      trainExamples: train.texts.length,
      testExamples: test.texts.length,
    };
    models[name] = name === 'agreement' ? models.words : await startingModel(name, labels);
  }
  return { python, threads, folder, store: storeFolder, datasets, models };

  async function startingModel(name, labels) {
    const withHead = join(folder, `${name}-model`);
    if (python !== null) {
      const settings = join(folder, `${name}-prepare.json`);
      writeFileSync(settings, JSON.stringify({ base: model, model: withHead, labels, threads }));
      await run(python, [join(import.meta.dirname, 'opponent.py'), 'prepare', settings]);
    }
    // Without Python there is no head to share: the recipe draws one.
    const path = python === null ? model : withHead;
    const job = { source: { kind: 'folder', path }, licence: null, adapterBaseDigest: null };
    const imported = await importModel(job, {
      store,
      hub: { endpoint: '', token: null },
      importFolders: null,
      downloadFolder: join(folder, 'downloads'),
      memoryBytes: availableMemory(freemem()),
      onProgress: () => undefined,
      discard: async () => undefined,
    });
    return { folder: path, modelDigests: { firstToken: imported.digest, mean: await meanPooled(imported.digest) } };
  }

  /** The same weights, the head said to read the mean: a head is gone on with only where it reads what it was made for. */
  async function meanPooled(digest) {
    const manifest = JSON.parse((await store.read(digest)).toString('utf8'));
    return (await store.write(Buffer.from(JSON.stringify({ ...manifest, pooling: 'mean' })))).digest;
  }
}
