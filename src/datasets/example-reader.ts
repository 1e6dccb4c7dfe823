import { availableParallelism } from 'node:os';
import { rowColumn, splitColumn } from '../protocol/dataset-layout.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { ExampleReader, LabelCounts, StoredExample } from './dataset-commands.js';
import { type DuckDb, identifier, openDuckDb } from './duckdb.js';

const memoryLimitMb = 512;
/** Statements that read at the same time; further ones wait. */
const maxConnections = 4;

export interface OpenExampleReader extends ExampleReader {
  close(): void;
}

/** Reads rows of versions from their Parquet files. Errors: StorageError NOT_FOUND when a file is gone. */
export async function openExampleReader(store: ArtifactStore, temporaryFolder: string): Promise<OpenExampleReader> {
  const threads = Math.min(2, availableParallelism());
  const database = await openDuckDb({ path: ':memory:', threads, memoryLimitMb, temporaryFolder }, maxConnections);

  return {
    async readExamples({ digest, split, afterRow, limit }) {
      const path = await store.localPath(digest);
      const { columns, rows } = await database.read(
        `SELECT * FROM read_parquet($path)
         WHERE ${identifier(rowColumn)} > $afterRow AND ($split IS NULL OR ${identifier(splitColumn)} = $split)
         ORDER BY ${identifier(rowColumn)} LIMIT $limit`,
        { path, afterRow: afterRow ?? -1, split, limit },
      );
      const toExample = (values: readonly unknown[]): StoredExample => {
        const example = Object.fromEntries(
          columns.map(({ name, isJson }, index) => [name, toJson(values[index], isJson)]),
        );
        const { [rowColumn]: row, [splitColumn]: ofSplit, ...own } = example;
        return { row: Number(row), split: String(ofSplit), values: own };
      };
      return rows.map(toExample);
    },

    async countLabels({ digest, textColumn, labelColumns }) {
      const path = await store.localPath(digest);
      const hasText = `${identifier(textColumn)} IS NOT NULL`;
      const hasLabel = labelColumns.map((column) => `${identifier(column)} IS NOT NULL`).join(' OR ');
      const labelled = await database.query<{ split: string; count: number }>(
        `SELECT ${identifier(splitColumn)} AS split, count(*)::DOUBLE AS count FROM read_parquet($path)
         WHERE ${hasText} AND (${hasLabel}) GROUP BY ALL`,
        { path },
      );
      const labels: [string, LabelCounts['labels'][string]][] = [];
      for (const column of labelColumns) labels.push([column, await countsOf(database, path, hasText, column)]);
      return {
        labelled: Object.fromEntries(labelled.map(({ split, count }) => [split, count])),
        labels: Object.fromEntries(labels),
      };
    },

    close: () => database.close(),
  };
}

function countsOf(database: DuckDb, path: string, hasText: string, column: string) {
  return database.query<LabelCounts['labels'][string][number]>(
    `SELECT ${identifier(splitColumn)} AS split, CAST(${identifier(column)} AS VARCHAR) AS label, count(*)::DOUBLE AS count
     FROM read_parquet($path) WHERE ${hasText} AND ${identifier(column)} IS NOT NULL GROUP BY ALL ORDER BY label, split`,
    { path },
  );
}

/** A column's value as JSON has it: whole numbers beyond 2⁵³ as text, since a JSON number would lose digits. */
function toJson(value: unknown, isJson: boolean): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (isJson && typeof value === 'string') return JSON.parse(value);
  return value;
}
