import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { columnTypes } from '../../src/protocol/datasets/column-type.js';
import { FileNotice } from '../../src/protocol/datasets/file-notice.js';
import { LeftOutColumn } from '../../src/protocol/datasets/left-out-column.js';
import { RejectedRow } from '../../src/protocol/datasets/rejected-row.js';
import { FileFormat } from '../../src/protocol/datasets/split-request.js';
import { messageOf } from '../../src/protocol/message-of.js';
import type { PrepareJob } from '../../src/protocol/preparation/prepare-job.js';
import { StepReport } from '../../src/protocol/preparation/step-report.js';
import { readVersion } from '../../src/protocol/product-version.js';
import { type DuckDb, literal } from '../../src/storage/duckdb.js';
import { temporaryName } from '../../src/storage/temporary-files.js';
import { RunStopped } from '../run-stopped.js';
import type { RowTable, TableColumn } from './row-table.js';
import type { SourceFacts } from './rows-of-sources.js';

const count = z.number().int().min(0);

const Reached = z.object({
  table: z.object({
    name: z.string(),
    columns: z.array(
      z.object({ name: z.string(), type: z.enum(columnTypes), field: z.string(), textField: z.string().optional() }),
    ),
  }),
  reports: z.array(StepReport),
  facts: z.object({
    rejectedCount: count,
    rejectedRows: z.array(RejectedRow),
    leftOutColumns: z.array(LeftOutColumn),
    notices: z.array(FileNotice),
    formats: z.array(FileFormat.nullable()),
    header: z.boolean().nullable(),
  }),
  /** How many names in SQL were given to tables and to columns. */
  names: z.object({ tables: count, fields: count }),
});

/** How far a preparation has come, with the rows in a table after as many steps as there are reports. */
export interface Progress {
  readonly table: RowTable;
  readonly reports: readonly StepReport[];
  readonly facts: SourceFacts;
  readonly names: { readonly tables: number; readonly fields: number };
}

const Manifest = z.object({ work: z.string(), file: z.string(), rows: count, reached: Reached });

/** What a preparation keeps of its finished steps, so that another attempt does not begin with the first. */
export interface KeptSteps {
  /** Brings the rows of an earlier attempt into the database. Null: none are kept, or they can not be used. */
  resume(database: DuckDb): Promise<Progress | null>;
  /** To be called when the rows were read, and after each step: keeps the rows if that is worth its time. */
  keep(database: DuckDb, reached: Progress): Promise<void>;
  /** Removes what is kept. */
  forget(): Promise<void>;
}

/** Less work than this is rather done again. */
const leastWorkMs = 5_000;
/** The share of the work since rows were last kept that keeping them may take. */
const mostShare = 0.05;
/** The part of the rows that tells how long writing all of them would take. */
const sampledPart = 1 / 32;
const leastSample = 2_048;

/**
 * Keeps rows in a folder: a file of DuckDB, which has a checksum for each block, and a manifest that names it, the work
 * that it belongs to, and what else is known.
 * @param folder of this preparation alone
 * @param work what determines the rows
 * @param tell says in the worker's log what was done, and why not
 */
export function keptSteps(
  folder: string,
  work: Pick<PrepareJob, 'sources' | 'recipe' | 'namedVersions' | 'textNames'>,
  tell: (message: string) => void,
  { leastMs = leastWorkMs, share = mostShare } = {},
): KeptSteps {
  const manifestPath = join(folder, 'manifest.json');
  let since = performance.now();
  let former: string | null = null;

  async function discard(reason: string): Promise<null> {
    tell(`What an earlier attempt kept of its steps is not used: ${reason}.`);
    await rm(folder, { recursive: true, force: true });
    return null;
  }

  async function write(database: DuckDb, reached: Progress, workedMs: number): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { name } = reached.table;
    const [found] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${name}`);
    const { rows } = found!;
    const sample = Math.max(leastSample, Math.ceil(rows * sampledPart));
    const writing = (limit: number) => timed(() => copyTo(database, join(folder, temporaryName()), name, limit));
    const emptyMs = await writing(0);
    const estimateMs = emptyMs + Math.max(0, (await writing(sample)) - emptyMs) * Math.max(1, rows / sample);
    if (estimateMs > share * workedMs) {
      tell(`Rows are not kept: that would take ${Math.round(estimateMs)} ms after ${Math.round(workedMs)} ms of work.`);
      return;
    }
    const file = `${temporaryName()}.rows`;
    await copyTo(database, join(folder, file), name, null);
    const manifest = Manifest.parse({ work: await digestOf(work, database), file, rows, reached });
    const written = join(folder, temporaryName());
    await writeFile(written, JSON.stringify(manifest), { mode: 0o600 });
    await rename(written, manifestPath);
    if (former !== null) await rm(join(folder, former), { force: true });
    former = file;
    since = performance.now();
    tell(`Kept ${rows} rows after ${reached.reports.length} steps.`);
  }

  return {
    async resume(database) {
      const stored = await readFile(manifestPath, 'utf8').catch(() => null);
      if (stored === null) return null;
      const manifest = Manifest.safeParse(parsed(stored));
      if (!manifest.success) return discard('its manifest is damaged');
      const { file, rows, reached } = manifest.data;
      if (manifest.data.work !== (await digestOf(work, database))) return discard('it belongs to other work');
      const { name } = reached.table;
      const found = await copyFrom(database, join(folder, file), name).catch((error: unknown) => String(error));
      if (found !== rows) {
        await database.query(`DROP TABLE IF EXISTS ${name}`);
        return discard(typeof found === 'string' ? found : `it has ${found} rows in place of ${rows}`);
      }
      former = file;
      since = performance.now();
      tell(`Goes on after ${reached.reports.length} steps of an earlier attempt, with ${rows} rows.`);
      return { ...reached, table: { ...reached.table, columns: reached.table.columns.map(columnOf) } };
    },

    async keep(database, reached) {
      const workedMs = performance.now() - since;
      if (workedMs < leastMs) return;
      try {
        await write(database, reached, workedMs);
      } catch (error) {
        if (error instanceof RunStopped) throw error;
        tell(`Rows are not kept: ${messageOf(error)}`);
      }
    },

    forget: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Same work, same release and same libraries: the same rows. */
async function digestOf(work: Parameters<typeof keptSteps>[1], database: DuckDb): Promise<string> {
  const [duckDb] = await database.query<{ version: string }>('SELECT version() AS version');
  const { node, unicode, icu } = process.versions;
  const { sources, recipe, namedVersions, textNames } = work;
  const determined = { sources, recipe, namedVersions, textNames };
  const by = { attune: readVersion(), duckDb: duckDb!.version, node, unicode, icu, arch: process.arch };
  return createHash('sha256').update(JSON.stringify({ determined, by })).digest('hex');
}

const attached = 'kept_rows';

/** @param limit how many rows, of a sample that does not stay; null: all */
async function copyTo(database: DuckDb, path: string, table: string, limit: number | null): Promise<void> {
  await database.query(`ATTACH ${literal(path)} AS ${attached}`);
  try {
    const rows = limit === null ? '' : ` LIMIT ${limit}`;
    await database.query(`CREATE TABLE ${attached}.rows AS SELECT * FROM ${table}${rows}`);
    await database.query(`CHECKPOINT ${attached}`);
  } finally {
    await database.query(`DETACH ${attached}`);
    if (limit !== null) await rm(path, { force: true });
  }
}

/** Returns how many rows there are. */
async function copyFrom(database: DuckDb, path: string, table: string): Promise<number> {
  await database.query(`ATTACH ${literal(path)} AS ${attached} (READ_ONLY)`);
  try {
    await database.query(`CREATE TABLE ${table} AS SELECT * FROM ${attached}.rows`);
  } finally {
    await database.query(`DETACH ${attached}`);
  }
  const [found] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${table}`);
  return found!.rows;
}

/** A column without texts of its own has no such field. */
function columnOf({ textField, ...column }: z.infer<typeof Reached>['table']['columns'][number]): TableColumn {
  return textField === undefined ? column : { ...column, textField };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
