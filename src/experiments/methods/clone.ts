import { byMethod, type RunSpec } from '../../protocol/methods/index.js';
import type { TrainingMethodInput } from './input.js';
import { languageModellingInputOf } from './language-modelling/clone.js';
import { multiTaskInputOf } from './multi-task/clone.js';
import { supervisedInputOf } from './supervised/clone.js';

/** The input that a spec comes from, with every value explicit. */
export function methodInputOf(spec: RunSpec): TrainingMethodInput {
  return byMethod<TrainingMethodInput>(spec, {
    supervised: (supervised) => ({ supervised: supervisedInputOf(supervised) }),
    languageModelling: (language) => ({ languageModelling: languageModellingInputOf(language) }),
    multiTask: (multiTask) => ({ multiTask: multiTaskInputOf(multiTask) }),
  });
}
