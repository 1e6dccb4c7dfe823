import type { ColumnType } from '../../src/protocol/datasets/column-type.js';
import type { DuckDb } from '../../src/storage/duckdb.js';
import type { MaskedModel } from './augmentation/masked-model.js';

/** A column of the rows between two steps. */
export interface TableColumn {
  /** The column's name for its user. */
  readonly name: string;
  readonly type: ColumnType;
  /** Its name in SQL: c0, c1, … so that no user's name gets into a statement. */
  readonly field: string;
  /**
   * The name in SQL of the texts of its values in the file, by which classes are named: `3.10` is not the class `3.1`.
   * A step that changes values sets it to null where it does, and the text is made from the value.
   */
  readonly textField?: string;
}

/**
 * The rows between two steps: a table of DuckDB, which has the users' columns under their fields and
 *
 * - `row BIGINT`: unique, in the order of the rows. A row keeps its number through all steps; rows that a step adds
 *   have greater ones.
 * - `split VARCHAR`: null until the row has one.
 * - `made_by VARCHAR`: null for a row of the sources, else the kind of the step that made it.
 * - `source_row BIGINT`: of a made row, the row that it was made from.
 */
export interface RowTable {
  readonly name: string;
  readonly columns: readonly TableColumn[];
}

/** Names in SQL that no other table or column of the preparation has. */
export interface FreshNames {
  table(): string;
  field(): string;
}

/** What a step may use. */
export interface StepTools {
  readonly database: DuckDb;
  readonly names: FreshNames;
  /** The place of the step in its recipe, from 0. */
  readonly step: number;
  /**
   * A masked language model, which stays open until the recipe ends.
   * @param path of the model in the step. Errors: ProblemError, ProblemsError
   */
  maskedModel(digest: string, path: readonly string[]): Promise<MaskedModel>;
  /** A sign of life, at least once a second of computing. Throws RunStopped when the job is to stop. */
  beat(): void;
  /**
   * The Parquet file of a dataset version that the recipe names, by its global id.
   * @throws ProblemsError MISSING_ARTIFACT
   */
  versionPath(datasetVersionId: string): Promise<string>;
  /**
   * A function that counts the tokens of a text for a model, by the digest of its manifest.
   * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL
   */
  tokenCounter(model: string): Promise<(text: string) => number>;
}

/** What all steps of a recipe share. */
export type RecipeTools = Omit<StepTools, 'step'>;

export interface StepOutcome {
  readonly table: RowTable;
  /**
   * A table with `row BIGINT`, `other_row BIGINT`, `reason VARCHAR`: why a row was dropped or changed, and which row it
   * doubles. A row has at most one entry.
   */
  readonly notes?: string;
  /**
   * New columns whose values the step found. A row where one of them is neither missing nor false is among those that
   * the step changed, and its examples show the value. A column that only has another name is none of these.
   */
  readonly found?: readonly TableColumn[];
  /** Whether rows were dropped and all others are as they were. Default: rows may have changed. */
  readonly onlyDrops?: boolean;
}

/**
 * Does one step. The table it gets stays as it is; the engine drops it afterwards.
 * @throws ProblemsError whose paths begin inside the step
 */
export type RunStep<Step> = (step: Step, table: RowTable, tools: StepTools) => Promise<StepOutcome>;
