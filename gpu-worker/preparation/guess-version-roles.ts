import { join } from 'node:path';
import { isListType } from '../../src/protocol/datasets/column-type.js';
import type { StoredColumn } from '../../src/protocol/datasets/stored-version.js';
import type { AssignedRoles, VersionRoles } from '../../src/protocol/preparation/assigned-roles.js';
import { guessRoles } from '../../src/protocol/preparation/column-roles.js';
import { identifier, literal, openDuckDb } from '../../src/storage/duckdb.js';

/** More values would not change what the first ones show. */
const sampledRows = 200;
const sampledCharacters = 2000;

/**
 * What the columns of a version are for: as its owner says, and for the others as it is guessed by their names and
 * values.
 * @param folder for the data of the database that reads the file
 */
export async function rolesOfVersion(
  version: {
    readonly path: string;
    readonly exampleCount: number;
    readonly columns: readonly StoredColumn[];
  },
  assigned: AssignedRoles,
  settings: { readonly threads: number; readonly memoryLimitMb: number },
  folder: string,
): Promise<VersionRoles> {
  const { path, columns, exampleCount } = version;
  const { threads, memoryLimitMb } = settings;
  const temporaryFolder = join(folder, 'sampling');
  const database = await openDuckDb({ threads, memoryLimitMb, path: ':memory:', temporaryFolder }, 1);
  try {
    const values = columns.map(({ name, type }, index) => {
      const value = identifier(name);
      // Long texts are as telling by their beginnings, but lists and JSON are read whole.
      const sample =
        type === 'TEXT' ? `left(${value}, ${sampledCharacters})` : isListType(type) ? `to_json(${value})` : value;
      return `CAST(${sample} AS VARCHAR) AS c${index}`;
    });
    const rows = await database.query<Record<string, string | null>>(
      `SELECT ${values.join(', ')} FROM read_parquet(${literal(path)}) LIMIT ${sampledRows}`,
    );
    const described = columns.map((column, index) => ({
      ...column,
      samples: rows.flatMap((row) => row[`c${index}`] ?? []),
    }));
    const given = new Map(assigned.map(({ column, role }) => [column, role]));
    return guessRoles(described, exampleCount).map(({ column, role, reason }) => {
      const said = given.get(column);
      return said === undefined
        ? { column, role, source: 'GUESSED', reason }
        : { column, role: said, source: 'SAID', reason: null };
    });
  } finally {
    database.close();
  }
}
