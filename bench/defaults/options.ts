import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeToyData } from '../heads/toy.js';
import { root } from '../root.js';
import { writeToyBanking, writeToyModel } from '../train/toy.js';
import { type Grid, grids, toyGrids } from './grid.js';

/** What a run is told: by the environment, or by `--toy`. main.ts explains the variables. */
export interface Options {
  readonly grids: readonly Grid[];
  /** Folder of the model that is called MiniLM here. */
  readonly model: string;
  readonly dataFolder: string;
  readonly threads: number;
  /** Texts, or pairs of them, are cut to this many tokens. */
  readonly maxLength: number;
  /** Only trainings whose names contain one of these. */
  readonly only: readonly string[];
  /** For everything that is made on the way. */
  readonly folder: string;
}

const home = join(root, '.attune/bench');

/** Kept between runs: finished trainings, one a line. */
export const resultsFile = join(home, 'defaults.jsonl');

/** @throws Error when no data or model is named */
export function optionsOf(env: NodeJS.ProcessEnv): Options {
  const { ATTUNE_BENCH_MODEL: model, ATTUNE_BENCH_DATA: dataFolder } = env;
  if (model === undefined || dataFolder === undefined) {
    throw new Error('Set ATTUNE_BENCH_MODEL and ATTUNE_BENCH_DATA to folders: main.ts says of what.');
  }
  return {
    grids,
    model,
    dataFolder,
    threads: Number(env.ATTUNE_BENCH_THREADS ?? 1),
    maxLength: 64,
    only: (env.ATTUNE_BENCH_ONLY ?? '').split(','),
    folder: join(home, 'defaults'),
  };
}

/** Makes a tiny model and data. */
export async function toyOptions(): Promise<Options> {
  const folder = mkdtempSync(join(tmpdir(), 'attune-bench-defaults-'));
  const model = join(folder, 'toy');
  await writeToyModel(model, ['first', 'second']);
  const dataFolder = join(folder, 'data');
  writeToyData(dataFolder);
  writeToyBanking(join(dataFolder, 'banking77'));
  return {
    grids: toyGrids,
    model,
    dataFolder,
    threads: 1,
    maxLength: 32,
    only: [''],
    folder: join(folder, 'work'),
  };
}
