import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from '../../../root.js';
import { run } from '../../../train/turns.js';
import { type Databases, withClient } from '../../database.js';
import { processorMsOf, residentBytesOf, type ServerProcess } from '../../server-process.js';

const folder = join(root, 'bench/api/peers/mlflow');
const startTimeoutMs = 120_000;

/** A database with MLflow's tables, and what `fill` writes into them. */
export function mlflowDatabase(
  databases: Databases,
  python: string,
  name: string,
  fill: (url: string) => Promise<void>,
): Promise<string> {
  return databases.filled(name, async (url) => {
    await run(python, [join(folder, 'prepare.py'), forPython(url), join(databases.home, 'mlflow-artifacts')]);
    await fill(url);
  });
}

/**
 * Writes series into the tables of MLflow, with the rows that its own log_batch writes.
 * @param value SQL of the value at `step`
 */
export function addMlflowSeries(
  url: string,
  { runs, steps, value }: { readonly runs: number; readonly steps: number; readonly value: string },
): Promise<void> {
  return withClient(url, async (client) => {
    await client.query(
      `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, lifecycle_stage, artifact_uri, experiment_id)
       SELECT ${mlflowRun('i')}, 'run ' || i, 'UNKNOWN', '', '', '', 'RUNNING', 1767225600000, 'active', '', 0 FROM generate_series(1, $1::int) AS i`,
      [runs],
    );
    await client.query(
      `INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)
       SELECT 'train/loss', ${value}, 1767225600000 + step, step, false, ${mlflowRun('i')}
       FROM generate_series(1, $1::int) AS i, generate_series(1, $2::int) AS step`,
      [runs, steps],
    );
    await client.query(
      `INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
       SELECT key, value, timestamp, step, is_nan, run_uuid FROM metrics WHERE step = $1`,
      [steps],
    );
    await client.query('VACUUM ANALYZE');
  });
}

/** SQL of the id of a run by its number. */
function mlflowRun(number: string): string {
  return `md5('mlflow run ' || ${number})`;
}

export async function mlflowRunIds(url: string, runs: number): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query(`SELECT ${mlflowRun('i')} AS id FROM generate_series(1, $1::int) AS i`, [runs]);
    return rows.map(({ id }) => id);
  });
}

/** `mlflow server` as it starts, with one worker process: as many as Attune's API has. */
export async function startMlflowServer(python: string, databaseUrl: string, home: string): Promise<ServerProcess> {
  const port = await freePort();
  const uri = [
    '--backend-store-uri',
    forPython(databaseUrl),
    '--artifacts-destination',
    join(home, 'mlflow-artifacts'),
  ];
  const child = spawn(
    python,
    ['-m', 'mlflow', 'server', ...uri, '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    { stdio: 'ignore', detached: true },
  );
  const exited = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const server: ServerProcess = {
    url,
    printed: '',
    processorMs: () => processorMsOf(child.pid!),
    residentBytes: () => residentBytesOf(child.pid!),
    async stop() {
      // Its workers are processes of the same group.
      process.kill(-child.pid!, 'SIGTERM');
      await exited;
    },
  };
  for (const end = Date.now() + startTimeoutMs; ; await delay(200)) {
    if (child.exitCode !== null) throw new Error(`mlflow server ended with ${child.exitCode}.`);
    if (
      await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return server;
    if (Date.now() > end) {
      await server.stop();
      throw new Error('mlflow server does not answer.');
    }
  }
}

export interface MlflowWriter {
  /** Points a second, logged for so long. */
  log(seconds: number): Promise<number>;
  end(): Promise<void>;
}

export async function startMlflowWriter(python: string, databaseUrl: string): Promise<MlflowWriter> {
  const child = spawn(python, [join(folder, 'ingest.py'), forPython(databaseUrl)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (line.done) throw new Error('ingest.py of MLflow ended.');
    return JSON.parse(line.value);
  };
  await next();
  return {
    async log(seconds) {
      child.stdin.write(`${seconds}\n`);
      const answer = await next();
      return answer.points / answer.seconds;
    },
    async end() {
      child.stdin.end();
      await exited;
    },
  };
}

/** SQLAlchemy's name of the protocol and the driver. */
function forPython(url: string): string {
  return url.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
