import type { ColumnChanges, VersionComparison } from '../../../src/protocol/preparation/comparison.js';
import { encodeSample, type FrozenEncoder } from '../report/frozen-features.js';
import { type ReportedFile, type ReportTools, rowsOf } from '../report/reported-file.js';
import { openScratchTables } from '../report/scratch-tables.js';
import { measureDrift } from './embedding-drift.js';
import { compareRows } from './row-changes.js';
import { compareLabels, compareLengths } from './shifts.js';

export interface ComparisonOptions {
  /** Columns of both versions that say which rows belong together; none: the whole row does. */
  readonly key: readonly string[];
  /** About how many rows of each version are encoded. */
  readonly encodedRows: number;
  readonly seed: number;
}

/** What differs between two versions' files. @throws RangeError for a key that one of them lacks */
export async function compareVersions(
  tools: ReportTools,
  before: ReportedFile,
  after: ReportedFile,
  encoder: FrozenEncoder | null,
  options: ComparisonOptions,
): Promise<VersionComparison> {
  for (const column of options.key) {
    if (![before, after].every((file) => file.columns.some(({ name }) => name === column)))
      throw new RangeError(`A version has no column “${column}”.`);
  }
  await using scratch = openScratchTables(tools.database);
  return {
    key: [...options.key],
    rowsBefore: await countRows(tools, before),
    rowsAfter: await countRows(tools, after),
    rows: await compareRows(tools, scratch, before, after, options.key),
    columns: compareColumns(before, after),
    labels: await compareLabels(tools, before, after),
    lengths: await compareLengths(tools, before, after),
    embeddings: encoder === null ? null : await compareEmbeddings(tools, before, after, encoder, options),
  };
}

async function countRows({ database }: ReportTools, file: ReportedFile): Promise<number> {
  const [found] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${rowsOf(file)}`);
  return found?.rows ?? 0;
}

function compareColumns(before: ReportedFile, after: ReportedFile): ColumnChanges {
  const typesOf = (file: ReportedFile) => new Map(file.columns.map(({ name, type }) => [name, type]));
  const [types, typesAfter] = [typesOf(before), typesOf(after)];
  return {
    added: [...typesAfter.keys()].filter((name) => !types.has(name)),
    removed: [...types.keys()].filter((name) => !typesAfter.has(name)),
    retyped: [...types].flatMap(([column, type]) => {
      const typeAfter = typesAfter.get(column);
      return typeAfter === undefined || typeAfter === type ? [] : [{ column, before: type, after: typeAfter }];
    }),
  };
}

async function compareEmbeddings(
  tools: ReportTools,
  before: ReportedFile,
  after: ReportedFile,
  encoder: FrozenEncoder,
  { encodedRows: rows, seed }: ComparisonOptions,
) {
  const encode = async (file: ReportedFile) =>
    encodeSample(tools, file, null, encoder, { rows, seed }, await countRows(tools, file));
  const one = await encode(before);
  const two = await encode(after);
  const drift = measureDrift(one.features, two.features, encoder.dimensions, seed, tools.beat);
  return drift === null ? null : { before: one.rows.length, after: two.rows.length, ...drift };
}
