import { MethodKindEnum } from '../../models/training-filter.input.js';
import { byMethod, type RunSpec } from '../../protocol/methods/index.js';
import { choice, type Setting } from '../setting.js';
import { instructionTuningSettings } from './instruction-tuning/settings.js';
import { languageModellingSettings } from './language-modelling/settings.js';
import { multiTaskSettings } from './multi-task/settings.js';
import { policyOptimizationSettings } from './policy-optimization/settings.js';
import { preferenceOptimizationSettings } from './preference-optimization/settings.js';
import type { ReferredRows } from './referred.js';
import { rewardModellingSettings } from './reward-modelling/settings.js';
import { supervisedSettings } from './supervised/settings.js';

/** The settings of a method, its columns and its heads, by their paths in the graph. */
export function settingsOfMethod(spec: RunSpec, rows: ReferredRows): Setting[] {
  const { controlVersion, referenceModel } = rows;
  return [
    choice('method', 'Method', MethodKindEnum, spec.method),
    ...byMethod<Setting[]>(spec, {
      supervised: supervisedSettings,
      multiTask: multiTaskSettings,
      instructionTuning: instructionTuningSettings,
      policyOptimization: (policy) => policyOptimizationSettings(policy, rows),
      rewardModelling: rewardModellingSettings,
      preferenceOptimization: (preferences) => preferenceOptimizationSettings(preferences, referenceModel),
      languageModelling: (language) => languageModellingSettings(language, controlVersion),
    }),
  ];
}
