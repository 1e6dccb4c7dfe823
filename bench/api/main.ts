/**
 * `npm run bench:api`: how fast the API reads, tells and takes up what happens, beside peers on the same PostgreSQL.
 *
 * Starts one PostgreSQL server, writes rows into databases of their own, and measures one work (works/) after the
 * other: each side in a process of its own, in alternating turns, its load from other processes of this machine. When
 * all works were measured with all their peers, docs/performance-api.md is written.
 *
 *   ATTUNE_BENCH_ONLY     names of works, with commas; all by default
 *   ATTUNE_BENCH_ROUNDS   rounds of each work, 5 by default; fewer are a trial, of which nothing is written
 *   ATTUNE_BENCH_SECONDS  of each turn of a side, 3 by default; fewer are a trial, too
 *   ATTUNE_BENCH_PEERS    names of the peers beside Attune, with commas; all by default
 *   ATTUNE_BENCH_SHARE    of the rows of works that take minutes to write very many, 1 by default; less is a trial, too
 *   ATTUNE_BENCH_HOME     a folder that the databases are kept in, so that a later run need not write the rows again
 *   ATTUNE_BENCH_PYTHON   a Python with mlflow and psycopg2; without it MLflow is not measured
 *
 * PostGraphile is installed from the npm registry, in a folder of the bench's own. Nothing else should run on the
 * machine meanwhile. `--toy` (part of `npm run bench:check`) does the same with few rows in short turns, without
 * PostGraphile and MLflow.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { wrapped } from '../wrapped.js';
import { startDatabases } from './database.js';
import { document, type Measured } from './document.js';
import { startLoad } from './load/load.js';
import { documented, settings } from './settings.js';
import { works } from './works/index.js';

const { only, rounds, seconds, home, python, peers, share, isToy } = settings;
const unknown = only?.filter((name) => !works.some((work) => work.name === name)) ?? [];
if (unknown.length > 0)
  throw new Error(`There is no work ${unknown.join(', ')}: ${works.map(({ name }) => name).join(', ')}.`);
const chosen = works.filter(({ name }) => only?.includes(name) ?? true);

const databases = await startDatabases(home, !isToy);
const load = startLoad();
const measured: Measured[] = [];
const busy: number[] = [];
try {
  for (const work of chosen) {
    console.log(`\n${work.name}: ${work.title}`);
    busy.push(loadavg()[0]!);
    const log = (line: string): void => console.log(`  ${line}`);
    const result = await work.measure({ databases, load, rounds, seconds, python, peers, share, isToy, log });
    for (const row of [result.columns, ...result.rows]) console.log(`  | ${row.join(' | ')} |`);
    for (const goal of result.goals) console.log(`  ${goal.met ? 'met' : 'MISSED'}  ${goal.text}: ${goal.measured}`);
    measured.push({ work, result });
  }
} finally {
  await load.end();
  await databases.stop();
}

const text = document(measured, {
  machine: describeMachine(),
  postgres: databases.version,
  rounds,
  seconds,
  load: busy,
  date: new Date().toISOString().slice(0, 10),
});
if (/NaN|undefined/.test(text)) throw new Error(`The document lacks figures:\n${text}`);
const isWhole = chosen.length === works.length && python !== null && peers === null && share === 1;
if (!isToy && isWhole && rounds >= documented.rounds && seconds >= documented.seconds) {
  await writeFile(join(root, 'docs/performance-api.md'), wrapped(text));
  console.log('\nwrote docs/performance-api.md');
}
