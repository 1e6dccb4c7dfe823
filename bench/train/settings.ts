import type { SupervisedSpec } from '../../src/protocol/methods/index.js';
import type { Row } from './rows.js';

/** The JSON file that tells one side what to do: attune.ts and opponent.py read what they need of it. */
export interface SideSettings
  extends Pick<Row, 'maxLength' | 'pooling' | 'dropout' | 'adapter' | 'freeze' | 'training'> {
  readonly threads: number;
  readonly seed: number;
  readonly labels: readonly string[];
  /** Attune's: the root of its artifact store, and what is in there. */
  readonly store: string;
  readonly spec: SupervisedSpec;
  readonly modelDigest: string;
  /** The Trainer's: folders and files. */
  readonly model: string;
  readonly trainingData: string;
  readonly testData: string;
  readonly output: string;
  /** Whether the Trainer evaluates at each epoch's end. */
  readonly evaluates: boolean;
  /** Whether it tells each step's loss. */
  readonly logsLosses: boolean;
  /** Of the matrices whose product is measured. */
  readonly size: number;
}
