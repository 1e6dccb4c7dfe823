/**
 * `npm run bench:preference-rates`: what learning rates come to in the training on preferences, by objective and by
 * what is trained, on `gloss-lm` and WordNet's definitions, which both come with npm. The defaults of these rates
 * (src/experiments/preference-rates.ts) are chosen by its figures.
 *
 * Each training is one run of the product's own recipe. A finished one is kept in
 * .attune/bench/preference-rates.jsonl at once, and docs/methods/preference-rates.md is written from all that are
 * kept. Nothing is trained twice: delete the file, or a line of it, to measure it again.
 *
 *   ATTUNE_BENCH_THREADS  threads of the engine, 1 by default
 *   ATTUNE_BENCH_ONLY     parts of names of trainings, with commas, e.g. `orpo,grpo lora`: those that contain one,
 *                         in that order; `none`: only writes the document; all by default
 *
 * `--toy` (part of `npm run bench:check`) trains one of each objective on a few rows, and makes the document, which it
 * does not write.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { engineVersion } from '../../gpu-worker/engine/version.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { glossLmIn } from '../../tests/support/gloss-lm.js';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { wrapped } from '../wrapped.js';
import { type Cell, type CellResult, nameOf } from './cell.js';
import { writeData } from './data.js';
import { document } from './document.js';
import { cellsOf, type Sizes, sizes, toySizes } from './grid.js';
import { keep, readKept } from './results.js';
import { trainCell, tune } from './train-cell.js';

const resultsFile = join(root, '.attune/bench/preference-rates.jsonl');

if (isToy) await tryEverything();
else await measureAndKeep();
process.exit(0);

async function measureAndKeep(): Promise<void> {
  const kept = readKept(resultsFile);
  const done = new Set(kept.map(nameOf));
  const only = (process.env.ATTUNE_BENCH_ONLY ?? '').split(',');
  const placeOf = (cell: Cell) => only.findIndex((part) => nameOf(cell).includes(part));
  const cells = cellsOf(sizes)
    .filter((cell) => !done.has(nameOf(cell)) && placeOf(cell) >= 0)
    .sort((a, b) => placeOf(a) - placeOf(b));
  const results = await measure(cells, sizes, (result) => keep(resultsFile, result));
  const path = join(root, 'docs/methods/preference-rates.md');
  writeFileSync(path, documentOf([...kept, ...results]));
  console.log(`\nwrote ${path}`);
}

/** @throws Error where a training or the document can't be made */
async function tryEverything(): Promise<void> {
  const cells = cellsOf(toySizes).filter(
    (cell, index, all) => all.findIndex(({ learner }) => learner === cell.learner) === index,
  );
  const [wrong] = /.*(NaN|undefined).*/.exec(documentOf(await measure(cells, toySizes, () => undefined))) ?? [];
  if (wrong !== undefined) throw new Error(`The document says: ${wrong}`);
}

async function measure(
  cells: readonly Cell[],
  of: Sizes,
  onResult: (result: CellResult) => void,
): Promise<readonly CellResult[]> {
  if (cells.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'attune-bench-preference-rates-'));
  try {
    mkdirSync(join(folder, 'data'));
    const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
    const engine = await createEngine({ target: 'cpu', threads: Number(process.env.ATTUNE_BENCH_THREADS ?? 1) });
    const parts = { engine, store };
    const base = await glossLmIn(store);
    const data = await writeData(store, join(folder, 'data'), of);
    const start = { digest: await tune(parts, base.digest, data), manifest: base.manifest, data };
    const results: CellResult[] = [];
    for (const cell of cells) {
      const result = await trainCell(parts, start, cell);
      onResult(result);
      results.push(result);
      const { before, after, seconds } = result;
      console.log(`${nameOf(cell)}: ${JSON.stringify({ before, after })}, ${seconds.toFixed(1)} s`);
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function documentOf(results: readonly CellResult[]): string {
  const date = new Date().toISOString().slice(0, 10);
  return wrapped(document(results, { machine: describeMachine(), engine: engineVersion, date }));
}
