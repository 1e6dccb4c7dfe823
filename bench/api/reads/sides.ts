import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globalId } from '../../../src/graphql/global-id.js';
import { root } from '../../root.js';
import { run } from '../../train/turns.js';
import { withClient } from '../database.js';
import { graphql, type Request } from '../load/load.js';
import { type ServerProcess, startServer } from '../server-process.js';
import { startAttune } from '../start-attune.js';
import { fromAttune, fromPostGraphile, type ReadExperiment, readExperiment, rowId } from './experiment.js';
import { operations } from './operations.js';

/** A server that answers the reads, and how it is asked and understood. */
export interface Side {
  readonly name: string;
  readonly server: ServerProcess;
  /** A page of 50 experiments with what lies around them. */
  readonly nested: Read<readonly ReadExperiment[]>;
  /** The same with ids and names alone. */
  readonly names: Read<readonly { readonly id: string; readonly name: string }[]>;
  /** One experiment with what lies around it. */
  one(id: string): Read<ReadExperiment>;
}

export interface Read<Found> {
  readonly request: Request;
  /** The answer in the form that all sides share. */
  understand(answer: string): Found;
}

// biome-ignore lint/suspicious/noExplicitAny: the form of an answer is the side's own.
type Answered = any;

export async function startSide(name: SideName, databaseUrl: string, home: string, slug: string): Promise<Side> {
  switch (name) {
    case 'attune':
      return attuneSide(await startAttune(databaseUrl, home), slug);
    case 'hand-written':
      return handWritten(await startServer(script('hand-written.js'), { args: [databaseUrl, slug] }));
    case 'postgraphile':
      return postGraphile(databaseUrl, home, slug);
    case 'apollo':
      return apollo(await startServer(script('apollo/server.js'), { args: [databaseUrl] }), slug);
    default:
      return name satisfies never;
  }
}

export type SideName = 'attune' | 'hand-written' | 'postgraphile' | 'apollo';

/** @param headers beside those of GraphQL, such as a key */
export function attuneSide(
  server: ServerProcess,
  slug: string,
  headers: Readonly<Record<string, string>> = {},
  name = 'Attune',
): Side {
  const nodes = (answer: string): Answered[] => JSON.parse(answer).data.project.experiments.nodes;
  return {
    name,
    server,
    nested: {
      request: nestedRequest(slug, headers),
      understand: (answer) => nodes(answer).map(fromAttune),
    },
    names: {
      request: graphql(operations.names.attune, { project: slug }, headers),
      understand: (answer) => nodes(answer).map(namesOf),
    },
    one: (id) => ({
      request: graphql(operations.one.attune, { id: globalId('Experiment', id) }, headers),
      understand: (answer) => fromAttune(JSON.parse(answer).data.experiment),
    }),
  };
}

/** Asks Attune for a page of experiments with what lies around them. */
export function nestedRequest(slug: string, headers: Readonly<Record<string, string>> = {}): Request {
  return graphql(operations.nested.attune, { project: slug }, headers);
}

function handWritten(server: ServerProcess): Side {
  const get = (path: string): Request => ({ path, headers: {}, body: null });
  return {
    name: 'hand-written',
    server,
    nested: { request: get('/nested'), understand: (answer) => JSON.parse(answer).map(readExperiment) },
    names: { request: get('/names'), understand: (answer) => JSON.parse(answer).map(namesOf) },
    one: (id) => ({ request: get(`/one/${id}`), understand: (answer) => readExperiment(JSON.parse(answer)) }),
  };
}

/** Its packages are none of the product's: they are installed when it is measured. */
async function postGraphile(databaseUrl: string, home: string, slug: string): Promise<Side> {
  const folder = join(home, 'postgraphile');
  await mkdir(folder, { recursive: true });
  const source = join(root, 'bench/api/peers/postgraphile');
  for (const file of ['package.json', 'package-lock.json']) await cp(join(source, file), join(folder, file));
  await run('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']);
  // It finds relations by foreign keys, or by comments where a table has none.
  const reference = '@foreignKey (run_id) references runs (id)';
  await withClient(databaseUrl, (client) => client.query(`COMMENT ON TABLE run_metrics IS '${reference}'`));
  const server = await startServer(join(source, 'server.mjs'), { args: [databaseUrl, folder] });
  const nodes = (answer: string): Answered[] => JSON.parse(answer).data.projectBySlug.experimentsByProjectId.nodes;
  return {
    name: 'PostGraphile',
    server,
    nested: {
      request: graphql(operations.nested.postGraphile, { project: slug }),
      understand: (answer) => nodes(answer).map(fromPostGraphile),
    },
    names: {
      request: graphql(operations.names.postGraphile, { project: slug }),
      understand: (answer) => nodes(answer).map(namesOf),
    },
    one: (id) => ({
      request: graphql(operations.one.postGraphile, { id }),
      understand: (answer) => fromPostGraphile(JSON.parse(answer).data.experimentById),
    }),
  };
}

function apollo(server: ServerProcess, slug: string): Side {
  const data = (answer: string): Answered => JSON.parse(answer).data;
  return {
    name: 'Apollo Server',
    server,
    nested: {
      request: graphql(operations.nested.apollo, { project: slug }),
      understand: (answer) => data(answer).experiments.map(readExperiment),
    },
    names: {
      request: graphql(operations.names.apollo, { project: slug }),
      understand: (answer) => data(answer).experiments.map(namesOf),
    },
    one: (id) => ({
      request: graphql(operations.one.apollo, { id }),
      understand: (answer) => readExperiment(data(answer).experiment),
    }),
  };
}

function namesOf({ id, name }: Answered): { readonly id: string; readonly name: string } {
  return { id: rowId(id), name };
}

function script(path: string): string {
  return fileURLToPath(new URL(`../peers/${path}`, import.meta.url));
}
