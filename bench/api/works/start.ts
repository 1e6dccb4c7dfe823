import pg from 'pg';
import { migrations } from '../../../migrations/index.js';
import { migrate } from '../../../src/database/migrate.js';
import { withClient } from '../database.js';
import { askOnce, graphql } from '../load/load.js';
import { short, spread, under } from '../result.js';
import { addFormerRows, formerMigration, formerTables } from '../rows/former-project.js';
import { startAttune } from '../start-attune.js';
import { liveDatabase } from './live-database.js';
import { projectDatabase } from './project-database.js';
import { type Bench, sized, type Work } from './work.js';

/** How many migrations the table shows, of those that made others wait longest. */
const shown = 12;
const probeEveryMs = 10;
/** Of a toy, so many migrations run under one name, that of the last of them. */
const toyMigrationsAtOnce = 15;

export const start: Work = {
  name: 'start',
  title: 'start of the API on a database with 1 M experiments, and every migration on it',
  async measure(bench) {
    const experiments = sized(bench, 1_000_000);
    const starts = await measureStarts(bench, experiments);
    const waits = await measureMigrations(bench, experiments);
    const longest = waits.toSorted((a, b) => b.waitedMs - a.waitedMs);
    return {
      columns: ['migration', 'took, ms', 'longest wait of a statement beside it, ms'],
      rows: [
        ['start of the API, until its first answer', spread(starts), ''],
        ...longest.slice(0, shown).map(({ name, tookMs, waitedMs }) => [name, short(tookMs), short(waitedMs)]),
        [`all ${waits.length}`, short(waits.reduce((sum, { tookMs }) => sum + tookMs, 0)), short(longest[0]!.waitedMs)],
      ],
      goals: [
        under('the API starts in under 5 s', 5000, starts, 'ms'),
        {
          text: 'no migration makes others wait for longer than 1 s',
          measured: `${waits.filter(({ waitedMs }) => waitedMs > 1000).length} of ${waits.length} do, the longest for ${short(longest[0]!.waitedMs)} ms`,
          met: longest[0]!.waitedMs <= 1000,
        },
      ],
      notes: [
        `The migrations after ${formerMigration} run one after the other on ${experiments.toLocaleString('en')} experiments with their runs, jobs, events and points, while other connections read and change a row of each table.`,
      ],
    };
  },
};

async function measureStarts(bench: Bench, experiments: number): Promise<number[]> {
  const databaseUrl = await projectDatabase(bench, experiments, 0);
  const starts: number[] = [];
  for (let round = -1; round < bench.rounds; round += 1) {
    const began = performance.now();
    const api = await startAttune(databaseUrl, bench.databases.home);
    try {
      await askOnce(api, graphql('{ project(slug: "measured") { experiments(first: 1) { nodes { id } } } }'));
      if (round >= 0) starts.push(performance.now() - began);
    } finally {
      await api.stop();
    }
  }
  return starts;
}

interface MigrationWait {
  readonly name: string;
  readonly tookMs: number;
  readonly waitedMs: number;
}

/** On a database of the first schema with rows, which is made anew for each measurement. */
async function measureMigrations(bench: Bench, experiments: number): Promise<MigrationWait[]> {
  const live = await liveDatabase(bench);
  const [model] = await withClient(
    live,
    async (client) => (await client.query('SELECT digest, manifest FROM base_models ORDER BY name LIMIT 1')).rows,
  );
  const first = migrations.findIndex(({ name }) => name === formerMigration) + 1;
  const waits: MigrationWait[] = [];
  await bench.databases.withNew('migrated', async (url) => {
    await migrate(url, migrations.slice(0, first));
    bench.log(`writing ${experiments.toLocaleString('en')} experiments of the first schema`);
    await withClient(url, (client) => addFormerRows(client, model, experiments));
    const atOnce = bench.isToy ? toyMigrationsAtOnce : 1;
    for (let done = first; done < migrations.length; ) {
      const count = Math.min(done + atOnce, migrations.length);
      const probes = await startProbes(url);
      const began = performance.now();
      try {
        await migrate(url, migrations.slice(0, count));
      } finally {
        const tookMs = performance.now() - began;
        waits.push({ name: migrations[count - 1]!.name, tookMs, waitedMs: await probes.longestWaitMs() });
        done = count;
      }
    }
  });
  return waits;
}

/** Reads and changes a row of each table again and again, each table on a connection of its own. */
async function startProbes(url: string): Promise<{ longestWaitMs(): Promise<number> }> {
  let longest = 0;
  let isOver = false;
  const clients = await Promise.all(
    formerTables.map(async (table) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query(`SELECT id FROM ${table} LIMIT 1`);
      return { client, table, id: rows[0].id as string };
    }),
  );
  const probing = clients.map(async ({ client, table, id }) => {
    while (!isOver) {
      const began = performance.now();
      await client.query(`SELECT created_at FROM ${table} WHERE id = $1`, [id]);
      await client.query(`UPDATE ${table} SET created_at = created_at WHERE id = $1`, [id]);
      longest = Math.max(longest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, probeEveryMs));
    }
    await client.end();
  });
  return {
    async longestWaitMs() {
      isOver = true;
      await Promise.all(probing);
      return longest;
    },
  };
}
