import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGlosses } from '../../src/demo/wordnet-glosses.js';
import { shuffled } from '../heads/data.js';
import { root } from '../root.js';
import { toyWords, writeToyModel } from '../train/toy.js';

/** What a run is told: by the environment, or by `--toy`. main.ts explains the variables. */
export interface Options {
  readonly model: string;
  /** With abstracts.csv. */
  readonly dataFolder: string;
  readonly threads: number;
  /** Abstracts that are learned as texts, and those that are never learned. */
  readonly texts: number;
  readonly heldOut: number;
  /** Of those, perplexity is of the first. */
  readonly perplexityTexts: number;
  /** Texts of no field, which are measured along. */
  readonly controlTexts: () => Promise<readonly string[]>;
  /** Tokens of a row of texts. */
  readonly maxLength: number;
  /** Tokens that a classifier reads: the beginnings of abstracts. */
  readonly classifierLength: number;
  readonly epochs: number;
  /** Of the adaptation; that of classifiers is the product's default. */
  readonly learningRate: number;
  readonly evaluateEverySteps: number;
  readonly grid: readonly { readonly trains: 'head' | 'full'; readonly perLabel: number; readonly epochs: number }[];
  readonly seeds: readonly number[];
  /** For everything that is made on the way. */
  readonly folder: string;
}

const home = join(root, '.attune/bench');

/** Kept between runs: finished trainings, one a line. */
export const resultsFile = join(home, 'adaptation.jsonl');

/** @throws Error when no data or model is named */
export function optionsOf(env: NodeJS.ProcessEnv): Options {
  const { ATTUNE_BENCH_MODEL: model, ATTUNE_BENCH_DATA: dataFolder } = env;
  if (model === undefined || dataFolder === undefined) {
    throw new Error('Set ATTUNE_BENCH_MODEL and ATTUNE_BENCH_DATA to folders: main.ts says of what.');
  }
  return {
    model,
    dataFolder: join(dataFolder, 'medical-abstracts'),
    threads: Number(env.ATTUNE_BENCH_THREADS ?? 1),
    texts: Number(env.ATTUNE_BENCH_TEXTS ?? 1500),
    learningRate: Number(env.ATTUNE_BENCH_RATE ?? 1e-4),
    heldOut: 200,
    perplexityTexts: 60,
    controlTexts: async () =>
      shuffled((await readGlosses()).map(({ text }) => ({ text })))
        .slice(0, 150)
        .map(({ text }) => text as string),
    maxLength: 128,
    classifierLength: 64,
    epochs: 1,
    evaluateEverySteps: 100,
    grid: [
      { trains: 'head', perLabel: 10, epochs: 40 },
      { trains: 'head', perLabel: 50, epochs: 40 },
      { trains: 'head', perLabel: 200, epochs: 20 },
      { trains: 'full', perLabel: 10, epochs: 10 },
      { trains: 'full', perLabel: 50, epochs: 4 },
      { trains: 'full', perLabel: 200, epochs: 3 },
    ],
    seeds: [0, 1, 2],
    folder: join(home, 'adaptation'),
  };
}

/** Makes a tiny model and data: each abstract tells its condition by a word of its own. */
export async function toyOptions(): Promise<Options> {
  const folder = mkdtempSync(join(tmpdir(), 'attune-bench-adaptation-'));
  const model = join(folder, 'toy');
  await writeToyModel(model, ['first', 'second']);
  const dataFolder = join(folder, 'data');
  mkdirSync(dataFolder);
  const rows = Array.from({ length: 60 }, (_, index) => {
    const words = [
      toyWords[index % 3],
      ...Array.from({ length: 8 }, (_, word) => toyWords[10 + ((index * 7 + word) % 90)]),
    ];
    return `${(index % 3) + 1},"${words.join(' ')}"`;
  });
  writeFileSync(join(dataFolder, 'abstracts.csv'), `${['condition_label,medical_abstract', ...rows].join('\n')}\n`);
  return {
    model,
    dataFolder,
    threads: 1,
    texts: 24,
    learningRate: 5e-4,
    heldOut: 12,
    perplexityTexts: 6,
    controlTexts: async () =>
      Array.from({ length: 6 }, (_, index) => toyWords.slice(8 * index, 8 * index + 8).join(' ')),
    maxLength: 16,
    classifierLength: 16,
    epochs: 1,
    evaluateEverySteps: 2,
    grid: [
      { trains: 'head', perLabel: 4, epochs: 2 },
      { trains: 'full', perLabel: 4, epochs: 1 },
    ],
    seeds: [0, 1],
    folder: join(folder, 'work'),
  };
}
