import { randomInt } from 'node:crypto';
import type { GenerationSettings, OutputConstraint } from '../protocol/generation.js';
import type { GenerationRequest } from './check-generation.js';
import type { OutputConstraintInput } from './generation.input.js';

/** The settings of a request that was checked; a seed that it leaves open is drawn. */
export function settingsOf(request: GenerationRequest): GenerationSettings {
  const { sampling, maxTokens, stop, samples, topLogProbabilities, output, weights } = request;
  return {
    sampling: {
      temperature: sampling?.temperature ?? 1,
      topK: sampling?.topK ?? null,
      topP: sampling?.topP ?? 1,
      minP: sampling?.minP ?? 0,
      repetitionPenalty: sampling?.repetitionPenalty ?? 1,
      presencePenalty: sampling?.presencePenalty ?? 0,
      frequencyPenalty: sampling?.frequencyPenalty ?? 0,
      seed: sampling?.seed ?? randomInt(2 ** 32),
    },
    maxTokens,
    stop: stop ?? [],
    samples,
    topLogProbabilities: topLogProbabilities ?? null,
    constraint: output == null ? null : constraintOf(output),
    weights,
  };
}

function constraintOf({ jsonSchema, choices }: OutputConstraintInput): OutputConstraint {
  if (choices != null) return { kind: 'choices', choices };
  return { kind: 'jsonSchema', schema: jsonSchema === true ? {} : jsonSchema };
}
