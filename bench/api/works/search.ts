import { askOnce, graphql, type LoadFigures, type Request } from '../load/load.js';
import { spread, under } from '../result.js';
import { startAttune } from '../start-attune.js';
import { measuredProject, projectDatabase } from './project-database.js';
import { sized, type Work } from './work.js';

const fields = 'edges { node { id name status } } pageInfo { hasNextPage endCursor }';
const document = `query Found($project: String!, $filter: ExperimentFilter, $orderBy: ExperimentOrder) {
  project(slug: $project) { experiments(first: 50, filter: $filter, orderBy: $orderBy) { ${fields} } }
}`;

/** A page of experiments. @param variables filter and order */
export function searchRequest(variables: object): Request {
  return graphql(document, { project: measuredProject, ...variables });
}

export const search: Work = {
  name: 'search',
  title: 'text search and sorting by a metric among 100,000 experiments',
  async measure(bench) {
    const { databases, load, rounds, seconds } = bench;
    const experiments = sized(bench, 100_000);
    const databaseUrl = await projectDatabase(bench, experiments, 0);
    const ask = (name: string, variables: object) => ({ name, request: searchRequest(variables) });
    const metric = { metric: 'validation/f1', direction: 'DESC' };
    const searches: readonly { readonly name: string; readonly request: Request }[] = [
      ask('a word in every tenth name', { filter: { text: 'invoice' } }),
      ask('a word in every fiftieth note', { filter: { text: 'SLOWLY' } }),
      ask('a part of one name', { filter: { text: `fier ${experiments - 1}` } }),
      ask('two words that no experiment has together', { filter: { text: 'legal slowly' } }),
      ask('by a metric, the greatest first', { orderBy: metric }),
      ask('a word in every tenth name, by a metric', { filter: { text: 'invoice' }, orderBy: metric }),
      ask('by name', { orderBy: { field: 'NAME', direction: 'ASC' } }),
    ];
    const turns = new Map<string, LoadFigures[]>(searches.map(({ name }) => [name, []]));
    const attune = await startAttune(databaseUrl, databases.home);
    try {
      for (let round = -1; round < rounds; round += 1) {
        for (const { name, request } of searches) {
          const first = await askOnce(attune, request);
          const turn = await load.run(attune, request, first, seconds, { connections: 1 });
          if (round >= 0) turns.get(name)!.push(turn);
        }
      }
    } finally {
      await attune.stop();
    }
    const of = (name: string, key: keyof LoadFigures): number[] => turns.get(name)!.map((turn) => turn[key]);
    return {
      columns: ['50 experiments', 'p50 ms', 'p95 ms', "server's processor time, ms"],
      rows: searches.map(({ name }) => [
        name,
        ...(['p50', 'p95', 'processorMs'] as const).map((key) => spread(of(name, key))),
      ]),
      goals: searches.map(({ name }) => under(`${name}: p95 under 100 ms`, 100, of(name, 'p95'), 'ms')),
      notes: ['One request after the other.'],
    };
  },
};
