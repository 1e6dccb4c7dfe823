import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolesOfVersion } from '../../gpu-worker/preparation/guess-version-roles.js';
import { reportColumns } from '../../gpu-worker/preparation/ingestion/column-report.js';
import { stagedTable } from '../../gpu-worker/preparation/ingestion/staging.js';
import {
  openReportedFile,
  type ReportedFile,
  type ReportTools,
} from '../../gpu-worker/preparation/report/reported-file.js';
import { rowColumn, splitColumn } from '../../src/protocol/dataset-layout.js';
import type { ColumnType } from '../../src/protocol/datasets/column-type.js';
import { identifier, literal } from '../../src/protocol/duckdb-names.js';
import type { AssignedRoles, RoleSource } from '../../src/protocol/preparation/assigned-roles.js';
import type { ColumnRole } from '../../src/protocol/preparation/column-role.js';
import { openDuckDb } from '../../src/storage/duckdb.js';

/** Types of columns, by what DuckDB calls them. */
const columnTypes: Readonly<Record<string, ColumnType>> = {
  VARCHAR: 'TEXT',
  BIGINT: 'INTEGER',
  DOUBLE: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
  'VARCHAR[]': 'TEXT_LIST',
  'BIGINT[]': 'INTEGER_LIST',
  JSON: 'JSON',
};

export type PlainRow = Readonly<Record<string, unknown>> & { readonly split?: string };

/** A database that reads the files of versions. It and its folder go with the scope. */
export async function openReportRoom() {
  const folder = await mkdtemp(join(tmpdir(), 'attune-report-'));
  const database = await openDuckDb({ path: ':memory:', threads: 1, memoryLimitMb: 512, temporaryFolder: folder }, 2);
  const tools: ReportTools = { database, beat() {} };
  let files = 0;
  const room = {
    tools,
    /** The same with the roles that the columns of a new version have: what somebody says, and else what is guessed. */
    async writeGuessed(
      types: Readonly<Record<string, string>>,
      rows: readonly PlainRow[],
      said: AssignedRoles = [],
    ): Promise<ReportedFile> {
      const { path } = await room.write(types, {}, rows);
      await database.query(
        `CREATE OR REPLACE VIEW ${stagedTable} AS SELECT row_number() OVER () - 1 AS rowid, * FROM read_parquet(${literal(path)})`,
      );
      const { columns } = await reportColumns(
        database,
        Object.entries(types).map(([name, type]) => ({
          name,
          type: columnTypes[type]!,
          expression: identifier(name),
        })),
      );
      const version = { path, exampleCount: rows.length, columns };
      const roles = await rolesOfVersion(version, said, { threads: 1, memoryLimitMb: 256 }, folder);
      return openReportedFile(database, path, roles);
    },
    /**
     * Writes rows as a version has them, numbered from 0.
     * @param types DuckDB's types of the columns, in order
     * @param source how the columns have come by their roles
     */
    async write(
      types: Readonly<Record<string, string>>,
      roles: Readonly<Record<string, ColumnRole>>,
      rows: readonly PlainRow[],
      source: RoleSource = 'SAID',
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
      const given = Object.entries(roles).map(([column, role]) => ({ column, role, source }));
      return openReportedFile(database, path, given);
    },
    async [Symbol.asyncDispose]() {
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return room;
}
