import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Random, uniform } from '../../gpu-worker/data/random.js';
import type { Follower } from './follow.js';
import { leaseSeconds, type Site } from './site.js';

export const faultKinds = [
  'worker killed',
  'API killed',
  'worker stopped beyond its lease',
  'database killed',
  'byte of the newest checkpoint flipped',
  'connections dropped',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What a fault did, in a line; null: it could not be done at this moment. */
type Outcome = string | null;

/** More restarts of the embedded server in ten minutes end its API, as documented. */
const mostDatabaseKills = 4;
const databasePeriodMs = 600_000;
/** The third attempt in a row that is lost without a checkpoint fails its run, as documented. */
const mostFruitless = 1;

/**
 * Two faults that may come at the same moment. An API that starts without its database, or loses it while it starts,
 * ends, and stops the database that it has: the next start has it on another port, which the others don't know.
 */
export function mayMeet(one: FaultKind, other: FaultKind): boolean {
  const both = new Set([one, other]);
  const takesDatabase = both.has('database killed') || both.has('connections dropped');
  return both.size === 2 && !(both.has('API killed') && takesDatabase);
}

export interface FaultTools {
  readonly site: Site;
  readonly random: Random;
  /** The followers of the trainings under way. */
  readonly followers: () => readonly Follower[];
}

export interface Faults {
  /**
   * Does the fault, and mends what no part of the product mends: starts what was killed, and wakes what was stopped.
   */
  inject(kind: FaultKind): Promise<Outcome>;
  /** Digests of the checkpoint files that were damaged. */
  readonly damaged: ReadonlySet<string>;
}

export function createFaults({ site, random, followers }: FaultTools): Faults {
  const databaseKills: number[] = [];
  const damaged = new Set<string>();
  const oneOf = <T>(choices: readonly T[]): T => choices[Math.floor(uniform(random) * choices.length)]!;

  /** Whether a worker may be lost now without failing a run for good. */
  const mayLoseWorker = async (): Promise<boolean> => {
    const [row] = await site.query<{ most: number | null }>(
      `SELECT max(fruitless_attempts) AS most FROM jobs WHERE state IN ('queued', 'claimed')`,
    );
    return (row?.most ?? 0) < mostFruitless;
  };

  const killWorker = async (index: number): Promise<number> => {
    const { processId } = site.workers[index]!;
    await site.workers[index]!.end('SIGKILL');
    site.startWorker(index);
    return processId;
  };

  async function flipByte(): Promise<Outcome> {
    const holders = await site.query<{ runId: string; processId: number }>(
      `SELECT a.run_id AS "runId", w.process_id AS "processId"
         FROM run_attempts a JOIN workers w ON w.id = a.worker_id JOIN runs r ON r.id = a.run_id
        WHERE a.ended_at IS NULL AND r.attempt = a.attempt AND r.status = 'TRAINING'`,
    );
    if (holders.length === 0) return null;
    const { runId, processId } = oneOf(holders);
    const index = site.workers.findIndex((worker) => worker.processId === processId);
    if (index === -1) return null;
    await killWorker(index);
    const [newest] = await site.query<{ step: number; digests: string[] }>(
      `SELECT step, artifact_digests AS digests FROM checkpoints WHERE run_id = $1 AND pruned_at IS NULL
        ORDER BY attempt DESC, step DESC, created_at DESC LIMIT 1`,
      [runId],
    );
    if (newest === undefined) return `worker ${processId} killed before a checkpoint`;
    const digest = oneOf(newest.digests);
    const path = join(site.home, 'artifacts', digest.slice(0, 2), digest);
    const bytes = await readFile(path);
    const at = Math.floor(uniform(random) * bytes.length);
    bytes[at]! ^= 1 << Math.floor(uniform(random) * 8);
    // Artifacts are read-only.
    await rm(path);
    await writeFile(path, bytes, { mode: 0o444 });
    damaged.add(digest);
    return `byte ${at} of ${bytes.length} of step ${newest.step}, ${digest.slice(0, 8)}…, and worker ${processId} killed`;
  }

  return {
    damaged,
    async inject(kind) {
      switch (kind) {
        case 'worker killed': {
          if (!(await mayLoseWorker())) return null;
          return `process ${await killWorker(oneOf([0, 1]))}`;
        }
        case 'API killed': {
          const index = oneOf([0, 1]);
          const { processId } = site.apis[index]!.process;
          await site.apis[index]!.process.end('SIGKILL');
          await site.startApi(index);
          return `process ${processId}, number ${index + 1}`;
        }
        case 'worker stopped beyond its lease': {
          if (!(await mayLoseWorker())) return null;
          const worker = site.workers[oneOf([0, 1])]!;
          const seconds = leaseSeconds + 1 + 2 * uniform(random);
          worker.signal('SIGSTOP');
          await delay(1000 * seconds);
          worker.signal('SIGCONT');
          return `process ${worker.processId}, for ${seconds.toFixed(1)} s`;
        }
        case 'database killed': {
          const now = performance.now();
          if (databaseKills.filter((at) => now - at < databasePeriodMs).length >= mostDatabaseKills) return null;
          const processId = await site.databaseProcess();
          if (processId === null || !(await mayLoseWorker())) return null;
          databaseKills.push(now);
          process.kill(processId, 'SIGKILL');
          // It is the first API that starts it again, on its port: a new API process would start it on any.
          await site.query('SELECT 1');
          return `process ${processId}`;
        }
        case 'byte of the newest checkpoint flipped':
          return (await mayLoseWorker()) ? flipByte() : null;
        case 'connections dropped': {
          const ended = await site.query(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
          );
          const subscribers = followers();
          for (const follower of subscribers) follower.drop();
          return `${ended.length} to the database, ${subscribers.length} of subscribers`;
        }
        default:
          return kind satisfies never;
      }
    },
  };
}
