import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from '../root.js';
import { packagedModel } from '../train/python.js';
import { writeToyModel } from '../train/toy.js';
import { full, type Scale, toy, type WorkName } from './scale.js';
import { writeToyData } from './toy.js';
import { works } from './works.js';

/** What a run is told: by the environment, or by `--toy`. main.ts explains the variables. */
export interface Options {
  readonly scale: Scale;
  /** Null: Attune is measured alone. */
  readonly python: string | null;
  /** Folder of the model. */
  readonly model: string;
  readonly dataFolder: string;
  readonly works: readonly WorkName[];
  readonly threads: number;
  /** For everything that is made on the way. */
  readonly folder: string;
}

const home = join(root, '.attune/bench');

/** Kept between runs: finished trainings. */
export const resultsFile = join(home, 'heads.json');

/** @throws Error when no data or model is named, and for a work that there is not */
export function optionsOf(env: NodeJS.ProcessEnv): Options {
  const python = env.ATTUNE_BENCH_PYTHON ?? null;
  const model = env.ATTUNE_BENCH_MODEL ?? (python === null ? null : packagedModel(python));
  if (model === null) {
    throw new Error(
      'Set ATTUNE_BENCH_MODEL to a folder with config.json, model.safetensors and tokenizer.json of a BERT.',
    );
  }
  const dataFolder = env.ATTUNE_BENCH_DATA;
  if (dataFolder === undefined) {
    throw new Error(
      'Set ATTUNE_BENCH_DATA to a folder with sick, snips and goemotions: main.ts says where they are from.',
    );
  }
  return {
    scale: full,
    python,
    model,
    dataFolder,
    works: chosenWorks(env.ATTUNE_BENCH_WORKS),
    threads: Number(env.ATTUNE_BENCH_THREADS ?? availableParallelism()),
    folder: join(home, 'heads'),
  };
}

/** Makes the tiny model and data in `inputs`. */
export async function toyOptions(inputs: string): Promise<Options> {
  const model = join(inputs, 'toy');
  await writeToyModel(model, ['first', 'second']);
  const dataFolder = join(inputs, 'data');
  writeToyData(dataFolder);
  return {
    scale: toy,
    python: null,
    model,
    dataFolder,
    works: chosenWorks(undefined),
    threads: 1,
    folder: join(inputs, 'work'),
  };
}

/** @param names with commas, `none`; all when there are none */
function chosenWorks(names: string | undefined): WorkName[] {
  const all = works.map(({ name }) => name);
  if (names === 'none') return [];
  if (names === undefined) return all;
  return names.split(',').map((name) => {
    const found = all.find((known) => known === name.trim());
    if (found === undefined) throw new Error(`no work ${name}; there are ${all.join(', ')}`);
    return found;
  });
}
