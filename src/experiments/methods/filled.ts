import type { ChosenColumn } from '../../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../../datasets/dataset.reads.js';
import type { ExampleReader } from '../../datasets/dataset-commands.js';
import type { InputProblem } from '../../problems/problem.js';
import type { Reward } from '../../protocol/rewards/reward-spec.js';
import type { RewardInput } from '../../rewards/reward.input.js';

/**
 * Rewards as a run has them, their models looked up. Throws ProblemsError.
 * @param path of the list in the input
 */
export type PlanRewards = (
  rewards: readonly RewardInput[],
  columns: DatasetVersionRow['columns'],
  path: readonly string[],
) => Promise<readonly Reward[]>;

/** The model that PPO's values begin with; null: the base model. Throws ProblemsError at the path. */
export type PlanValueModel = (
  asked: { readonly valueModelId: string | null; readonly rewards: readonly Reward[] },
  path: readonly string[],
) => Promise<{ readonly modelId: string; readonly modelDigest: string } | null>;

/** What the columns of a method are chosen from. */
export interface ColumnSources {
  readonly version: Pick<DatasetVersionRow, 'digest' | 'roles' | 'columns'>;
  /** The version of the control texts, or of the answers that a policy is held against; null without any. */
  readonly control: Pick<DatasetVersionRow, 'roles'> | null;
  readonly examples: Pick<ExampleReader, 'readExamples'>;
  readonly planRewards: PlanRewards;
  readonly planValueModel: PlanValueModel;
}

/** An input with the columns that it leaves out; null, with problems, where the roles do not say them. */
export interface Filled<Input> {
  readonly input: Input | null;
  readonly chosen: readonly ChosenColumn[];
  readonly problems: readonly InputProblem[];
}
