import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { ScoredExample } from '../../src/protocol/scored-example.js';
import { type ArtifactRecord, mediaTypes } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { StorageError, toStorageError } from '../../src/storage/storage-error.js';
import { temporaryName } from '../../src/storage/temporary-files.js';

/** The columns of the file: types of DuckDB, and the values that go there. */
const columns: Readonly<Record<keyof ScoredExample, readonly [DuckDBType, (example: ScoredExample) => DuckDBValue]>> = {
  task: [VARCHAR, ({ task }) => task],
  row: [BIGINT, ({ row }) => BigInt(row)],
  isRight: [BOOLEAN, ({ isRight }) => isRight],
  confidence: [DOUBLE, ({ confidence }) => confidence],
  error: [DOUBLE, ({ error }) => error],
  trueLabels: [LIST(VARCHAR), ({ trueLabels }) => listValue(trueLabels)],
  predictedLabels: [LIST(VARCHAR), ({ predictedLabels }) => listValue(predictedLabels)],
  missedLabels: [LIST(VARCHAR), ({ missedLabels }) => listValue(missedLabels)],
  falseLabels: [LIST(VARCHAR), ({ falseLabels }) => listValue(falseLabels)],
  labels: [LIST(VARCHAR), ({ labels }) => listValue(labels)],
  probabilities: [LIST(FLOAT), ({ probabilities }) => listValue(probabilities)],
  words: [LIST(INTEGER), ({ words }) => listValue(words)],
  trueValues: [LIST(DOUBLE), ({ trueValues }) => listValue(trueValues)],
  predictedValues: [LIST(DOUBLE), ({ predictedValues }) => listValue(predictedValues)],
  tokenCount: [INTEGER, ({ tokenCount }) => tokenCount],
  rightTokenCount: [INTEGER, ({ rightTokenCount }) => rightTokenCount],
  baselineError: [DOUBLE, ({ baselineError }) => baselineError],
};
const types = Object.values(columns).map(([type]) => type);

/** What DuckDB holds in one chunk. */
const chunkRows = 2048;

/**
 * Writes the examples of an evaluation to a Parquet file in the store. Equal examples give equal bytes.
 *
 * @param folder for the file while it is written
 * @param onProgress called every 2,048 examples: it can give a sign of life, or throw in order to stop
 * @throws StorageError
 */
export async function keepExamples(
  store: ArtifactStore,
  folder: string,
  examples: Iterable<ScoredExample>,
  onProgress: () => void,
): Promise<ArtifactRecord> {
  const path = join(folder, temporaryName());
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    const definitions = Object.entries(columns).map(([name, [type]]) => `"${name}" ${type}`);
    await connection.run(`CREATE TABLE examples (${definitions.join(', ')})`);
    const appender = await connection.createAppender('examples');
    for (const rows of chunksOf(examples)) {
      onProgress();
      const chunk = DuckDBDataChunk.create(types, rows.length);
      chunk.setColumns(Object.values(columns).map(([, valueIn]) => rows.map(valueIn)));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    await connection
      .run(`COPY examples TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, PRESERVE_ORDER true)`)
      .catch((error: unknown) => {
        throw notWritten(error);
      });
    return { ...(await store.adopt(path)), mediaType: mediaTypes.parquet };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(path, { force: true });
  }
}

/** The same; null where the disk is full, so that the scores are kept. */
export async function keepExamplesOrNone(...given: Parameters<typeof keepExamples>): Promise<ArtifactRecord | null> {
  try {
    return await keepExamples(...given);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'DISK_FULL') return null;
    throw error;
  }
}

function* chunksOf(examples: Iterable<ScoredExample>): Generator<ScoredExample[]> {
  let rows: ScoredExample[] = [];
  for (const example of examples) {
    rows.push(example);
    if (rows.length < chunkRows) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/** DuckDB's errors have no codes, and name paths, which users must not see. */
function notWritten(error: unknown): Error {
  const isFull = error instanceof Error && /no space left|quota exceeded/i.test(error.message);
  const cause = Object.assign(new Error('writing failed', { cause: error }), isFull ? { code: 'ENOSPC' } : {});
  return toStorageError(cause, 'write the examples of an evaluation');
}
