import { join } from 'node:path';
import type { FileNotice } from '../../src/protocol/datasets/file-notice.js';
import { usualSplit } from '../../src/protocol/datasets/split-request.js';
import type { StoredSplitPlan } from '../../src/protocol/datasets/stored-version.js';
import type { VersionRoles } from '../../src/protocol/preparation/assigned-roles.js';
import type { PreparationStage, PrepareJob } from '../../src/protocol/preparation/prepare-job.js';
import type { PreparedRows } from '../../src/protocol/preparation/prepared-rows.js';
import type { StepReport } from '../../src/protocol/preparation/step-report.js';
import { openDuckDb } from '../../src/storage/duckdb.js';
import { createFreshNames } from './fresh-names.js';
import { rolesOfVersion } from './guess-version-roles.js';
import { fewNumbers } from './ingestion/few-numbers.js';
import { type IngestionSettings, ingest } from './ingestion/ingest.js';
import { keptExcerpts } from './kept-excerpts.js';
import type { KeptSteps } from './kept-steps.js';
import type { RecipeTools, RowTable } from './row-table.js';
import { atSource, type OpenedSource, rowsOfSources } from './rows-of-sources.js';
import { runRecipe } from './run-recipe.js';
import { saidRoles } from './said-roles.js';
import { writeRows } from './write-rows.js';

export interface PreparationRequest extends Pick<PrepareJob, 'recipe' | 'split' | 'textNames' | 'roles'> {
  readonly sources: readonly OpenedSource[];
  /** An empty folder, on the file system of the artifact store, so that the result can be moved there. */
  readonly folder: string;
  readonly versionPath: RecipeTools['versionPath'];
  readonly tokenCounter: RecipeTools['tokenCounter'];
  readonly maskedModel: RecipeTools['maskedModel'];
  /** What earlier attempts kept. */
  readonly kept: KeptSteps;
  readonly onProgress: (stage: PreparationStage, step: number | null, rows: number | null) => void;
}

/** What was made; `path`: the Parquet file, inside the request's folder. */
export type MadeRows = Omit<PreparedRows, 'digest'> & { readonly path: string };

/**
 * Takes the rows of sources through a recipe, and writes them as those of a dataset version. Memory is limited to
 * `memoryLimitMb` and some rows; other data are on disk, in the folder, which the caller removes.
 * @throws ProblemsError for what is wrong with sources, recipe or splits; StorageError; RunStopped
 */
export async function prepareRows(
  request: PreparationRequest,
  settings: IngestionSettings,
  beat: () => void,
): Promise<MadeRows> {
  const { sources, recipe, split } = request;
  const [first] = sources;
  if (sources.length === 1 && recipe.length === 0 && first?.kind === 'upload' && first.split === null) {
    const made = await ingestFile(request, first, settings);
    const { format, ...others } = made;
    return { ...others, formats: [format], steps: [], roles: await rolesOf(request, made, settings) };
  }
  const { textNames, folder, onProgress, versionPath, tokenCounter, maskedModel, kept } = request;
  const database = await openDuckDb({ ...settings, path: ':memory:', temporaryFolder: join(folder, 'spill') }, 1);
  try {
    const former = await kept.resume(database);
    const names = createFreshNames(former?.names);
    const tools: RecipeTools = { database, names, beat, versionPath, tokenCounter, maskedModel };
    const read = former === null ? await rowsOfSources(sources, textNames, folder, tools) : null;
    const { table: rows, facts } = read ?? former!;
    let rowCount = former?.reports.at(-1)?.rowsAfter ?? read?.rowCount ?? null;
    const keep = (reached: RowTable, reports: readonly StepReport[]) => {
      rowCount = reports.at(-1)?.rowsAfter ?? rowCount;
      return kept.keep(database, { table: reached, reports, facts, names: names.given() });
    };
    if (former === null) await keep(rows, []);
    const onStep = (step: number) => onProgress('STEPS', step, rowCount);
    const { table, reports } = await runRecipe(recipe, rows, tools, onStep, keep, former?.reports);
    const written = await writeRows(database, table, {
      split,
      leftOutColumns: facts.leftOutColumns,
      folder,
      onStage: (stage) => onProgress(stage, null, rowCount),
    });
    const excerpts = keptExcerpts(recipe, reports, facts);
    const notices: FileNotice[] = [...excerpts.notices, ...fewNumbers(written.columns, written.exampleCount)];
    const isAsItWas = recipe.length === 0 && split === null;
    return {
      ...facts,
      ...written,
      ...excerpts,
      splitPlan: isAsItWas ? joinedPlan(sources, written.splitPlan) : written.splitPlan,
      notices,
      roles: await rolesOf(request, written, settings),
    };
  } finally {
    database.close();
  }
}

/** What the columns of the rows that were made are for: as somebody says, or guessed. */
function rolesOf(
  { roles, sources, recipe, folder }: PreparationRequest,
  made: Parameters<typeof rolesOfVersion>[0],
  settings: IngestionSettings,
): Promise<VersionRoles> {
  const names = made.columns.map(({ name }) => name);
  return rolesOfVersion(made, saidRoles(roles, sources, recipe, names), settings, folder);
}

/** One file as it is: the way that keeps least beside the rows. */
async function ingestFile(
  { split, textNames, folder, onProgress }: PreparationRequest,
  source: OpenedSource & { readonly kind: 'upload' },
  settings: IngestionSettings,
) {
  const { path, format, fileOptions, fileName } = source;
  return ingest(
    {
      path,
      name: fileName,
      format,
      ...(fileOptions === null ? {} : { options: fileOptions }),
      ...(textNames === null ? {} : { textNames }),
      split: split ?? usualSplit,
      folder: join(folder, 'ingestion'),
      onStage: (stage, rows) => onProgress(stage, null, rows),
    },
    settings,
  ).catch((error: unknown) => {
    throw atSource(error, 0, 'upload');
  });
}

/** Of versions that each became a split, the plan says which became which. */
function joinedPlan(sources: readonly OpenedSource[], plan: StoredSplitPlan): StoredSplitPlan {
  const joined = sources.flatMap((source) =>
    source.kind === 'version' && source.split !== null
      ? [{ split: source.split, datasetVersionId: source.versionId }]
      : [],
  );
  const { kept, ...others } = plan;
  return kept === true && joined.length === sources.length ? { ...others, joined } : plan;
}
