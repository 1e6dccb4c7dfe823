import { fileURLToPath } from 'node:url';
import {
  attuneSubscription,
  type Feed,
  type FeedLoad,
  type FeedTurn,
  measureFeed,
  peerSubscription,
} from '../live/feed.js';
import { atLeast, type Goal, ratios, short, spread, under } from '../result.js';
import { startServer } from '../server-process.js';
import { startAttune } from '../start-attune.js';
import { withLiveTools } from './live-database.js';
import type { Bench, Work } from './work.js';

const columns = [
  'side',
  'messages a second',
  'share delivered in time',
  'p50 ms',
  'p95 ms',
  'out of order',
  "server's processors",
] as const;

export const latency: Work = {
  name: 'latency',
  title: "from the measurement of a step to its event in a subscriber's hands",
  async measure(bench) {
    const alone: FeedLoad = { runs: 1, subscribersPerRun: 1, eventsPerSecond: 20 };
    const many: FeedLoad = bench.isToy
      ? { runs: 3, subscribersPerRun: 4, eventsPerSecond: 20 }
      : { runs: 50, subscribersPerRun: 20, eventsPerSecond: 20 };
    const one = await measureRounds(bench, ['attune'], alone);
    const all = await measureRounds(bench, ['attune'], many);
    const [oneTurns, allTurns] = [one.get('Attune')!, all.get('Attune')!];
    return {
      columns,
      rows: [...rowsOf(one, 'one run, one subscriber'), ...rowsOf(all, describe(many))],
      goals: [
        under('p95 under 50 ms with one run', 50, p95(oneTurns), 'ms'),
        under(`p95 under 500 ms with ${describe(many)}`, 500, p95(allTurns), 'ms'),
        ...everyMessage(allTurns),
      ],
    };
  },
};

export const fanout: Work = {
  name: 'fanout',
  title: 'one run at 50 events a second, 1,000 subscribers, one process',
  async measure(bench) {
    const load: FeedLoad = { runs: 1, subscribersPerRun: bench.isToy ? 20 : 1000, eventsPerSecond: 50 };
    const isChosen = bench.peers?.includes('graphql-ws') ?? true;
    const turns = await measureRounds(bench, isChosen ? ['attune', 'graphql-ws'] : ['attune'], load);
    const [own, peer] = [turns.get('Attune')!, turns.get('graphql-ws')];
    return {
      columns,
      rows: rowsOf(turns, describe(load)),
      goals: [
        ...everyMessage(own),
        under('p95 under 250 ms', 250, p95(own), 'ms'),
        ...(peer === undefined
          ? []
          : [atLeast('≥ 5 × graphql-ws as it comes', 5, ratios(perSecond(own), perSecond(peer)))]),
      ],
      notes: [
        'Messages count that came until two seconds after the last event; the rate is over the time until the last of them.',
      ],
    };
  },
};

type FeedName = 'attune' | 'graphql-ws';

export async function measureRounds(
  bench: Bench,
  names: readonly FeedName[],
  load: FeedLoad,
): Promise<ReadonlyMap<string, readonly FeedTurn[]>> {
  return withLiveTools(bench, async (tools) => {
    const feeds: Feed[] = [];
    try {
      for (const name of names) feeds.push(await startFeed(name, tools.databaseUrl, bench.databases.home));
      const turns = new Map<string, FeedTurn[]>(feeds.map(({ name }) => [name, []]));
      for (let round = -1; round < bench.rounds; round += 1) {
        const order = round % 2 === 0 ? feeds : feeds.toReversed();
        for (const feed of order) {
          const turn = await measureFeed(bench, tools, feed, load);
          if (round < 0) continue;
          turns.get(feed.name)!.push(turn);
          const { perSecond, share, p95 } = turn;
          bench.log(
            `round ${round + 1}: ${feed.name} ${short(perSecond)} messages a second, ${short(100 * share)} %, p95 ${short(p95)} ms`,
          );
        }
      }
      return turns;
    } finally {
      for (const { server } of feeds) await server.stop();
    }
  });
}

async function startFeed(name: FeedName, databaseUrl: string, home: string): Promise<Feed> {
  if (name === 'attune') {
    return { name: 'Attune', server: await startAttune(databaseUrl, home), subscription: attuneSubscription };
  }
  const script = fileURLToPath(new URL('../peers/graphql-ws.js', import.meta.url));
  return { name, server: await startServer(script, { args: [databaseUrl] }), subscription: peerSubscription };
}

function describe({ runs, subscribersPerRun, eventsPerSecond }: FeedLoad): string {
  const subscribers = (runs * subscribersPerRun).toLocaleString('en');
  return `${subscribers} subscribers on ${runs === 1 ? 'one run' : `${runs} runs`} of ${eventsPerSecond} events a second`;
}

function rowsOf(turns: ReadonlyMap<string, readonly FeedTurn[]>, what: string): string[][] {
  return [...turns].map(([name, all]) => [
    `${name}: ${what}`,
    spread(perSecond(all)),
    spread(all.map(({ share }) => share)),
    spread(all.map(({ p50 }) => p50)),
    spread(p95(all)),
    String(all.reduce((sum, { outOfOrder }) => sum + outOfOrder, 0)),
    spread(all.map(({ processors }) => processors)),
  ]);
}

/** Every round counts, not the median. */
function everyMessage(turns: readonly FeedTurn[]): Goal[] {
  const least = Math.min(...turns.map(({ share }) => share));
  const misplaced = turns.reduce((sum, { outOfOrder }) => sum + outOfOrder, 0);
  return [
    {
      text: 'all messages delivered, in order',
      measured: `${short(100 * least)} % in the worst round, ${misplaced} out of order`,
      met: least === 1 && misplaced === 0,
    },
  ];
}

const p95 = (turns: readonly FeedTurn[]): number[] => turns.map((turn) => turn.p95);
const perSecond = (turns: readonly FeedTurn[]): number[] => turns.map((turn) => turn.perSecond);
