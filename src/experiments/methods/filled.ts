import type { ChosenColumn } from '../../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../../datasets/dataset.reads.js';
import type { ExampleReader } from '../../datasets/dataset-commands.js';
import type { InputProblem } from '../../problems/problem.js';

/** What the columns of a method are chosen from. */
export interface ColumnSources {
  readonly version: Pick<DatasetVersionRow, 'digest' | 'roles'>;
  /** The version of the control texts; null without any. */
  readonly control: Pick<DatasetVersionRow, 'roles'> | null;
  readonly examples: Pick<ExampleReader, 'readExamples'>;
}

/** An input with the columns that it leaves out; null, with problems, where the roles do not say them. */
export interface Filled<Input> {
  readonly input: Input | null;
  readonly chosen: readonly ChosenColumn[];
  readonly problems: readonly InputProblem[];
}
