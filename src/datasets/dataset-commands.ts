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
    readonly split: SplitRequest;
    readonly idempotencyKey: string | null;
  }): Promise<string>;

  /** Ingests the upload as the next version of a dataset; returns the version's id. */
  addDatasetVersion(request: {
    readonly datasetId: string;
    readonly uploadId: string;
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

  /** Counts what training and evaluation would use: rows that have all the texts, one or a pair. The columns exist. */
  countLabels(request: {
    readonly digest: string;
    readonly textColumns: readonly string[];
    readonly labelColumns: readonly string[];
  }): Promise<LabelCounts>;

  /** At most `limit` rows of a split that have all the texts, evenly spaced over it; in the order of the rows. The columns exist. */
  sampleTexts(request: {
    readonly digest: string;
    readonly split: string;
    readonly textColumns: readonly string[];
    readonly limit: number;
  }): Promise<readonly SampledTexts[]>;
}

/** The texts of one row, in the order of the columns asked for. */
export interface SampledTexts {
  readonly row: number;
  readonly texts: readonly string[];
}

/** Rows that have all their texts, counted by split. */
export interface LabelCounts {
  /** By split: those that have a label in at least one of the label columns. A split without any may be missing. */
  readonly labelled: Readonly<Record<string, number>>;
  /** By label column, as text: how often each label occurs in each split. Missing labels are not listed. */
  readonly labels: Readonly<
    Record<string, readonly { readonly split: string; readonly label: string; readonly count: number }[]>
  >;
}
