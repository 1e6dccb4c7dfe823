/**
 * `npm run bench:engine`: step time and peak memory of full fine-tuning, MiniLM-L6-sized, against PyTorch.
 *
 * PyTorch takes part when ATTUNE_BENCH_PYTHON names a Python with torch and transformers; otherwise Attune's own figures are
 * printed. Both sides train the same batches from the same parameters with the same number of threads, each in its own
 * process, in turns. First without dropout, where the losses must agree; then with dropout 0.1, which is timed.
 *
 *   ATTUNE_BENCH_ROUNDS   turns each, 12 by default
 *   ATTUNE_BENCH_STEPS    steps a turn, 2 by default; short turns compare closer moments
 *   ATTUNE_BENCH_THREADS  threads each, all processors by default
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './contestant.mjs';
import { parameterSpecs } from './trainer.mjs';
import { batches, batchSize, classes, config, optimizer, startingValues, tokens } from './workload.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const python = process.env.ATTUNE_BENCH_PYTHON;
const rounds = Number(process.env.ATTUNE_BENCH_ROUNDS ?? 12);
const stepsPerTurn = Number(process.env.ATTUNE_BENCH_STEPS ?? 2);
const threads = Number(process.env.ATTUNE_BENCH_THREADS ?? availableParallelism());
const dropout = 0.1;
const agreementSteps = 5;
const heading = `${' '.repeat(9)} ${'step, median (min–max)'.padEnd(24)} ${'processor time'.padEnd(16)} peak memory`;

const folder = mkdtempSync(join(tmpdir(), 'attune-bench-'));
try {
  const parameters = writeWorkload();
  console.log(
    `${(parameters / 1e6).toFixed(1)} million parameters, batch ${batchSize} × ${tokens} tokens, ${threads} threads, ` +
      `${cpus()[0]?.model.trim()}, Node ${process.version}`,
  );
  if (python === undefined) {
    console.log('ATTUNE_BENCH_PYTHON is not set: Attune alone.\n');
    await measureAlone();
  } else {
    await checkAgreement();
    await measureBoth();
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Batches, settings and starting parameters for both sides. @returns the number of parameters */
function writeWorkload() {
  const specs = parameterSpecs();
  const values = startingValues(specs);
  const all = specs.map(({ name }) => values.get(name));
  writeFileSync(join(folder, 'start.f32'), Buffer.concat(all.map((array) => Buffer.from(array.buffer))));
  const data = batches().map((batch) => ({ ids: [...batch.ids], mask: [...batch.mask], labels: [...batch.labels] }));
  const names = specs.map(({ name }) => name);
  const workload = { config, classes, batchSize, tokens, optimizer, parameters: names, batches: data };
  writeFileSync(join(folder, 'workload.json'), JSON.stringify(workload));
  return all.reduce((total, array) => total + array.length, 0);
}

function startAttune(rate) {
  return start(process.execPath, [join(here, 'attune.mjs'), folder, String(rate), String(threads)]);
}

function startPyTorch(rate) {
  return start(python, [join(here, 'opponent.py'), folder, String(rate), String(threads)]);
}

async function measureAlone() {
  const attune = await startAttune(dropout);
  await attune.steps(stepsPerTurn);
  const steps = await attune.steps(rounds * stepsPerTurn);
  const { peakBytes } = await attune.end();
  console.log(`${heading}\n${row('Attune', steps, peakBytes)}`);
}

/** @throws Error when the two sides do not compute the same losses: then there is nothing to compare */
async function checkAgreement() {
  const [attune, pytorch] = [await startAttune(0), await startPyTorch(0)];
  console.log(`PyTorch ${pytorch.ready.torch}\n\nLoss without dropout, same parameters and batches:`);
  const own = (await attune.steps(agreementSteps)).losses;
  const theirs = (await pytorch.steps(agreementSteps)).losses;
  await Promise.all([attune.end(), pytorch.end()]);
  for (const [i, loss] of own.entries()) {
    console.log(`  step ${i + 1}: Attune ${loss.toFixed(6)}, PyTorch ${theirs[i].toFixed(6)}`);
    if (!(Math.abs(loss - theirs[i]) < 1e-3)) throw new Error('The losses differ.');
  }
}

/**
 * The median of the rounds' ratios is the result: each compares neighbouring moments. Processor time is printed beside it
 * because on a machine that others use, waiting is not work: a side whose threads spin while they wait suffers more there
 * than it would alone.
 */
async function measureBoth() {
  const [attune, pytorch] = [await startAttune(dropout), await startPyTorch(dropout)];
  const totals = new Map([attune, pytorch].map((side) => [side, { milliseconds: [], cpuMilliseconds: [] }]));
  await attune.steps(stepsPerTurn);
  await pytorch.steps(stepsPerTurn);
  const ratios = [];
  console.log(
    `\nDropout ${dropout}, ${rounds} rounds of ${stepsPerTurn} steps each in turns, ms a step (median of the turn):`,
  );
  for (let round = 0; round < rounds; round++) {
    // The side that goes first changes, so that neither always follows the other's heat or leftovers in the caches.
    const turns = new Map();
    for (const side of round % 2 === 0 ? [attune, pytorch] : [pytorch, attune]) {
      const turn = await side.steps(stepsPerTurn);
      totals.get(side).milliseconds.push(...turn.milliseconds);
      totals.get(side).cpuMilliseconds.push(...turn.cpuMilliseconds);
      turns.set(side, median(turn.milliseconds));
    }
    const [own, theirs] = [turns.get(attune), turns.get(pytorch)];
    ratios.push(theirs / own);
    const figures = `Attune ${own.toFixed(0)}, PyTorch ${theirs.toFixed(0)}`;
    console.log(`  round ${round + 1}: ${figures}, speed Attune ÷ PyTorch ${ratios.at(-1).toFixed(2)}`);
  }
  const [ownPeak, theirPeak] = [(await attune.end()).peakBytes, (await pytorch.end()).peakBytes];
  const cpu = (side) => median(totals.get(side).cpuMilliseconds);
  console.log(`
${heading}
${row('Attune', totals.get(attune), ownPeak)}
${row('PyTorch', totals.get(pytorch), theirPeak)}

speed, Attune ÷ PyTorch: ${median(ratios).toFixed(2)}, median of the rounds (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})
processor time, PyTorch ÷ Attune: ${(cpu(pytorch) / cpu(attune)).toFixed(2)}
peak memory, Attune ÷ PyTorch: ${(ownPeak / theirPeak).toFixed(2)}`);
}

function row(name, { milliseconds, cpuMilliseconds }, peakBytes) {
  const wall = `${median(milliseconds).toFixed(0)} ms (${range(milliseconds)})`;
  const memory = `${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
  return `${name.padEnd(9)} ${wall.padEnd(24)} ${`${median(cpuMilliseconds).toFixed(0)} ms`.padEnd(16)} ${memory}`;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function range(values) {
  return `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`;
}
