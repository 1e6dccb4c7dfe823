/**
 * `npm run bench:language`: Attune's training of larger models against transformers' Trainer, with PEFT for adapters.
 *
 * Each work (works.ts) trains the same random weights on the same texts on both sides, in short alternating turns, each
 * side in a process of its own; the result is the median of the rounds' ratios of tokens a second. First losses have to
 * agree within a percent, or 30 where each side draws its own head. When all works were measured beside PyTorch,
 * docs/performance-language.md is written.
 *
 *   ATTUNE_BENCH_PYTHON   a Python with torch, transformers, peft and accelerate; without it Attune is measured alone
 *   ATTUNE_BENCH_ONLY     names of works, with commas; all by default
 *   ATTUNE_BENCH_ROUNDS   rounds of each work, 5 by default
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
import { median, sum } from '../statistics.js';
import { pythonVersions } from '../train/python.js';
import { type SideProcess, start, type Turn } from '../train/turns.js';
import { wrapped } from '../wrapped.js';
import { document, type Measured, type SideResult } from './document.js';
import { prepare } from './prepare.js';
import type { SideSettings } from './settings.js';
import { toyWorks, type Work, works } from './works.js';

const attuneScript = fileURLToPath(new URL('attune.js', import.meta.url));
const opponentScript = join(root, 'bench/language/opponent.py');

const { ATTUNE_BENCH_PYTHON, ATTUNE_BENCH_ONLY, ATTUNE_BENCH_ROUNDS, ATTUNE_BENCH_THREADS } = process.env;
const python = isToy ? null : (ATTUNE_BENCH_PYTHON ?? null);
const rounds = isToy ? 1 : Number(ATTUNE_BENCH_ROUNDS ?? 5);
const threads = isToy ? 1 : Number(ATTUNE_BENCH_THREADS ?? availableParallelism());
const stepsOfTurn = isToy ? 2 : 3;
/** Updates that are not measured: the first compile, and fill caches. */
const warmUp = 2;
/** Of first losses. Heads of classes are drawn by each side, and the texts of a batch as well: both are near ln 2. */
const mostDifference = { nextToken: 0.01, classes: 0.3 };

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
  writeFileSync(join(root, 'docs/performance-language.md'), wrapped(page));
  console.log('\nwrote docs/performance-language.md');
}
process.exit(0);

/** @returns null where there is no opponent */
async function measure(work: Work): Promise<Measured | null> {
  console.log(`\n${work.title}`);
  const folder = mkdtempSync(join(tmpdir(), 'attune-bench-language-'));
  try {
    // Packed rows hold several texts: then there have to be more than the other side needs.
    const steps = 3 * (warmUp + rounds * stepsOfTurn);
    const settings = await prepare(work, folder, { threads, steps });
    const path = join(folder, 'settings.json');
    writeFileSync(path, JSON.stringify(settings));
    const attune = await start(process.execPath, [attuneScript, path]);
    const pytorch = python === null ? null : await start(python, [opponentScript, path]);
    compareLosses(await attune.steps(warmUp), pytorch === null ? null : await pytorch.steps(warmUp), work);
    const perUpdate = tokensOfUpdate(settings);
    const turns: { attune: Turn[]; pytorch: Turn[] } = { attune: [], pytorch: [] };
    for (let round = 1; round <= rounds; round++) {
      turns.attune.push(await attune.steps(stepsOfTurn));
      if (pytorch !== null) turns.pytorch.push(await pytorch.steps(stepsOfTurn));
      const own = rateOf(turns.attune.at(-1)!, perUpdate.attune).toFixed(0);
      const other = pytorch === null ? '' : ` and ${rateOf(turns.pytorch.at(-1)!, perUpdate.pytorch).toFixed(0)}`;
      console.log(`  round ${round}: tokens a second ${own}${other}`);
    }
    const own = await resultOf(attune, turns.attune, perUpdate.attune);
    const other = pytorch === null ? null : await resultOf(pytorch, turns.pytorch, perUpdate.pytorch);
    report(own, other);
    return other === null ? null : { work, attune: own, pytorch: other };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function resultOf(side: SideProcess, turns: readonly Turn[], tokens: number): Promise<SideResult> {
  return {
    tokensPerSecond: turns.map((turn) => rateOf(turn, tokens)),
    processorPerToken: turns.map(({ processorMilliseconds }) => median(processorMilliseconds) / tokens),
    ...(await side.end()),
  };
}

/** Tokens of an update on average, padding left out. */
function tokensOfUpdate({ rows, batchSize, spec }: SideSettings): {
  readonly attune: number;
  readonly pytorch: number;
} {
  const mean = sum(rows.map((row) => row.length)) / rows.length;
  const { hyperparameters } = spec;
  const isPacked = spec.method === 'languageModelling' && spec.packing === 'packed';
  const attune = hyperparameters.batchSize * (isPacked ? hyperparameters.maxLength : mean);
  return { attune, pytorch: batchSize * mean };
}

function rateOf({ milliseconds }: Turn, tokens: number): number {
  return tokens / (median(milliseconds) / 1e3);
}

/** @throws Error where the sides do not begin alike */
function compareLosses(attune: Turn, pytorch: Turn | null, { task }: Work): void {
  const [own] = attune.losses;
  const [other] = pytorch?.losses ?? [];
  console.log(`  first loss ${own?.toFixed(3)}${other === undefined ? '' : ` and ${other.toFixed(3)}`}`);
  if (own === undefined || other === undefined) return;
  if (Math.abs(own / other - 1) > mostDifference[task])
    throw new Error('The first losses differ: the sides do not train alike.');
}

function report(attune: SideResult, pytorch: SideResult | null): void {
  const beyond = ({ peakBytes, importedBytes }: SideResult) => (peakBytes - importedBytes) / 2 ** 20;
  const memory = `  peak memory beyond the imports ${beyond(attune).toFixed(0)}`;
  if (pytorch === null) {
    console.log(`${memory} MiB`);
    return;
  }
  const ratios = attune.tokensPerSecond.map((own, round) => own / pytorch.tokensPerSecond[round]!);
  console.log(`  Attune ÷ PyTorch ${median(ratios).toFixed(2)}`);
  console.log(`${memory} and ${beyond(pytorch).toFixed(0)} MiB: ${(beyond(attune) / beyond(pytorch)).toFixed(2)}`);
}
