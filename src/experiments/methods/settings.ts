import { MethodKindEnum } from '../../models/training-filter.input.js';
import { byMethod, type RunSpec } from '../../protocol/methods/index.js';
import { choice, type NamedRow, type Setting } from '../setting.js';
import { instructionTuningSettings } from './instruction-tuning/settings.js';
import { languageModellingSettings } from './language-modelling/settings.js';
import { multiTaskSettings } from './multi-task/settings.js';
import { policyOptimizationSettings } from './policy-optimization/settings.js';
import { rewardModellingSettings } from './reward-modelling/settings.js';
import { supervisedSettings } from './supervised/settings.js';

/**
 * The settings of a method, its columns and its heads, by their paths in the graph.
 * @param controlVersion the dataset version of the control texts; null without any
 */
export function settingsOfMethod(spec: RunSpec, controlVersion: NamedRow | null): Setting[] {
  return [
    choice('method', 'Method', MethodKindEnum, spec.method),
    ...byMethod<Setting[]>(spec, {
      supervised: supervisedSettings,
      multiTask: multiTaskSettings,
      instructionTuning: instructionTuningSettings,
      policyOptimization: policyOptimizationSettings,
      rewardModelling: rewardModellingSettings,
      languageModelling: (language) => languageModellingSettings(language, controlVersion),
    }),
  ];
}
