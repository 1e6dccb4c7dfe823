/**
 * `npm run bench:plan`: how good the estimates of `planExperiment` are.
 *
 * A dozen trainings of every method, each five times in a process of its own, and once more for its peak of memory.
 * It prints estimate ÷ median of the time, estimate ÷ peak of the memory, and how many are within 30 % and 15 %. The
 * estimate is made as the API makes it: from a sample of the texts, and from the speed that a worker measures when it
 * has nothing to do.
 *
 *   ATTUNE_BENCH_MODEL    folder of an encoder in Hugging Face's layout (all-MiniLM-L6-v2); without it, three less
 *   ATTUNE_BENCH_ONLY     works by name, with commas; all by default
 *   ATTUNE_BENCH_RUNS     trainings of each, 5 by default
 *   ATTUNE_BENCH_THREADS  threads, all processors by default
 *   ATTUNE_BENCH_SCALE    divides the numbers of examples, 1 by default
 *   ATTUNE_BENCH_CLOCK    `processor`: by processor time, of one thread, where the machine has other work too
 *
 * Nothing else should run on the machine meanwhile. `--toy` (part of `npm run bench:check`) does the same with some of
 * the works, at sizes that take seconds.
 */
import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { table } from '../frozen/table.js';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { median } from '../statistics.js';
import { prepare } from './prepare.js';
import type { TrainerResult } from './trainer.js';
import { works } from './works.js';

const { ATTUNE_BENCH_MODEL, ATTUNE_BENCH_ONLY, ATTUNE_BENCH_RUNS, ATTUNE_BENCH_THREADS } = process.env;
const { ATTUNE_BENCH_SCALE, ATTUNE_BENCH_CLOCK } = process.env;
const clock = ATTUNE_BENCH_CLOCK === 'processor' ? 'processor' : 'wall';
const threads = isToy || clock === 'processor' ? 1 : Number(ATTUNE_BENCH_THREADS ?? availableParallelism());
const runs = isToy ? 1 : Number(ATTUNE_BENCH_RUNS ?? 5);
const bounds = { time: 0.3, memory: 0.15 };
const toyWorks = ['use-lite-frozen', 'gpt2-texts'];

const trainer = fileURLToPath(new URL('./trainer.js', import.meta.url));
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'attune-bench-plan-'));
try {
  const { processor, node } = describeMachine();
  console.log(`${processor}, ${threads} threads, Node ${node}, load ${loadavg()[0]!.toFixed(1)} at first`);
  const rows: string[][] = [];
  const within = { time: 0, memory: 0 };
  for (const [name, work] of chosen()) {
    const prepared = await prepare(work, join(folder, name), { threads, model: ATTUNE_BENCH_MODEL });
    const timed = await trainings(prepared.settings, runs, 'speed');
    const alone = isToy ? timed : await trainings(prepared.settings, 1);
    const { seconds, parts } = prepared.time(timed.speed![clock]);
    const took = median(timed.took.map((each) => each[clock]));
    const ratios = { time: seconds / took, memory: prepared.memoryBytes / alone.peakBytes };
    for (const what of ['time', 'memory'] as const) {
      if (Math.abs(ratios[what] - 1) <= bounds[what]) within[what] += 1;
    }
    rows.push([
      work.title,
      seconds.toFixed(1),
      took.toFixed(1),
      ratios.time.toFixed(2),
      mebibytes(prepared.memoryBytes),
      mebibytes(alone.peakBytes),
      ratios.memory.toFixed(2),
    ]);
    console.log(
      `${name}: ${JSON.stringify({ ...ratios, estimated: rounded(parts), speed: rounded(timed.speed![clock]) })}`,
    );
    console.log(
      `  took ${JSON.stringify(timed.took.map((each) => ({ s: each[clock].toFixed(2), ...rounded(each.parts) })))}`,
    );
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  const head = ['training', 's, estimated', 'median', 'ratio', 'MiB, estimated', 'peak', 'ratio'];
  console.log(`\n${table(head, rows)}\n`);
  console.log(
    `Time within 30 %: ${within.time} of ${rows.length}; memory within 15 %: ${within.memory} of ${rows.length}.`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

function chosen() {
  const all = Object.entries(
    works(ATTUNE_BENCH_MODEL !== undefined && !isToy, isToy ? 50 : Number(ATTUNE_BENCH_SCALE ?? 1)),
  );
  const names = isToy ? toyWorks : ATTUNE_BENCH_ONLY?.split(',');
  return all.filter(([name]) => names?.includes(name) ?? true);
}

async function trainings(settings: string, count: number, ...more: readonly string[]): Promise<TrainerResult> {
  const { stdout } = await run(process.execPath, [trainer, settings, String(count), ...more]);
  return JSON.parse(stdout);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function rounded<Key extends string>(numbers: Readonly<Record<Key, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries<number>(numbers).map(([key, value]) => [key, Number(value.toFixed(2))]));
}
