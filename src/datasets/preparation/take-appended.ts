import { ProblemsError, problem } from '../../problems/problem.js';
import { appendedSplitKey, type RowSource } from '../../protocol/preparation/prepare-job.js';
import { sha256Hex } from '../../protocol/sha256-hex.js';
import type { Query } from '../../protocol/sql/query.js';
import { mediaTypes } from '../../storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../../storage/artifact-store.js';
import { keepArtifacts } from '../../storage/keep-artifacts.js';
import { latestVersions } from '../dataset.reads.js';

type AppendedSource = Extract<RowSource, { readonly kind: 'appended' }>;

interface Line {
  readonly split: string | null;
  readonly example: string;
}

/** So many examples are read at a time, each of at most a MiB. */
const pageSize = 100;
/** What a preview reads at most. */
const previewBytes = 8 * 2 ** 20;

/**
 * Takes all examples of a dataset that wait, for a preparation that the same transaction inserts: no other one gets
 * them. They go into a file, which the worker reads. When the preparation ends, a trigger deletes them, or they wait
 * again.
 * @param onWritten told of the file, which has to be removed if the transaction fails
 * @throws ProblemsError NO_EXAMPLES_WAITING
 */
export async function takeAppended(
  query: Query,
  store: ArtifactStore,
  asked: {
    readonly preparationId: string;
    readonly datasetId: string;
    readonly split: string | null;
    readonly path: readonly string[];
  },
  onWritten: (file: StoredArtifact) => void,
): Promise<AppendedSource> {
  const { preparationId, datasetId, split, path } = asked;
  await query('UPDATE appended_examples SET preparation_id = $1 WHERE dataset_id = $2 AND preparation_id IS NULL', [
    preparationId,
    datasetId,
  ]);
  const [found] = await query<{ count: number; splits: number }>(
    'SELECT count(*)::int AS count, count(split)::int AS splits FROM appended_examples WHERE preparation_id = $1',
    [preparationId],
  );
  const { count, splits } = found!;
  if (count === 0) throw noneWaiting(path);
  const columns = await columnsOf(query, datasetId);
  const splitKey = splits === 0 ? null : freshKey(columns);
  const file = await store.writeStream(linesOf(query, preparationId, splitKey));
  onWritten(file);
  await keepArtifacts(query, store, [{ ...file, mediaType: mediaTypes.jsonLines }]);
  return {
    kind: 'appended',
    datasetId,
    digest: file.digest,
    lines: null,
    columns,
    splitKey,
    exampleCount: count,
    split,
  };
}

/**
 * The first examples of a dataset that wait, for a preview, which takes nothing.
 * @throws ProblemsError NO_EXAMPLES_WAITING
 */
export async function lookAtAppended(
  query: Query,
  asked: {
    readonly datasetId: string;
    readonly split: string | null;
    readonly path: readonly string[];
    readonly maxRows: number;
  },
): Promise<AppendedSource> {
  const { datasetId, split, path, maxRows } = asked;
  const [waiting] = await query<{ count: number }>(
    'SELECT count(*)::int AS count FROM appended_examples WHERE dataset_id = $1 AND preparation_id IS NULL',
    [datasetId],
  );
  if (waiting!.count === 0) throw noneWaiting(path);
  const rows = await query<Line>(
    `SELECT split, example FROM (
       SELECT number, split, example, sum(size_bytes) OVER (ORDER BY number) AS bytes, row_number() OVER (ORDER BY number) AS place
         FROM appended_examples WHERE dataset_id = $1 AND preparation_id IS NULL ORDER BY number LIMIT $2
     ) AS first WHERE bytes <= $3 OR place = 1 ORDER BY number`,
    [datasetId, maxRows, previewBytes],
  );
  const columns = await columnsOf(query, datasetId);
  const splitKey = rows.some((row) => row.split !== null) ? freshKey(columns) : null;
  const lines = rows.map((row) => lineOf(row, splitKey)).join('');
  return {
    kind: 'appended',
    datasetId,
    digest: sha256Hex(lines),
    lines,
    columns,
    splitKey,
    exampleCount: waiting!.count,
    split,
  };
}

/** By a cursor of the transaction: pages by their keys would sort the examples again for each. */
async function* linesOf(query: Query, preparationId: string, splitKey: string | null): AsyncGenerator<Buffer> {
  await query(
    `DECLARE taken_examples NO SCROLL CURSOR FOR
       SELECT split, example FROM appended_examples WHERE preparation_id = $1 ORDER BY number`,
    [preparationId],
  );
  for (;;) {
    const rows = await query<Line>(`FETCH ${pageSize} FROM taken_examples`);
    if (rows.length > 0) yield Buffer.from(rows.map((row) => lineOf(row, splitKey)).join(''));
    if (rows.length < pageSize) break;
  }
  await query('CLOSE taken_examples');
}

/** The example with its split under a key of its own; examples are never empty objects. */
function lineOf({ split, example }: Line, splitKey: string | null): string {
  if (splitKey === null || split === null) return `${example}\n`;
  return `{${JSON.stringify(splitKey)}:${JSON.stringify(split)},${example.slice(1)}\n`;
}

/** A key that no example has: new columns may not begin so. The same examples make the same file. */
function freshKey(columns: AppendedSource['columns']): string {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  let key = appendedSplitKey;
  while (taken.has(key)) key += '_';
  return key;
}

async function columnsOf(query: Query, datasetId: string): Promise<AppendedSource['columns']> {
  const [latest] = await latestVersions(query, [datasetId]);
  return (latest?.columns ?? []).map(({ name, type }) => ({ name, type }));
}

function noneWaiting(path: readonly string[]): ProblemsError {
  const message = 'No example that was appended to the dataset waits.';
  const hint = 'Append some with appendExamples, or leave the source out.';
  return new ProblemsError([problem([...path, 'datasetId'], 'NO_EXAMPLES_WAITING', message, hint)]);
}
