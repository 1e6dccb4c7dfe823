import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openReportedFile,
  type ReportedFile,
  type ReportTools,
} from '../../gpu-worker/preparation/report/reported-file.js';
import { rowColumn, splitColumn } from '../../src/protocol/dataset-layout.js';
import { identifier, literal } from '../../src/protocol/duckdb-names.js';
import type { ColumnRole } from '../../src/protocol/preparation/column-role.js';
import { openDuckDb } from '../../src/storage/duckdb.js';

export type PlainRow = Readonly<Record<string, unknown>> & { readonly split?: string };

/** A database that reads the files of versions. It and its folder go with the scope. */
export async function openReportRoom() {
  const folder = await mkdtemp(join(tmpdir(), 'attune-report-'));
  const database = await openDuckDb({ path: ':memory:', threads: 1, memoryLimitMb: 512, temporaryFolder: folder }, 2);
  const tools: ReportTools = { database, beat() {} };
  let files = 0;
  return {
    tools,
    /**
     * Writes rows as a version has them, numbered from 0.
     * @param types DuckDB's types of the columns, in order
     */
    async write(
      types: Readonly<Record<string, string>>,
      roles: Readonly<Record<string, ColumnRole>>,
      rows: readonly PlainRow[],
    ): Promise<ReportedFile> {
      const path = join(folder, `version-${files++}.parquet`);
      const columns = Object.entries(types).map(([name, type]) => {
        const json = `json_extract(value, ${literal(`$."${name}"`)})`;
        const text = `json_extract_string(value, ${literal(`$."${name}"`)})`;
        return `${type.endsWith('[]') ? `CAST(${json} AS ${type})` : `CAST(${text} AS ${type})`} AS ${identifier(name)}`;
      });
      await database.query(
        `COPY (SELECT (key::BIGINT) AS ${identifier(rowColumn)},
           coalesce(json_extract_string(value, '$.split'), 'train') AS ${identifier(splitColumn)},
           ${columns.join(', ')} FROM json_each($rows) ORDER BY 1) TO ${literal(path)} (FORMAT parquet)`,
        { rows: JSON.stringify(rows) },
      );
      return openReportedFile(database, path, roles);
    },
    async [Symbol.asyncDispose]() {
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
