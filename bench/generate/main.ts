/**
 * `npm run bench:generate`: Attune's generation against transformers' `generate` on PyTorch.
 *
 * Each work (works.ts) writes the likeliest tokens with the same random weights on both sides, in short alternating
 * turns, each side in a process of its own; the result is the median of the rounds' ratios of times. Log-probabilities
 * of first tokens have to agree. When all works were measured beside PyTorch, docs/performance-generate.md is written.
 *
 *   ATTUNE_BENCH_PYTHON   a Python with torch and transformers; without it Attune is measured alone
 *   ATTUNE_BENCH_ONLY     names of works, with commas; all by default
 *   ATTUNE_BENCH_ROUNDS   rounds of each work, 7 by default
 *   ATTUNE_BENCH_THREADS  threads each, all processors by default
 *
 * Nothing else should run on the machine meanwhile. `--toy` (part of `npm run bench:check`) does the same on Attune's
 * side alone, at sizes that take seconds.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { median } from '../statistics.js';
import { pythonVersions } from '../train/python.js';
import { type SideProcess, start, type Turn } from '../train/turns.js';
import { wrapped } from '../wrapped.js';
import { document, type Measured, ratiosOf, type SideResult } from './document.js';
import { prepare } from './prepare.js';
import { toyWorks, type Work, works } from './works.js';

const attuneScript = fileURLToPath(new URL('attune.js', import.meta.url));
const opponentScript = join(root, 'bench/generate/opponent.py');

const { ATTUNE_BENCH_PYTHON, ATTUNE_BENCH_ONLY, ATTUNE_BENCH_ROUNDS, ATTUNE_BENCH_THREADS } = process.env;
const python = isToy ? null : (ATTUNE_BENCH_PYTHON ?? null);
const rounds = isToy ? 1 : Number(ATTUNE_BENCH_ROUNDS ?? 7);
const threads = isToy ? 1 : Number(ATTUNE_BENCH_THREADS ?? availableParallelism());
/** Of the mean negative log-probability of first tokens, which is near the logarithm of the vocabulary's size. */
const mostDifference = { float32: 1e-3, int8: 0.05 };

const chosen = (isToy ? toyWorks : works).filter(({ name }) => ATTUNE_BENCH_ONLY?.split(',').includes(name) ?? true);
const machine = describeMachine();
const opponent = python === null ? 'Attune alone' : `PyTorch ${pythonVersions(python).torch}`;
console.log(`${machine.processor}, ${threads} threads, Node ${machine.node}, ${opponent}`);
const results: Measured[] = [];
for (const work of chosen) {
  const measured = await measure(work);
  if (measured !== null) results.push(measured);
}
if (python !== null && results.length === works.length) {
  const date = new Date().toISOString().slice(0, 10);
  const page = document(results, { machine, threads, python: pythonVersions(python), date });
  writeFileSync(join(root, 'docs/performance-generate.md'), wrapped(page));
  console.log('\nwrote docs/performance-generate.md');
}
process.exit(0);

/** @returns null where there is no opponent */
async function measure(work: Work): Promise<Measured | null> {
  console.log(`\n${work.title}`);
  const folder = mkdtempSync(join(tmpdir(), 'attune-bench-generate-'));
  try {
    const path = join(folder, 'settings.json');
    writeFileSync(path, JSON.stringify(await prepare(work, folder, threads)));
    const attune = await start(process.execPath, [attuneScript, path]);
    const pytorch = python === null ? null : await start(python, [opponentScript, path]);
    compareFirst(await attune.steps(1), pytorch === null ? null : await pytorch.steps(1), work);
    const turns: { attune: Turn[]; pytorch: Turn[] } = { attune: [], pytorch: [] };
    for (let round = 1; round <= rounds; round++) {
      turns.attune.push(await attune.steps(1));
      if (pytorch !== null) turns.pytorch.push(await pytorch.steps(1));
      const [own, other] = [turns.attune.at(-1)!, turns.pytorch.at(-1)].map((turn) =>
        turn?.milliseconds[0]?.toFixed(0),
      );
      console.log(`  round ${round}: ${own} ms${other === undefined ? '' : ` and ${other} ms`}`);
    }
    const own = await resultOf(attune, turns.attune);
    const other = pytorch === null ? null : await resultOf(pytorch, turns.pytorch);
    report(own, other);
    return other === null ? null : { work, attune: own, pytorch: other };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function resultOf(side: SideProcess, turns: readonly Turn[]): Promise<SideResult> {
  return {
    milliseconds: turns.flatMap((turn) => turn.milliseconds),
    processorMilliseconds: turns.flatMap((turn) => turn.processorMilliseconds),
    ...(await side.end()),
  };
}

/** @throws Error where the sides do not begin alike */
function compareFirst(attune: Turn, pytorch: Turn | null, { heldAs }: Work): void {
  const [own, other] = [attune.losses.at(-1), pytorch?.losses.at(-1)];
  console.log(`  −log p of the first token ${own?.toFixed(4)}${other === undefined ? '' : ` and ${other.toFixed(4)}`}`);
  if (own === undefined || other === undefined) return;
  if (!(Math.abs(own - other) <= mostDifference[heldAs])) throw new Error('The sides do not write alike.');
}

function report(attune: SideResult, pytorch: SideResult | null): void {
  const beyond = ({ peakBytes, importedBytes }: SideResult) => (peakBytes - importedBytes) / 2 ** 20;
  const memory = `  peak memory beyond the imports ${beyond(attune).toFixed(0)}`;
  if (pytorch === null) {
    console.log(`  ${median(attune.milliseconds).toFixed(0)} ms\n${memory} MiB`);
    return;
  }
  console.log(`  Attune ÷ PyTorch ${median(ratiosOf({ attune, pytorch })).toFixed(2)}`);
  console.log(`${memory} and ${beyond(pytorch).toFixed(0)} MiB: ${(beyond(attune) / beyond(pytorch)).toFixed(2)}`);
}
