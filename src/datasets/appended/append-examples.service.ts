import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { claimKey, findFirstResult, type IdempotentRequest } from '../../access/idempotency.js';
import { inTransaction } from '../../database/transaction.js';
import { rowId } from '../../graphql/global-id.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { requireStorageLeft } from '../../projects/require-quota.js';
import type { Query } from '../../protocol/sql/query.js';
import { latestVersions } from '../dataset.reads.js';
import { projectOf } from '../preparation/dataset-versions.js';
import type { AppendExamplesInput, DiscardAppendedExamplesInput } from './append-examples.input.js';
import { type AppendedRange, readAppend } from './appended-example.reads.js';
import { checkExamples, type KeptExample } from './check-examples.js';

/** How many examples of a dataset may wait, and their bytes as JSON. */
export const maxWaiting = { examples: 100_000, bytes: 256 * 2 ** 20 };

/**
 * Examples that applications append to datasets. Throws ProblemsError for mistakes that the client can correct.
 */
export interface AppendExamplesService {
  append(input: AppendExamplesInput): Promise<AppendedRange>;
  /** Discards examples that wait. Returns how many. */
  discard(datasetId: string, range: Pick<DiscardAppendedExamplesInput, 'fromNumber' | 'toNumber'>): Promise<number>;
}

export function createAppendExamplesService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  /** Default: `maxWaiting`. */
  readonly limits?: typeof maxWaiting;
}): AppendExamplesService {
  const { dataSource, query, limits = maxWaiting } = options;
  return {
    async append(input) {
      const datasetId = rowId('Dataset', input.datasetId, ['datasetId']);
      const projectId = await projectOf(query, datasetId);
      const { idempotencyKey, allowNewSplits, ...asked } = input;
      const request: IdempotentRequest = {
        projectId,
        operation: 'appendExamples',
        key: idempotencyKey ?? null,
        // Keys from before there was this option stand for calls without it.
        input: allowNewSplits ? { ...asked, allowNewSplits } : asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return appendedBefore(query, first);
      const [latest] = await latestVersions(query, [datasetId]);
      const { allowNewColumns } = input;
      const examples = checkExamples(input.examples, latest ?? null, { allowNewColumns, allowNewSplits });
      await requireStorageLeft(query, projectId);
      let range: AppendedRange | null = null;
      const id = await inTransaction(dataSource, async (transaction) => {
        const newId = randomUUID();
        const claimed = await claimKey(transaction.query, request, newId);
        if (claimed !== newId) return claimed;
        range = await insertExamples(transaction.query, datasetId, examples, limits);
        // What is called without a key is not called again.
        if (request.key !== null) {
          await transaction.query(
            'INSERT INTO example_appends (id, dataset_id, first_number, last_number) VALUES ($1, $2, $3, $4)',
            [newId, datasetId, range.firstNumber, range.lastNumber],
          );
        }
        return newId;
      });
      return range ?? appendedBefore(query, id);
    },

    async discard(datasetId, { fromNumber, toNumber }) {
      return inTransaction(dataSource, async (transaction) => {
        const [gone] = await transaction.query<{ count: number }>(
          `WITH gone AS (
             DELETE FROM appended_examples
              WHERE dataset_id = $1 AND preparation_id IS NULL AND number >= coalesce($2, number) AND number <= coalesce($3, number)
          RETURNING size_bytes
           ), counted AS (
             SELECT count(*) AS row_count, coalesce(sum(size_bytes), 0) AS bytes FROM gone
           ), fed AS (
             UPDATE example_feeds f SET row_count = f.row_count - c.row_count, bytes = f.bytes - c.bytes
               FROM counted c WHERE f.dataset_id = $1
           )
           SELECT row_count::float8 AS count FROM counted`,
          [datasetId, fromNumber == null ? null : String(fromNumber), toNumber == null ? null : String(toNumber)],
        );
        return gone?.count ?? 0;
      });
    },
  };
}

async function appendedBefore(query: Query, id: string): Promise<AppendedRange> {
  const range = await readAppend(query, id);
  if (range !== null) return range;
  throw new ProblemsError([gone]);
}

async function insertExamples(
  query: Query,
  datasetId: string,
  examples: readonly KeptExample[],
  limits: typeof maxWaiting,
): Promise<AppendedRange> {
  // Kept from being deleted until the examples are there.
  const held = await query('SELECT 1 FROM datasets WHERE id = $1 FOR KEY SHARE', [datasetId]);
  if (held.length === 0) throw new ProblemsError([gone]);
  const bytes = examples.reduce((sum, example) => sum + example.bytes, 0);
  const [feed] = await query<{ lastNumber: number; rows: number; bytes: number }>(
    `INSERT INTO example_feeds AS f (dataset_id, last_number, row_count, bytes) VALUES ($1, $2, $2, $3)
     ON CONFLICT (dataset_id) DO UPDATE
       SET last_number = f.last_number + $2, row_count = f.row_count + $2, bytes = f.bytes + $3
     RETURNING last_number::float8 AS "lastNumber", row_count::float8 AS rows, bytes::float8 AS bytes`,
    [datasetId, examples.length, bytes],
  );
  const { lastNumber, rows, bytes: allBytes } = feed!;
  if (rows > limits.examples || allBytes > limits.bytes) {
    throw tooMany(rows - examples.length, allBytes - bytes, limits);
  }
  const firstNumber = lastNumber - examples.length + 1;
  await query(
    `INSERT INTO appended_examples (dataset_id, number, split, example, size_bytes)
     SELECT $1, $2::bigint + ordinal - 1, split, example, size_bytes
       FROM unnest($3::text[], $4::text[], $5::int[]) WITH ORDINALITY AS new (split, example, size_bytes, ordinal)`,
    [
      datasetId,
      firstNumber,
      examples.map(({ split }) => split),
      examples.map(({ json }) => json),
      examples.map((example) => example.bytes),
    ],
  );
  return { datasetId, firstNumber, lastNumber };
}

function tooMany(rows: number, bytes: number, limits: typeof maxWaiting): ProblemsError {
  const mebibytes = (each: number): string => (each / 2 ** 20).toFixed(1);
  const message = `${rows} examples of ${mebibytes(bytes)} MiB wait; there is place for ${limits.examples} of ${mebibytes(limits.bytes)} MiB.`;
  const hint = 'Make a version of them with prepareDataset (`sources: [{ appended: … }]`), or discardAppendedExamples.';
  return new ProblemsError([problem(['examples'], 'TOO_MANY_WAITING', message, hint)]);
}

const gone = problem(['datasetId'], 'NOT_FOUND', 'There is no dataset with this id.');
