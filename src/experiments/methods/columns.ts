import type { MethodKind } from '../../protocol/methods/index.js';
import type { ColumnSources, Filled } from './filled.js';
import { byMethodInput, type TrainingMethodInput } from './input.js';
import { fillInstructionTuning, type NamedInstructionTuning } from './instruction-tuning/columns.js';
import { fillLanguageModelling, type NamedLanguageModelling } from './language-modelling/columns.js';
import { fillMultiTask, type NamedMultiTask } from './multi-task/columns.js';
import { fillPolicyOptimization, type NamedPolicyOptimization } from './policy-optimization/columns.js';
import { fillPreferenceOptimization, type NamedPreferenceOptimization } from './preference-optimization/columns.js';
import { fillRewardModelling, type NamedRewardModelling } from './reward-modelling/columns.js';
import { fillSupervised, type NamedSupervised } from './supervised/columns.js';

/** A method whose columns are all named. */
export interface NamedMethodInput extends Partial<Readonly<Record<MethodKind, object | null>>> {
  readonly supervised?: NamedSupervised | null;
  readonly multiTask?: NamedMultiTask | null;
  readonly languageModelling?: NamedLanguageModelling | null;
  readonly instructionTuning?: NamedInstructionTuning | null;
  readonly policyOptimization?: NamedPolicyOptimization | null;
  readonly rewardModelling?: NamedRewardModelling | null;
  readonly preferenceOptimization?: NamedPreferenceOptimization | null;
}

/** Names the columns that a method leaves out, by the roles of the dataset version. */
export function fillColumns(method: TrainingMethodInput, from: ColumnSources): Promise<Filled<NamedMethodInput>> {
  return byMethodInput(method, {
    supervised: async (input) => under('supervised', fillSupervised(input, from)),
    multiTask: async (input) => under('multiTask', fillMultiTask(input, from)),
    languageModelling: async (input) => under('languageModelling', fillLanguageModelling(input, from)),
    instructionTuning: async (input) => under('instructionTuning', await fillInstructionTuning(input, from)),
    policyOptimization: async (input) => under('policyOptimization', await fillPolicyOptimization(input, from)),
    rewardModelling: async (input) => under('rewardModelling', fillRewardModelling(input, from)),
    preferenceOptimization: async (input) => under('preferenceOptimization', fillPreferenceOptimization(input, from)),
  });
}

function under<Kind extends MethodKind>(
  kind: Kind,
  { input, ...filled }: Filled<NonNullable<NamedMethodInput[Kind]>>,
): Filled<NamedMethodInput> {
  return { ...filled, input: input === null ? null : { [kind]: input } };
}
