import type { Machine } from '../machine.js';
import type { PythonVersions } from './python.js';
import type { Evaluation } from './turns.js';

/** Of one side, a value for each of its turns that had steps. */
export interface SideResult {
  readonly seconds: readonly number[];
  readonly processorSeconds: readonly number[];
  readonly examples: readonly number[];
  /** At the end of each epoch, or of the pass. */
  readonly evaluations: readonly Evaluation[];
  readonly peakBytes: number;
  readonly importedBytes: number;
}

/** What was measured of a row. */
export interface RowResult {
  readonly name: string;
  readonly measuredAt: string;
  readonly minutes: number;
  readonly attune: SideResult;
  /** Null: Attune was measured alone. */
  readonly pytorch: SideResult | null;
  /** Of speeds, Attune ÷ PyTorch, a round each. */
  readonly ratios: readonly number[];
  /** Of the same few steps without dropout on both sides. */
  readonly losses?: { readonly attune: readonly number[]; readonly pytorch: readonly number[] };
  /** Whether the rounds were a whole training. */
  readonly complete?: boolean;
}

export type ComparedResult = RowResult & { readonly pytorch: SideResult };

/** GFLOP/s of a product of two [size,size] matrices. */
export interface Peak {
  readonly size: number;
  readonly attune: number;
  readonly pytorch: number;
}

export interface BaseModel {
  readonly name: string;
  readonly layers: number;
  readonly hiddenSize: number;
  /** In millions, for people. */
  readonly parameters: string;
}

/** Rows stand beside each other only where they share all of this. */
export interface Setting {
  readonly machine: Machine;
  readonly versions: { readonly engine: string; readonly python: PythonVersions | null };
  readonly threads: number;
  readonly model: BaseModel;
}

export interface Results extends Setting {
  readonly peak: Peak;
  /** By name. */
  readonly rows: Readonly<Record<string, RowResult>>;
}
