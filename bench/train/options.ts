import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from '../root.js';
import { headByTransformers, type WriteWithHead } from './prepare.js';
import { packagedModel } from './python.js';
import { full, type Scale, toy } from './scale.js';
import { writeToyBanking, writeToyModel } from './toy.js';

/** What a run is told: by the environment, or by `--toy`. main.ts explains the variables. */
export interface Options {
  readonly scale: Scale;
  readonly python: string | null;
  /** Folder of the model without a head. */
  readonly model: string;
  /** Null: there is no head that both sides could share. */
  readonly writeWithHead: WriteWithHead | null;
  readonly dataFolder: string | null;
  /** Names with commas, `all`, `missing` or `none`. */
  readonly rows: string;
  /** Null: as many as the scale says. */
  readonly rounds: number | null;
  readonly threads: number;
  /** For everything that is made on the way. */
  readonly folder: string;
}

/** Kept between runs: finished rows. */
export const home = join(root, '.attune/bench');

/** @throws Error when no model is named and the Python environment brings none */
export function optionsOf(env: NodeJS.ProcessEnv): Options {
  const python = env.ATTUNE_BENCH_PYTHON ?? null;
  const model = env.ATTUNE_BENCH_MODEL ?? (python === null ? null : packagedModel(python));
  if (model === null) {
    throw new Error(
      'Set ATTUNE_BENCH_MODEL to a folder with config.json, model.safetensors and tokenizer.json of a BERT.',
    );
  }
  const threads = Number(env.ATTUNE_BENCH_THREADS ?? availableParallelism());
  return {
    scale: full,
    python,
    model,
    writeWithHead: python === null ? null : headByTransformers(python, model, threads),
    dataFolder: env.ATTUNE_BENCH_DATA ?? null,
    rows: env.ATTUNE_BENCH_ROWS ?? 'all',
    rounds: env.ATTUNE_BENCH_ROUNDS === undefined ? null : Number(env.ATTUNE_BENCH_ROUNDS),
    threads,
    folder: join(home, 'work'),
  };
}

/** Makes the tiny model and data in `inputs`. */
export async function toyOptions(inputs: string): Promise<Options> {
  const model = join(inputs, 'toy');
  await writeToyModel(model, ['first', 'second']);
  const dataFolder = join(inputs, 'banking77');
  writeToyBanking(dataFolder);
  return {
    scale: toy,
    python: null,
    model,
    writeWithHead: writeToyModel,
    dataFolder,
    rows: 'all',
    rounds: null,
    threads: 1,
    folder: join(inputs, 'work'),
  };
}
