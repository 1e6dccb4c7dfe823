/**
 * `npm run bench:defaults`: what learning rates and epochs come to, by method, base model and number of examples, on
 * real data. The defaults of these hyperparameters (src/experiments/hyperparameter-defaults.ts) are chosen by its
 * figures, and stand in its tables beside the others.
 *
 * Each training of the grid (grid.ts) is one run of the product's own recipe, with a score of the validation split
 * after each epoch. A finished one is kept in .attune/bench/defaults.jsonl at once, and docs/methods/defaults.md
 * is written from all that are kept. Nothing is trained twice: delete the file, or a line of it, to measure it again.
 *
 *   ATTUNE_BENCH_MODEL    folder of all-MiniLM-L6-v2 in Hugging Face's layout, with modules.json and 1_Pooling
 *   ATTUNE_BENCH_DATA     folder with banking77/train.csv (PolyAI), clinc150/{data_full.json,domains.json} (Larson et
 *                         al. 2019), sms-spam/sms.tsv (UCI), sick and snips as bench/heads/main.ts says; WordNet and
 *                         Universal Sentence Encoder Lite are from npm
 *   ATTUNE_BENCH_THREADS  threads of the engine, 1 by default
 *   ATTUNE_BENCH_ONLY     parts of names of trainings, with commas, e.g. `minilm lora,sick 350`: those that contain
 *                         one; `none`: only writes the document; all by default
 *
 * Scores do not depend on what else runs, time does: with MiniLM, 100 updates take half a minute of a core.
 *
 * `--toy` (part of `npm run bench:check`) trains a few of each kind on tiny models and data that it makes, in a few
 * seconds, and makes the document, which it doesn't write.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { engineVersion } from '../../gpu-worker/engine/version.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { wrapped } from '../wrapped.js';
import { type Base, openBase } from './bases.js';
import { type BaseName, type Cell, type CellResult, nameOf } from './cell.js';
import { type Chosen, document } from './document.js';
import { cellsOf } from './grid.js';
import { type Options, optionsOf, resultsFile, toyOptions } from './options.js';
import { keep, readKept } from './results.js';
import { defaultCell, formerCell } from './rule.js';
import { trainCell } from './train-cell.js';

if (isToy) await tryEverything();
else await measureAndKeep(optionsOf(process.env));
process.exit(0);

async function measureAndKeep(options: Options): Promise<void> {
  const kept = readKept(resultsFile);
  const done = new Set(kept.map(nameOf));
  const { results, chosen } = await measure(
    options,
    (cell) => options.only.some((part) => nameOf(cell).includes(part)) && !done.has(nameOf(cell)),
    (result) => keep(resultsFile, result),
  );
  const all = [...kept, ...results];
  if (all.length === 0) return;
  const path = join(root, 'docs/methods/defaults.md');
  writeFileSync(path, documentOf(all, chosen));
  console.log(`\nwrote ${path}`);
}

/** @throws Error where a training or the document can't be made */
async function tryEverything(): Promise<void> {
  const options = await toyOptions();
  try {
    const { results, chosen } = await measure(
      options,
      () => true,
      () => undefined,
    );
    const [wrong] = /.*(NaN|undefined).*/.exec(documentOf(results, chosen)) ?? [];
    if (wrong !== undefined) throw new Error(`The document says: ${wrong}`);
  } finally {
    rmSync(join(options.folder, '..'), { recursive: true, force: true });
  }
}

/** Trains the cells of the grids that are wanted, with the defaults, now and formerly, of each. */
async function measure(
  options: Options,
  isWanted: (cell: Cell) => boolean,
  onResult: (result: CellResult) => void,
): Promise<{ readonly results: readonly CellResult[]; readonly chosen: Chosen }> {
  const { folder, model, dataFolder, threads, maxLength } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
  const bases: Record<BaseName, Base> = {
    minilm: await openBase('minilm', store, model, folder),
    'use-lite': await openBase('use-lite', store, model, folder),
  };
  const isSame = (a: Cell) => (b: Cell) => nameOf(a) === nameOf(b);
  const defaultOf = (cell: Cell) => defaultCell(cell, bases[cell.base]);
  const gridCells = cellsOf(options.grids);
  const cells = [...gridCells, ...gridCells.map(formerCell), ...gridCells.map(defaultOf)];
  const distinct = cells.filter((cell, index) => cells.findIndex(isSame(cell)) === index);
  const engine = await createEngine({ target: 'cpu', threads });
  const trainer = { engine, store, dataFolder, folder, maxLength };
  const results: CellResult[] = [];
  for (const cell of distinct.filter(isWanted)) {
    const result = await trainCell(trainer, bases[cell.base], cell);
    onResult(result);
    results.push(result);
    const { scores, loss, seconds } = result;
    console.log(
      `${nameOf(cell)}: ${(scores.at(-1) ?? 0).toFixed(4)}, loss ${loss.toFixed(3)}, ${seconds.toFixed(1)} s`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
  return {
    results,
    chosen: {
      now: (cell) => isSame(defaultOf(cell))(cell),
      before: (cell) => isSame(formerCell(cell))(cell),
    },
  };
}

function documentOf(results: readonly CellResult[], chosen: Chosen): string {
  const of = {
    machine: describeMachine(),
    engine: engineVersion,
    date: new Date().toISOString().slice(0, 10),
  };
  return wrapped(document(results, chosen, of));
}
