import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { importModel } from '../../gpu-worker/hugging-face/import-model.js';
import { availableMemory } from '../../gpu-worker/training/available-memory.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { bankingData, type Data, dataFile, wordData, writeData } from './data.js';
import { opponentScript } from './opponent.js';
import type { BenchPooling } from './rows.js';
import type { Scale } from './scale.js';
import { run } from './turns.js';

/** What both sides start from, on disk. */
export interface Bench {
  readonly python: string | null;
  readonly threads: number;
  readonly scale: Scale;
  readonly folder: string;
  /** Root of Attune's artifact store. */
  readonly store: string;
  readonly datasets: Readonly<Record<string, BenchDataset>>;
  readonly models: Readonly<Record<string, BenchModel>>;
}

interface BenchDataset {
  readonly labels: readonly string[];
  /** In the store. */
  readonly digest: string;
  readonly trainFile: string;
  readonly testFile: string;
  readonly trainExamples: number;
  readonly testExamples: number;
}

interface BenchModel {
  /** In Hugging Face's layout. */
  readonly folder: string;
  /** In the store, by what its head reads. */
  readonly modelDigests: Readonly<Record<BenchPooling, string>>;
}

/** Writes the starting model with a head of these labels to a folder that is not there yet. */
export type WriteWithHead = (folder: string, labels: readonly string[]) => Promise<void>;

/** The starting model with a head that transformers draws. */
export function headByTransformers(python: string, model: string, threads: number): WriteWithHead {
  return async (folder, labels) => {
    const settings = `${folder}-prepare.json`;
    writeFileSync(settings, JSON.stringify({ base: model, model: folder, labels, threads }));
    await run(python, [opponentScript, 'prepare', settings]);
  };
}

/**
 * Makes what both sides start from in `folder`: data, and for each a model with a head of the right number of labels,
 * imported as a user would import it.
 *
 * @param model folder of the model without a head
 * @param writeWithHead null: there is no head to share, and the recipe draws one
 */
export async function prepare(options: {
  readonly folder: string;
  readonly python: string | null;
  readonly threads: number;
  readonly scale: Scale;
  readonly model: string;
  readonly writeWithHead: WriteWithHead | null;
  readonly dataFolder: string | null;
}): Promise<Bench> {
  const { folder, python, threads, scale, model, writeWithHead, dataFolder } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const storeFolder = join(folder, 'artifacts');
  const store = await openFileSystemStore({ root: storeFolder });
  const { words, agreement } = wordData(model, scale);
  const datasets: Record<string, BenchDataset> = {
    words: await written('words', words),
    agreement: await written('agreement', agreement),
  };
  const ofWords = await startingModel('words', words.labels);
  const models: Record<string, BenchModel> = { words: ofWords, agreement: ofWords };
  if (dataFolder !== null) {
    const banking77 = await bankingData(dataFolder);
    datasets.banking77 = await written('banking77', banking77);
    models.banking77 = await startingModel('banking77', banking77.labels);
  }
  return { python, threads, scale, folder, store: storeFolder, datasets, models };

  async function written(name: string, data: Data): Promise<BenchDataset> {
    return {
      labels: data.labels,
      digest: await writeData(store, folder, name, data),
      trainFile: dataFile(folder, name, 'train'),
      testFile: dataFile(folder, name, 'test'),
      trainExamples: data.train.texts.length,
      testExamples: data.test.texts.length,
    };
  }

  async function startingModel(name: string, labels: readonly string[]): Promise<BenchModel> {
    const withHead = join(folder, `${name}-model`);
    await writeWithHead?.(withHead, labels);
    const path = writeWithHead === null ? model : withHead;
    const job = { source: { kind: 'folder', path } as const, licence: null, adapterBaseDigest: null };
    const { digest } = await importModel(job, {
      store,
      hub: { endpoint: '', token: null },
      importFolders: null,
      downloadFolder: join(folder, 'downloads'),
      memoryBytes: availableMemory(freemem()),
      requireRoom: () => undefined,
      onProgress: () => undefined,
      discard: async () => undefined,
    });
    return { folder: path, modelDigests: { firstToken: digest, mean: await meanPooled(digest) } };
  }

  /**
   * The same weights, the head said to read the mean: a head is trained further only where it reads what it was made
   * for.
   */
  async function meanPooled(digest: string): Promise<string> {
    const manifest = JSON.parse((await store.read(digest)).toString('utf8'));
    return (await store.write(Buffer.from(JSON.stringify({ ...manifest, pooling: 'mean' })))).digest;
  }
}
