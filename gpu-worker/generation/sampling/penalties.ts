import type { GenerationSettings } from '../../../src/protocol/generation.js';

/** Lowers the logits of tokens that occurred. */
export interface Penalties {
  /** Changes logits [V] in place. */
  apply(logits: Float32Array): void;
  /** The answer goes on with a token. */
  chose(id: number): void;
}

/** The penalties of one answer; null where no setting asks for one. */
export function createPenalties(
  { repetitionPenalty, presencePenalty, frequencyPenalty }: GenerationSettings['sampling'],
  promptIds: readonly number[],
): Penalties | null {
  if (repetitionPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0) return null;
  const seen = new Set(repetitionPenalty === 1 ? [] : promptIds);
  const counts = new Map<number, number>();
  return {
    apply(logits) {
      for (const id of seen) {
        const logit = logits[id]!;
        logits[id] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
      }
      for (const [id, count] of counts) logits[id] = logits[id]! - presencePenalty - count * frequencyPenalty;
    },
    chose(id) {
      if (repetitionPenalty !== 1) seen.add(id);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    },
  };
}
