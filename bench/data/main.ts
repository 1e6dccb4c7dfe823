/**
 * `npm run bench:data`: Attune's preparation of data against pandas, `datasets`, text-dedup and presidio.
 *
 * Each work (works.ts) reads the same file on both sides, one after the other, each in a process of its own; Attune's
 * works are jobs in the product's thread. What both sides count has to agree. Of works that were measured at their full
 * sizes beside their peers, docs/performance-data.md is written: of all works as a whole, of some their sections.
 *
 *   ATTUNE_BENCH_PYTHON   a Python with pandas, pyarrow, datasets, text-dedup, mmh3 and presidio-analyzer; without it
 *                         Attune is measured alone
 *   ATTUNE_BENCH_ONLY     names of works, with commas; all by default
 *   ATTUNE_BENCH_SCALE    a share of the full sizes: 0.01 takes a minute; 1 by default, which takes 25 GB of disk and
 *                         half an hour
 *   ATTUNE_BENCH_ROUNDS   rounds of each work; by default one of the long works, three of the others
 *   ATTUNE_BENCH_THREADS  threads each, all processors by default
 *   ATTUNE_BENCH_STAGES   anything: Attune's jobs say when they come to their next stage
 *
 * Nothing else should run on the machine meanwhile. `--toy` (part of `npm run bench:check`) does the same on Attune's
 * side alone, at sizes that take seconds.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataMemoryMb } from '../../gpu-worker/data-jobs/memory.js';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { wrapped } from '../wrapped.js';
import { document, type Measured, withSections } from './document.js';
import { createInputs } from './inputs.js';
import { packageVersions } from './python-versions.js';
import { runAttune, runPeer } from './run-side.js';
import type { SideResult } from './settings.js';
import { type Work, works } from './works.js';

const { ATTUNE_BENCH_PYTHON, ATTUNE_BENCH_ONLY, ATTUNE_BENCH_SCALE, ATTUNE_BENCH_ROUNDS, ATTUNE_BENCH_THREADS } =
  process.env;
const python = isToy ? null : (ATTUNE_BENCH_PYTHON ?? null);
const scale = Number(ATTUNE_BENCH_SCALE ?? 1);
const toyRows = 500;
const threads = isToy ? 1 : Number(ATTUNE_BENCH_THREADS ?? availableParallelism());

const chosen = works.filter(({ name }) => ATTUNE_BENCH_ONLY?.split(',').includes(name) ?? true);
const machine = describeMachine();
const versions = python === null ? null : packageVersions(python);
const peers = versions === null ? 'Attune alone' : `Python ${versions.python}`;
console.log(`${machine.processor}, ${threads} threads, Node ${machine.node}, ${peers}`);
const folder = mkdtempSync(join(tmpdir(), 'attune-bench-data-'));
try {
  const inputs = await createInputs(folder, { threads, memoryLimitMb: dataMemoryMb });
  const results: Measured[] = [];
  for (const work of chosen) results.push(await measure(work, inputs));
  // A page is of works at their full sizes, beside their peers: of all of them, or with some of its sections anew.
  if (versions !== null && scale === 1) {
    const date = new Date().toISOString().slice(0, 10);
    const path = join(root, 'docs/performance-data.md');
    const page =
      results.length === works.length
        ? document(results, { machine, threads, versions, date })
        : withSections(readFileSync(path, 'utf8'), results, date);
    writeFileSync(path, wrapped(page));
    console.log('\nwrote docs/performance-data.md');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function measure(work: Work, inputs: Awaited<ReturnType<typeof createInputs>>): Promise<Measured> {
  const rows = isToy ? toyRows : Math.round(work.rows * scale);
  console.log(`\n${work.title}: ${rows} rows`);
  const settings = await inputs.settingsOf(work.name, rows);
  const rounds = isToy ? 1 : Number(ATTUNE_BENCH_ROUNDS ?? work.rounds);
  const attune: SideResult[] = [];
  const peer: SideResult[] = [];
  for (let round = 1; round <= rounds; round++) {
    attune.push(runAttune(settings));
    tell('Attune', attune.at(-1)!);
    if (python === null || work.peer === null) continue;
    peer.push(runPeer(python, work.peer.script, settings));
    tell(work.peer.name, peer.at(-1)!);
    compare(attune.at(-1)!, peer.at(-1)!);
  }
  return { work, rows, attune, peer, peerShare: (settings.peerTexts ?? rows) / rows };
}

function tell(side: string, result: SideResult): void {
  const mib = (result.peakBytes / 2 ** 20).toFixed(0);
  const figures = JSON.stringify({ ...result.agreed, ...result.figures });
  console.log(
    `  ${side}: ${result.seconds.toFixed(1)} s, ${result.processorSeconds.toFixed(1)} s of processors, ${mib} MiB`,
  );
  console.log(`    ${figures}`);
}

/** @throws Error where the sides do not count alike */
function compare(own: SideResult, other: SideResult): void {
  for (const [name, value] of Object.entries(other.agreed)) {
    if (own.agreed[name] !== value) throw new Error(`${name}: ${own.agreed[name]} and ${value}.`);
  }
}
