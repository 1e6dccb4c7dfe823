import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Site } from './site.js';

/** What a training ended with, as the API tells it. */
export interface Ending {
  readonly status: string;
  readonly problem: string | null;
  readonly modelDigest: string | null;
  /** `key@step` → value, without rates, which depend on the clock. */
  readonly points: ReadonlyMap<string, number | null>;
}

interface ExperimentState {
  readonly status: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly model: { readonly digest: string } | null;
  readonly metricSeries: readonly {
    readonly definition: { readonly key: string };
    readonly points: readonly { readonly step: number; readonly value: number | null }[];
  }[];
}

export async function readEnding(site: Site, id: string): Promise<Ending> {
  const { experiment } = await site.withAnyApi((client) =>
    client.request<{ experiment: ExperimentState }>(
      `query ($id: ID!) { experiment(id: $id) {
         status problem { code message } model { digest }
         metricSeries(maxPoints: 5000) { definition { key } points { step value } } } }`,
      { id },
    ),
  );
  const { status, problem, model, metricSeries } = experiment;
  const points = metricSeries
    .filter(({ definition }) => definition.key !== 'train/examplesPerSecond')
    .flatMap(({ definition, points }) =>
      points.map(({ step, value }) => [`${definition.key}@${step}`, value] as const),
    );
  return {
    status,
    problem: problem === null ? null : `${problem.code}: ${problem.message}`,
    modelDigest: model?.digest ?? null,
    points: new Map(points),
  };
}

/** How an ending differs from the undisturbed one; nothing: it does not. */
export function differences(ending: Ending, undisturbed: Ending): string[] {
  const found: string[] = [];
  if (ending.status !== 'SUCCEEDED') return [`it is ${ending.status} (${ending.problem ?? 'no problem'})`];
  if (ending.modelDigest !== undisturbed.modelDigest) {
    found.push(`its model is ${ending.modelDigest}, undisturbed ${undisturbed.modelDigest}`);
  }
  const lacking = [...undisturbed.points.keys()].filter((key) => !ending.points.has(key));
  const surplus = [...ending.points.keys()].filter((key) => !undisturbed.points.has(key));
  const other = [...undisturbed.points].filter(
    ([key, value]) => ending.points.has(key) && ending.points.get(key) !== value,
  );
  for (const [what, keys] of [
    ['lacks', lacking],
    ['has besides', surplus],
    ['has another value at', other.map(([key]) => key)],
  ] as const) {
    if (keys.length > 0) found.push(`it ${what} ${keys.length} points: ${keys.slice(0, 3).join(', ')}`);
  }
  return found;
}

/** What is wrong with the seqs that a subscriber saw, which have to be 1, 2, 3 … */
export function faultOfSeqs(seqs: readonly number[]): string | null {
  const index = seqs.findIndex((seq, place) => seq !== place + 1);
  return index === -1 ? null : `event ${index + 1} has seq ${seqs[index]}, after ${seqs[index - 1] ?? 'none'}`;
}

/** Rows that no process will touch any more, but that are not at their end. */
export async function halfMade(site: Site, asked: number): Promise<string[]> {
  const counts: readonly (readonly [string, string])[] = [
    ['jobs are not settled', `SELECT id FROM jobs WHERE settled_at IS NULL`],
    ['runs have not ended', `SELECT id FROM runs WHERE status NOT IN ('SUCCEEDED', 'FAILED', 'CANCELED')`],
    ['attempts have no end', 'SELECT run_id FROM run_attempts WHERE ended_at IS NULL'],
    [
      'runs have a gap in their events',
      `SELECT r.id FROM runs r LEFT JOIN run_events e ON e.run_id = r.id
        GROUP BY r.id HAVING count(e.seq) <> r.last_seq OR max(e.seq) <> r.last_seq`,
    ],
    [
      'models were registered twice',
      'SELECT produced_by_run_id FROM base_models WHERE produced_by_run_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1',
    ],
  ];
  const found: string[] = [];
  for (const [what, sql] of counts) {
    const rows = await site.query(sql);
    if (rows.length > 0) found.push(`${rows.length} ${what}`);
  }
  const [made] = await site.query<{ count: number }>('SELECT count(*)::int AS count FROM experiments');
  if (made?.count !== asked) found.push(`${asked} trainings were asked for, and ${made?.count} exist`);
  return found;
}

/**
 * Compares the artifact store with its rows.
 * @param excepted digests of files that were damaged on purpose, and that no training wrote again
 */
export async function compareStore(
  site: Site,
  excepted: ReadonlySet<string>,
): Promise<{ readonly faults: readonly string[]; readonly filesWithoutRow: number }> {
  const rows = await site.query<{ digest: string; sizeBytes: number }>(
    'SELECT digest, size_bytes::float8 AS "sizeBytes" FROM artifacts',
  );
  const folder = join(site.home, 'artifacts');
  const files = new Set<string>();
  for (const name of await readdir(folder)) {
    if (name !== 'tmp') for (const file of await readdir(join(folder, name))) files.add(file);
  }
  const faults: string[] = [];
  for (const { digest, sizeBytes } of rows) {
    const path = join(folder, digest.slice(0, 2), digest);
    if (!files.has(digest)) faults.push(`artifact ${digest} has no file`);
    else if ((await stat(path)).size !== sizeBytes) faults.push(`artifact ${digest} does not have ${sizeBytes} bytes`);
    else if ((await digestOf(path)) !== digest && !excepted.has(digest)) faults.push(`artifact ${digest} is damaged`);
  }
  const known = new Set(rows.map(({ digest }) => digest));
  return { faults, filesWithoutRow: [...files].filter((digest) => !known.has(digest)).length };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The storage that the project uses, less the manifests of checkpoints: those stay, one for each checkpoint. */
export async function storageUsed(site: Site): Promise<number> {
  const { project } = await site.withAnyApi((client) =>
    client.request<{ project: { usage: { storageBytes: number } } }>('{ project { usage { storageBytes } } }'),
  );
  const [manifests] = await site.query<{ bytes: number | null }>(
    'SELECT sum(size_bytes)::float8 AS bytes FROM artifacts WHERE digest IN (SELECT digest FROM checkpoints)',
  );
  return project.usage.storageBytes - (manifests?.bytes ?? 0);
}
