import { columnByRole } from '../../../datasets/columns-by-role.js';
import { type InputProblem, ProblemsError } from '../../../problems/problem.js';
import type { Reward } from '../../../protocol/rewards/reward-spec.js';
import type { RewardInput } from '../../../rewards/reward.input.js';
import type { ColumnSources, Filled } from '../filled.js';
import { fillControlPreferences, type NamedControlPreferences } from './control-preferences.js';
import type { PolicyOptimizationInput } from './input.js';
import type { PlannedValueModel } from './plan-value-model.js';

/** The input with its column of prompts, and its rewards as a run has them: their models looked up. */
export interface NamedPolicyOptimization extends Omit<PolicyOptimizationInput, 'promptColumn' | 'controlPreferences'> {
  readonly promptColumn: string;
  readonly controlPreferences: NamedControlPreferences | null;
  /** Null in the input of a clone, before its rewards are looked up again. */
  readonly planned: {
    readonly rewards: readonly Reward[];
    readonly controlRewards: readonly Reward[];
    /** Of PPO alone; null: the values begin with the base model. */
    readonly valueModel: PlannedValueModel | null;
  } | null;
}

const path = ['method', 'policyOptimization'];

export async function fillPolicyOptimization(
  input: PolicyOptimizationInput,
  {
    version,
    control: controlVersion,
    planRewards,
    planValueModel,
  }: Pick<ColumnSources, 'version' | 'control' | 'planRewards' | 'planValueModel'>,
): Promise<Filled<NamedPolicyOptimization>> {
  const field = { what: 'the column of the prompts', path: [...path, 'promptColumn'] };
  const asked = input.promptColumn ?? null;
  const byRole =
    asked === null ? columnByRole(version, ['PROMPT', 'MESSAGES', 'TEXT'], field, [input.systemColumn]) : null;
  const promptColumn = asked ?? byRole?.chosen?.column ?? null;
  const problems: InputProblem[] = [...(byRole?.problems ?? [])];
  const plan = async (rewards: readonly RewardInput[], name: string): Promise<readonly Reward[]> => {
    if (rewards.length === 0 && name === 'controlRewards') return [];
    return withProblems(problems, [], () => planRewards(rewards, version.columns, [...path, name]));
  };
  const rewards = await plan(input.rewards, 'rewards');
  const controlRewards = await plan(input.controlRewards ?? [], 'controlRewards');
  const valueModel = await withProblems(problems, null, () =>
    input.algorithm?.ppo == null
      ? Promise.resolve(null)
      : planValueModel({ valueModelId: input.algorithm.ppo.valueModelId ?? null, rewards }, [
          ...path,
          'algorithm',
          'ppo',
          'valueModelId',
        ]),
  );
  const held =
    input.controlPreferences == null || controlVersion === null
      ? null
      : fillControlPreferences(input.controlPreferences, controlVersion);
  problems.push(...(held?.problems ?? []));
  const chosen = [...(byRole?.chosen == null ? [] : [byRole.chosen]), ...(held?.chosen ?? [])];
  if (promptColumn === null || problems.length > 0) return { input: null, chosen, problems };
  const planned = { rewards, controlRewards, valueModel };
  return {
    input: { ...input, promptColumn, controlPreferences: held?.control ?? null, planned },
    chosen,
    problems,
  };
}

/** What is planned; where that is refused, its problems join the others, and the value is the given one. */
async function withProblems<Planned>(
  problems: InputProblem[],
  refused: Planned,
  plan: () => Promise<Planned>,
): Promise<Planned> {
  try {
    return await plan();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    problems.push(...error.problems);
    return refused;
  }
}
