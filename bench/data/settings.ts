import type { ColumnType } from '../../src/protocol/datasets/column-type.js';

export type WorkName = 'report' | 'exact' | 'near' | 'personal' | 'preview' | 'prepare';

/** A CSV file in the store. */
export interface CsvFile {
  readonly path: string;
  readonly digest: string;
  readonly rows: number;
}

/** A dataset version in the store. */
export interface VersionFile extends CsvFile {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** Texts, one a line. */
export interface TextFile {
  readonly path: string;
  readonly rows: number;
}

/** The JSON file that tells one side what to do: attune.ts and the scripts in python/ read what they need of it. */
export interface SideSettings {
  readonly work: WorkName;
  readonly threads: number;
  /** Of DuckDB in the product's thread. */
  readonly memoryLimitMb: number;
  /** The artifact store, and a folder for files of jobs. */
  readonly folders: { readonly artifacts: string; readonly work: string };
  readonly csv?: CsvFile;
  readonly version?: VersionFile;
  readonly texts?: TextFile;
  /** Of near duplicates: the words of a shingle, and the permutations that both sides take. */
  readonly near?: {
    readonly size: number;
    readonly threshold: number;
    readonly seed: number;
    readonly factors: readonly number[];
    readonly terms: readonly number[];
  };
  /** Calls of each preview. */
  readonly calls?: number;
  /** Texts that presidio reads of the file, which would take an hour for all. */
  readonly peerTexts?: number;
  /** A folder that the side may write into. */
  readonly output: string;
}

/** What one side prints as its last line. */
export interface SideResult {
  /** From the input's file to the result. */
  readonly seconds: number;
  /** User and system time of all threads and processes meanwhile. */
  readonly processorSeconds: number;
  /** Largest resident memory of the process, that of processes it started not counted. */
  readonly peakBytes: number;
  /** What was there after the imports alone. */
  readonly importedBytes: number;
  /** Figures that both sides have to agree on. */
  readonly agreed: Readonly<Record<string, number | string>>;
  /** Others. */
  readonly figures?: Readonly<Record<string, number | readonly number[]>>;
}
