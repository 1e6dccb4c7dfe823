/**
 * `npm run bench:language`: Attune's training of language models against transformers' Trainer, with PEFT for adapters.
 *
 * Each work (works.ts) trains the same random weights on the same texts on both sides, in short alternating turns, each
 * side in a process of its own; the result is the median of the rounds' ratios of tokens a second. First losses have to
 * agree within a percent. Results are printed.
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
const mostDifference = 0.01;

const chosen = (isToy ? toyWorks : works).filter(({ name }) => ATTUNE_BENCH_ONLY?.split(',').includes(name) ?? true);
const { processor, node } = describeMachine();
const opponent = python === null ? 'Attune alone' : `PyTorch ${pythonVersions(python).torch}`;
console.log(`${processor}, ${threads} threads, Node ${node}, ${opponent}`);
for (const work of chosen) await measure(work);
process.exit(0);

async function measure(work: Work): Promise<void> {
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
    compareLosses(await attune.steps(warmUp), pytorch === null ? null : await pytorch.steps(warmUp));
    const perUpdate = tokensOfUpdate(settings);
    const ratios: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const own = rateOf(await attune.steps(stepsOfTurn), perUpdate.attune);
      const other = pytorch === null ? null : rateOf(await pytorch.steps(stepsOfTurn), perUpdate.pytorch);
      console.log(
        `  round ${round}: tokens a second ${own.toFixed(0)}${other === null ? '' : ` and ${other.toFixed(0)}`}`,
      );
      if (other !== null) ratios.push(own / other);
    }
    if (ratios.length > 0) console.log(`  Attune ÷ PyTorch ${median(ratios).toFixed(2)}`);
    await reportMemory(attune, pytorch);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Tokens of an update on average, padding left out. */
function tokensOfUpdate({ rows, batchSize, spec }: SideSettings): {
  readonly attune: number;
  readonly pytorch: number;
} {
  const mean = sum(rows.map((row) => row.length)) / rows.length;
  const { hyperparameters, packing } = spec;
  const attune = hyperparameters.batchSize * (packing === 'packed' ? hyperparameters.maxLength : mean);
  return { attune, pytorch: batchSize * mean };
}

function rateOf({ milliseconds }: Turn, tokens: number): number {
  return tokens / (median(milliseconds) / 1e3);
}

/** @throws Error where the sides do not begin alike */
function compareLosses(attune: Turn, pytorch: Turn | null): void {
  const [own] = attune.losses;
  const [other] = pytorch?.losses ?? [];
  console.log(`  first loss ${own?.toFixed(3)}${other === undefined ? '' : ` and ${other.toFixed(3)}`}`);
  if (own === undefined || other === undefined) return;
  if (Math.abs(own / other - 1) > mostDifference)
    throw new Error('The first losses differ: the sides do not train alike.');
}

async function reportMemory(attune: SideProcess, pytorch: SideProcess | null): Promise<void> {
  const beyond = async (side: SideProcess) => {
    const { peakBytes, importedBytes } = await side.end();
    return (peakBytes - importedBytes) / 2 ** 20;
  };
  const own = await beyond(attune);
  const other = pytorch === null ? null : await beyond(pytorch);
  const ratio = other === null ? '' : ` and ${other.toFixed(0)} MiB: ${(own / other).toFixed(2)}`;
  console.log(`  peak memory beyond the imports ${own.toFixed(0)}${ratio}`);
}
