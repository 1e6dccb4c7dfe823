import { byMethodInput, type TrainingMethodInput } from './input.js';
import { requestInstructionTuning } from './instruction-tuning/resolve.js';
import { requestLanguageModelling } from './language-modelling/resolve.js';
import { requestMultiTask } from './multi-task/resolve.js';
import type { MethodRequest } from './request.js';
import { requestSupervised } from './supervised/resolve.js';

/** The request of an input, whatever its method. */
export function methodRequest(method: TrainingMethodInput): MethodRequest {
  return byMethodInput<MethodRequest>(method, {
    supervised: requestSupervised,
    multiTask: requestMultiTask,
    languageModelling: requestLanguageModelling,
    instructionTuning: requestInstructionTuning,
  });
}
