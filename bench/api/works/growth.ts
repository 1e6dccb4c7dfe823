import { askOnce, type Request } from '../load/load.js';
import { nestedRequest } from '../reads/sides.js';
import { ratios, spread } from '../result.js';
import type { ServerProcess } from '../server-process.js';
import { startAttune } from '../start-attune.js';
import { measureRounds } from './feeds.js';
import { seriesDatabase, seriesRequest } from './metrics.js';
import { measuredProject, projectDatabase } from './project-database.js';
import { searchRequest } from './search.js';
import { type Bench, sized, type Work } from './work.js';

/** One cost at a size and at ten times as much: of each round the milliseconds. */
interface Growth {
  readonly what: string;
  readonly of: string;
  readonly sizes: readonly [number, number];
  readonly ms: readonly [readonly number[], readonly number[]];
}

export const growth: Work = {
  name: 'growth',
  title: 'how costs grow where there is ten times as much',
  async measure(bench) {
    const found = [...(await growingReads(bench)), await growingFeed(bench)];
    return {
      columns: ['what', 'of', 'size', 'ms', 'ms at 10 × the size', 'ratio'],
      rows: found.map(({ what, of, sizes, ms: [few, many] }) => [
        what,
        of,
        sizes.map((size) => size.toLocaleString('en')).join(' → '),
        spread(few),
        spread(many),
        spread(ratios(many, few)),
      ]),
      goals: [],
      notes: ["Reads: the median of a turn's requests, one after the other. Messages: the server's processor time."],
    };
  },
};

async function growingReads(bench: Bench): Promise<Growth[]> {
  const pages: Growth['sizes'] = bench.isToy ? [60, 600] : [500, 5000];
  const many: Growth['sizes'] = [sized(bench, 10_000), sized(bench, 100_000)];
  const withModels = (size: number) => projectDatabase(bench, size, 4);
  const bare = (size: number) => projectDatabase(bench, size, 0);
  const series = (size: number) => seriesDatabase(bench, bench.isToy ? 5 : 100, size);
  const text = searchRequest({ filter: { text: 'invoice' } });
  const metric = searchRequest({ orderBy: { metric: 'validation/f1', direction: 'DESC' } });
  const nested = nestedRequest(measuredProject);
  const reads: readonly (() => Promise<Growth>)[] = [
    () => growingRead(bench, { what: 'a nested page of 50', of: 'experiments', sizes: pages }, withModels, nested),
    () => growingRead(bench, { what: 'text search', of: 'experiments', sizes: many }, bare, text),
    () => growingRead(bench, { what: 'sorting by a metric', of: 'experiments', sizes: many }, bare, metric),
    () => growingRead(bench, { what: 'a series', of: 'stored points', sizes: many }, series, seriesRequest(1)),
  ];
  const found: Growth[] = [];
  // Of a toy, one tells whether they run: each starts two servers.
  for (const read of bench.isToy ? reads.slice(-1) : reads) found.push(await read());
  return found;
}

async function growingRead(
  bench: Bench,
  growing: Omit<Growth, 'ms'>,
  database: (size: number) => Promise<string>,
  request: Request,
): Promise<Growth> {
  const { databases, load, rounds, seconds } = bench;
  const ms: [number[], number[]] = [[], []];
  const servers: ServerProcess[] = [];
  try {
    for (const size of growing.sizes) servers.push(await startAttune(await database(size), databases.home));
    for (let round = -1; round < rounds; round += 1) {
      for (const [i, server] of servers.entries()) {
        const { p50 } = await load.run(server, request, await askOnce(server, request), seconds, { connections: 1 });
        if (round >= 0) ms[i]!.push(p50);
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  bench.log(`${growing.what}: ${ms.map((each) => spread(each)).join(' → ')} ms`);
  return { ...growing, ms };
}

async function growingFeed(bench: Bench): Promise<Growth> {
  const sizes: Growth['sizes'] = bench.isToy ? [2, 20] : [100, 1000];
  const measure = async (subscribersPerRun: number): Promise<number[]> => {
    const turns = await measureRounds(bench, ['attune'], { runs: 1, subscribersPerRun, eventsPerSecond: 50 });
    return turns.get('Attune')!.map(({ processors, perSecond }) => (1000 * processors) / perSecond);
  };
  const ms = [await measure(sizes[0]), await measure(sizes[1])] as const;
  return { what: 'a message to a subscriber', of: 'subscribers of one run', sizes, ms };
}
