import type { Transaction } from '../database/transaction.js';
import type { FileOptions } from '../protocol/datasets/file-options.js';
import type { SplitRequest, UploadFormat } from '../protocol/datasets/split-request.js';
import type { DividedSplit } from '../protocol/held-out.js';
import type { DatasetVersionRow } from './dataset.reads.js';
import type { DuplicatesOfSplit, TextsOfSplits } from './find-duplicates.js';

/**
 * The operations of this slice for the graph's mutations. All throw ProblemsError for mistakes that the client can
 * correct.
 */
export interface DatasetCommands {
  createUpload(request: {
    readonly projectId: string;
    readonly fileName: string;
    readonly format: UploadFormat;
    /** What the file has to have; null: not known yet. */
    readonly sizeBytes?: number | null;
    readonly sha256?: string | null;
    readonly idempotencyKey: string | null;
  }): Promise<{ readonly id: string; readonly url: string; readonly expiresAt: Date; readonly maxBytes: number }>;

  /** Deletes a user's upload that no dataset was made of. Throws ProblemsError NOT_FOUND. */
  cancelUpload(uploadId: string, userId: string): Promise<void>;

  /**
   * Reads an upload into rows that become no dataset, all of one split, and uses it up. `record` inserts the object
   * that keeps them, in the transaction that refers to their file. Returns the object's id, also of a repeated call.
   */
  useUpload(request: {
    readonly projectId: string;
    readonly operation: string;
    readonly idempotencyKey: string | null;
    /** The client's whole input, without the key. */
    readonly input: object;
    readonly uploadId: string;
    readonly fileOptions: FileOptions | null;
    /** The names that the texts of the file may have: nothing but texts is read from it. */
    readonly textNames: readonly string[];
    readonly record: (transaction: Transaction, id: string, rows: UploadedRows) => Promise<void>;
  }): Promise<string>;

  /** Ingests the upload as version 1 of a new dataset; returns the dataset's id. */
  createDataset(request: {
    readonly projectId: string;
    readonly name: string;
    readonly description: string | null;
    readonly uploadId: string;
    /** Null: the usual options of the format. */
    readonly fileOptions: FileOptions | null;
    readonly split: SplitRequest;
    readonly idempotencyKey: string | null;
  }): Promise<string>;

  /** Ingests the upload as the next version of a dataset; returns the version's id. */
  addDatasetVersion(request: {
    readonly datasetId: string;
    readonly uploadId: string;
    /** Null: the usual options of the format. */
    readonly fileOptions: FileOptions | null;
    readonly split: SplitRequest;
    readonly idempotencyKey: string | null;
  }): Promise<string>;

  /** Gives the rows of a version other splits, as the next version of its dataset; returns the new version's id. */
  resplitDatasetVersion(request: {
    readonly datasetVersionId: string;
    readonly split: SplitRequest;
    readonly idempotencyKey: string | null;
  }): Promise<string>;

  /** Joins versions of one project, each as a split, as the next version of a dataset; returns the version's id. */
  joinDatasetVersions(request: {
    readonly datasetId: string;
    readonly parts: readonly { readonly datasetVersionId: string; readonly split: string }[];
    readonly idempotencyKey: string | null;
  }): Promise<string>;
}

/** The rows of an uploaded file, in the store as those of a dataset version. */
interface UploadedRows extends Pick<DatasetVersionRow, 'columns' | 'leftOutColumns' | 'splits'> {
  /** Artifact of the rows. */
  readonly digest: string;
  readonly exampleCount: number;
  readonly rejectedCount: number;
}

export interface StoredExample {
  readonly row: number;
  readonly split: string;
  /** The kind of the recipe's step that made the row, and the row that it was made from, while that is there. */
  readonly madeBy: string | null;
  readonly sourceRow: number | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Reads rows of a version's file. */
export interface ExampleReader {
  /**
   * At most `limit` rows, in order: those after `afterRow` (null: from the first one), or the last ones before
   * `beforeRow`. A null split: of every split.
   */
  readExamples(request: {
    readonly digest: string;
    readonly split: string | null;
    readonly afterRow?: number | null;
    readonly beforeRow?: number;
    readonly limit: number;
  }): Promise<readonly StoredExample[]>;

  /** The rows with these numbers, in order; numbers that the version does not have are left out. */
  readRows(request: { readonly digest: string; readonly rows: readonly number[] }): Promise<readonly StoredExample[]>;

  /**
   * Rows of a statement that reads Parquet files of the store, in SQL of DuckDB: `read_parquet($name)`.
   * @param files by the names of their parameters, digests
   */
  queryFiles<Row>(
    sql: string,
    files: Readonly<Record<string, string>>,
    values: Readonly<Record<string, string | number | boolean | null>>,
  ): Promise<readonly Row[]>;

  /**
   * Counts the targets that training and evaluation would use, in rows that have all their texts (one, or a pair) or
   * words. The columns must exist. In columns of lists, the items are counted.
   *
   * @param tagColumns lists of tags, one for each word: other than in `labelColumns`, a row with an empty list counts
   * as unlabelled
   * @param numberColumns finite numbers are targets too, but are not listed among the labels
   * @param division held-out rows are counted in a split of their own, which `heldOutPartOf` names
   */
  countLabels(request: {
    readonly digest: string;
    readonly textColumns: readonly string[];
    readonly labelColumns: readonly string[];
    readonly tagColumns?: readonly string[];
    readonly numberColumns?: readonly string[];
    readonly division?: DividedSplit | null;
  }): Promise<LabelCounts>;

  /**
   * Measures the numbers of rows that have all their texts. The columns must exist, and hold numbers or lists of
   * numbers.
   */
  summarizeNumbers(request: {
    readonly digest: string;
    readonly textColumns: readonly string[];
    readonly numberColumns: readonly string[];
    readonly division?: DividedSplit | null;
  }): Promise<NumberSummaries>;

  /**
   * Measures lists, and compares the lists of each row, such as words and their tags. The columns must exist and hold
   * lists.
   */
  measureLists(request: { readonly digest: string; readonly columns: readonly string[] }): Promise<ListMeasures>;

  /**
   * Compares the words of each row with its tags. The columns must exist; the tag column holds lists, the word column
   * lists or texts.
   */
  compareWords(request: {
    readonly digest: string;
    readonly wordColumn: string;
    readonly tagColumn: string;
    readonly division?: DividedSplit | null;
  }): Promise<readonly UnequalWords[]>;

  /**
   * At most `limit` rows of a split that have all their texts, evenly spaced over the split, in order. The columns must
   * exist.
   */
  sampleTexts(request: {
    readonly digest: string;
    readonly split: string;
    readonly textColumns: readonly string[];
    /** Columns that a row may lack: their texts follow the others'. Default: none. */
    readonly optionalColumns?: readonly string[];
    readonly limit: number;
  }): Promise<readonly SampledTexts[]>;

  /**
   * Texts of `measured` that are in `trained`, too, by split; a split without any is left out. The columns must exist.
   * Null: a file is too large to be searched.
   */
  findDuplicates(request: {
    readonly trained: TextsOfVersion;
    readonly measured: TextsOfVersion;
  }): Promise<readonly DuplicatesOfSplit[] | null>;
}

/** Splits of a version. */
type TextsOfVersion = Omit<TextsOfSplits, 'path'> & { readonly digest: string };

/**
 * The texts of one row, in the order of the requested columns; words are joined by spaces. An optional text that is
 * missing is empty.
 */
export interface SampledTexts {
  readonly row: number;
  readonly texts: readonly string[];
}

/** Counts of rows that have all their texts, by split. */
export interface LabelCounts {
  /**
   * For each split, the rows that have a target in at least one of the columns. A split without such rows may be
   * missing.
   */
  readonly labelled: Readonly<Record<string, number>>;
  /**
   * For each column of labels or tags: how often each label, as text, occurs in each split. Labels that do not occur
   * are not listed. An item that a list has twice counts twice.
   */
  readonly labels: Readonly<
    Record<string, readonly { readonly split: string; readonly label: string; readonly count: number }[]>
  >;
  /** For each column of labels that holds lists: the splits in which a row has one, if only an empty one. */
  readonly splitsWithLists: Readonly<Record<string, readonly string[]>>;
  /** For each column of labels that holds lists, and each split: how many rows have one. */
  readonly lists?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * For each column: an entry for each split with rows that have all their texts and, in a column of lists, for each
 * position that occurs.
 */
export type NumberSummaries = Readonly<Record<string, readonly NumberSummary[]>>;

/** A summary of the numbers of one column in one split; in a column of lists, of the numbers at one position. */
export interface NumberSummary {
  readonly split: string;
  /** Position in the lists, from 0, below `maxPositions`; 0 if the column holds numbers. */
  readonly position: number;
  /** How many finite numbers there are. The following measures describe them, and are null without any. */
  readonly count: number;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly mean: number | null;
  /** Standard deviation of the numbers as a population, not as a sample: the divisor is `count`. */
  readonly standardDeviation: number | null;
  /** Rows without a number; in a column of lists, rows without a list or with a shorter one. */
  readonly missing: number;
  /** How many NaN and infinities there are. */
  readonly nonFinite: number;
}

export interface ListMeasures {
  /** For each column: an entry for each split that has a list. */
  readonly lengths: Readonly<
    Record<
      string,
      readonly { readonly split: string; readonly lists: number; readonly shortest: number; readonly longest: number }[]
    >
  >;
  /**
   * For each split: how many rows have lists of different lengths. Missing lists are not compared; a split without such
   * rows is left out.
   */
  readonly unequal: Readonly<Record<string, number>>;
}

/** The rows of a split whose numbers of words and tags differ. */
export interface UnequalWords {
  readonly split: string;
  readonly rows: number;
  /** The first of these rows, with its counts. */
  readonly firstRow: number;
  readonly words: number;
  readonly tags: number;
}
