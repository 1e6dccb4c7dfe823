import type { FileOptions } from './file-options.js';
import type { FileFormat, SplitRequest } from './split-request.js';

/** What the graph's mutations ask of this slice. All throw ProblemsError for what the client can put right. */
export interface DatasetCommands {
  createUpload(request: {
    readonly projectId: string;
    readonly fileName: string;
    readonly format: FileFormat;
    readonly idempotencyKey: string | null;
  }): Promise<{ readonly id: string; readonly url: string; readonly expiresAt: Date; readonly maxBytes: number }>;

  /** Ingests the upload as version 1 of a new dataset; returns the dataset's id. */
  createDataset(request: {
    readonly projectId: string;
    readonly name: string;
    readonly description: string | null;
    readonly uploadId: string;
    /** Null: as is usual for the format. */
    readonly fileOptions: FileOptions | null;
    readonly split: SplitRequest;
    readonly idempotencyKey: string | null;
  }): Promise<string>;

  /** Ingests the upload as the next version of a dataset; returns the version's id. */
  addDatasetVersion(request: {
    readonly datasetId: string;
    readonly uploadId: string;
    /** Null: as is usual for the format. */
    readonly fileOptions: FileOptions | null;
    readonly split: SplitRequest;
    readonly idempotencyKey: string | null;
  }): Promise<string>;
}

export interface StoredExample {
  readonly row: number;
  readonly split: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Reads rows of a version's file. */
export interface ExampleReader {
  /** At most `limit` rows after `afterRow`, by row; null: from the first, and of every split. */
  readExamples(request: {
    readonly digest: string;
    readonly split: string | null;
    readonly afterRow: number | null;
    readonly limit: number;
  }): Promise<readonly StoredExample[]>;

  /**
   * Counts what training and evaluation would use: rows that have all the texts, one or a pair, or words. The columns exist.
   * Of a column of lists, the items are counted.
   *
   * @param tagColumns lists of tags, one for each word: in contrast to `labelColumns`, an empty list says nothing of its row
   * @param numberColumns numbers are targets, too, if they are finite; they are not listed among the labels
   */
  countLabels(request: {
    readonly digest: string;
    readonly textColumns: readonly string[];
    readonly labelColumns: readonly string[];
    readonly tagColumns?: readonly string[];
    readonly numberColumns?: readonly string[];
  }): Promise<LabelCounts>;

  /** Measures numbers of rows that have all the texts. The columns exist, and hold numbers or lists of numbers. */
  summarizeNumbers(request: {
    readonly digest: string;
    readonly textColumns: readonly string[];
    readonly numberColumns: readonly string[];
  }): Promise<NumberSummaries>;

  /** Measures lists, and compares those of one row, as of words and their tags. The columns exist, and hold lists. */
  measureLists(request: { readonly digest: string; readonly columns: readonly string[] }): Promise<ListMeasures>;

  /** Compares the words of each row with its tags. The columns exist; that of the tags holds lists, that of the words lists or texts. */
  compareWords(request: {
    readonly digest: string;
    readonly wordColumn: string;
    readonly tagColumn: string;
  }): Promise<readonly UnequalWords[]>;

  /** At most `limit` rows of a split that have all the texts, evenly spaced over it; in the order of the rows. The columns exist. */
  sampleTexts(request: {
    readonly digest: string;
    readonly split: string;
    readonly textColumns: readonly string[];
    readonly limit: number;
  }): Promise<readonly SampledTexts[]>;
}

/** The texts of one row, in the order of the columns asked for; words are joined by spaces. */
export interface SampledTexts {
  readonly row: number;
  readonly texts: readonly string[];
}

/** Rows that have all their texts, counted by split. */
export interface LabelCounts {
  /** By split: those that have a target in at least one of the columns. A split without any may be missing. */
  readonly labelled: Readonly<Record<string, number>>;
  /**
   * By column of labels or tags, as text: how often each label occurs in each split. Missing labels are not listed. An item that a list has
   * twice counts twice.
   */
  readonly labels: Readonly<
    Record<string, readonly { readonly split: string; readonly label: string; readonly count: number }[]>
  >;
}

/** By column: each split that has rows with all the texts and, in a column of lists, each position that some list has. */
export type NumberSummaries = Readonly<Record<string, readonly NumberSummary[]>>;

/** The numbers of one column in one split; of lists, those at one position. */
export interface NumberSummary {
  readonly split: string;
  /** From 0, in lists of at most `maxPositions`; 0 where the column holds numbers. */
  readonly position: number;
  /** Finite numbers: the next four lines are about them, and null without any. */
  readonly count: number;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly mean: number | null;
  /** Of the numbers as they are, not as a sample of more: divided by `count`. */
  readonly standardDeviation: number | null;
  /** Rows without a number; of lists, those without a list and those with a shorter one. */
  readonly missing: number;
  /** NaN and infinities. */
  readonly nonFinite: number;
}

export interface ListMeasures {
  /** By column: each split that has a list. */
  readonly lengths: Readonly<
    Record<
      string,
      readonly { readonly split: string; readonly lists: number; readonly shortest: number; readonly longest: number }[]
    >
  >;
  /** By split: rows whose lists are not all of one length. Missing lists are not compared; a split without such rows is missing. */
  readonly unequal: Readonly<Record<string, number>>;
}

/** Rows of a split whose words and tags are not as many. */
export interface UnequalWords {
  readonly split: string;
  readonly rows: number;
  /** The first of them, with what it has. */
  readonly firstRow: number;
  readonly words: number;
  readonly tags: number;
}
