import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requireWhole } from '../reads/experiment.js';
import { attuneSide, type Side } from '../reads/sides.js';
import { atLeast, ratios, under } from '../result.js';
import { startAttune } from '../start-attune.js';
import { compareReads, readColumns, readRows } from './compare-reads.js';
import { measuredProject, projectDatabase } from './project-database.js';
import type { Work } from './work.js';

const experiments = { full: 500, toy: 60 };
const page = 50;
const connections = 10;

/** What Attune costs that shows what it does: metrics, and traces of which by default a tenth is kept. */
export const observed: Work = {
  name: 'observed',
  title: `${page} ids and names, with metrics and traces on`,
  async measure(bench) {
    const { isToy, databases } = bench;
    const databaseUrl = await projectDatabase(bench, isToy ? experiments.toy : experiments.full);
    await using collector = await startCollector();
    const observing = { ATTUNE_METRICS_PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
    const all = { ...observing, OTEL_TRACES_SAMPLER: 'parentbased_always_on' };
    const settings = { 'as by default': observing, off: {}, ...(isToy ? {} : { 'every trace kept': all }) };
    const sides: Side[] = [];
    try {
      for (const [name, env] of Object.entries(settings)) {
        const server = await startAttune(databaseUrl, databases.home, env);
        sides.push(attuneSide(server, measuredProject, {}, name));
      }
      const rows: string[][] = [];
      const goals = [];
      for (const read of isToy ? (['names'] as const) : (['names', 'nested'] as const)) {
        const rounds =
          read === 'names'
            ? await compareReads(bench, sides, (side) => side.names, requirePage, { connections })
            : await compareReads(
                bench,
                sides,
                (side) => side.nested,
                (found) => requireWhole(found, page),
                {
                  connections,
                },
              );
        rows.push(...readRows(rounds).map(([side, ...figures]) => [`${read}, ${side}`, ...figures]));
        const [on, off] = [...rounds.values()];
        const both = (key: 'perSecond' | 'processorMs'): number[] =>
          ratios(
            on!.map((each) => each[key]),
            off!.map((each) => each[key]),
          );
        goals.push(
          atLeast(`${read}: ≥ 0.97 of the requests a second without`, 0.97, both('perSecond')),
          under(`${read}: processor time a request under 1.03 × without`, 1.03, both('processorMs')),
        );
      }
      // They send what is left.
      for (const { server } of sides.splice(0)) await server.stop();
      if (collector.received() === 0) throw new Error('No trace was received.');
      return {
        columns: readColumns,
        rows,
        goals,
        notes: ['Traces go to a server of this bench that reads and forgets them; by default a tenth is kept.'],
      };
    } finally {
      for (const { server } of sides) await server.stop();
    }
  },
};

function requirePage(found: readonly object[]): void {
  if (found.length !== page) throw new Error(`${found.length} names`);
}

/** A server that takes whatever comes. */
async function startCollector() {
  let received = 0;
  const server = createServer((request, response) => {
    received += 1;
    request.resume();
    request.once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
