import { withClient } from '../database.js';
import { askOnce, type LoadFigures } from '../load/load.js';
import { type ReadExperiment, requireWhole } from '../reads/experiment.js';
import { attuneSide, type Side, type SideName, startSide } from '../reads/sides.js';
import { atLeast, type Goal, ratios, under } from '../result.js';
import { addReadingKey } from '../rows/key.js';
import { compareReads, type Rounds, readColumns, readRows } from './compare-reads.js';
import { measuredProject, projectDatabase } from './project-database.js';
import type { Bench, Work } from './work.js';

const experiments = { full: 500, toy: 60 };
const page = 50;
const connections = 10;
/** Requests a second, few enough that latency is not that of a queue. */
const patientRate = 50;

export const nested: Work = {
  name: 'nested',
  title: `${page} experiments × base model × dataset version × summary × 3 evaluations, of ${experiments.full}`,
  async measure(bench) {
    const sides = ['attune', 'hand-written', ...(bench.isToy ? [] : (['postgraphile'] as const)), 'apollo'] as const;
    return withSides(bench, sides, async (started) => {
      const require = (found: readonly ReadExperiment[]) => requireWhole(found, page);
      const rounds = await compareReads(bench, started, (side) => side.nested, require, { connections });
      return {
        columns: readColumns,
        rows: readRows(rounds),
        goals: [
          ...throughput(rounds, 'hand-written', 0.6),
          ...throughput(rounds, 'PostGraphile', 2),
          ...throughput(rounds, 'Apollo Server', 3),
        ],
      };
    });
  },
};

export const keyed: Work = {
  name: 'keyed',
  title: 'that read with an API key, rate limit and audit as by default',
  measure: (bench) =>
    withSides(bench, ['attune'], async ([open], databaseUrl) => {
      const secret = await withClient(databaseUrl, addReadingKey);
      const headers = { authorization: `Bearer ${secret}` };
      const withKey = attuneSide(open!.server, measuredProject, headers, 'Attune with a key');
      const require = (found: readonly ReadExperiment[]) => requireWhole(found, page);
      const sides = [withKey, { ...open!, name: 'without' }];
      const rounds = await compareReads(bench, sides, (side) => side.nested, require, { connections });
      return { columns: readColumns, rows: readRows(rounds), goals: throughput(rounds, 'without', 0.9) };
    }),
};

export const one: Work = {
  name: 'one',
  title: 'one experiment by id, with what lies around it',
  measure: (bench) =>
    withSides(bench, ['attune', 'hand-written'], async (sides) => {
      const [{ id }] = sides[0]!.nested.understand(await askOnce(sides[0]!.server, sides[0]!.nested.request)) as [
        ReadExperiment,
      ];
      const rounds = await compareReads(
        bench,
        sides,
        (side) => side.one(id),
        (found) => requireWhole([found], 1),
        { rate: patientRate },
      );
      const p99 = ratios(of(rounds, 'Attune', 'p99'), of(rounds, 'hand-written', 'p99'));
      return {
        columns: readColumns,
        rows: readRows(rounds),
        goals: [under('p99 under 2 × the hand-written one', 2, p99)],
        notes: [`Requests come at ${patientRate} a second, whatever the answers take.`],
      };
    }),
};

export const names: Work = {
  name: 'names',
  title: `${page} ids and names`,
  measure: (bench) =>
    withSides(bench, ['attune', 'hand-written'], async (sides) => {
      const require = (found: readonly object[]) => {
        if (found.length !== page) throw new Error(`${found.length} names`);
      };
      const rounds = await compareReads(bench, sides, (side) => side.names, require, { connections });
      return { columns: readColumns, rows: readRows(rounds), goals: throughput(rounds, 'hand-written', 0.5) };
    }),
};

/** Starts sides on the project's database, and stops them. Attune is first. */
async function withSides<Result>(
  bench: Bench,
  names: readonly SideName[],
  work: (sides: readonly Side[], databaseUrl: string) => Promise<Result>,
): Promise<Result> {
  const databaseUrl = await projectDatabase(bench, bench.isToy ? experiments.toy : experiments.full);
  const chosen = names.filter((name) => name === 'attune' || (bench.peers?.includes(name) ?? true));
  const sides: Side[] = [];
  try {
    for (const name of chosen) sides.push(await startSide(name, databaseUrl, bench.databases.home, measuredProject));
    return await work(sides, databaseUrl);
  } finally {
    for (const { server } of sides) await server.stop();
  }
}

/** None where the other side was not measured. */
function throughput(rounds: Rounds, other: string, least: number): Goal[] {
  const theirs = of(rounds, other, 'perSecond');
  const [own] = [...rounds.values()];
  if (theirs.length === 0) return [];
  return [
    atLeast(
      `≥ ${least} × ${other}`,
      least,
      ratios(
        own!.map(({ perSecond }) => perSecond),
        theirs,
      ),
    ),
  ];
}

function of(rounds: Rounds, name: string, key: keyof LoadFigures): number[] {
  const found = [...rounds].find(([side]) => side.name === name);
  return found?.[1].map((figures) => figures[key]) ?? [];
}
