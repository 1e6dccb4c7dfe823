import { oneSequenceARow } from '../data/pack-sequences.js';
import { sequenceWriter, type TokenRows } from '../data/token-sequences.js';
import type { Rollout, RolloutPrompt } from './open-rollouts.js';

/** Rollouts as rows of tokens: prompt and completion, of which the completion's tokens are targets. */
export function rolloutRows(
  prompts: readonly Pick<RolloutPrompt, 'ids'>[],
  rollouts: readonly Pick<Rollout, 'prompt' | 'ids'>[],
): TokenRows {
  const sequences = sequenceWriter();
  for (const { prompt, ids } of rollouts) {
    const before = prompts[prompt]!.ids;
    const targets = new Uint8Array(before.length + ids.length).fill(1, before.length);
    sequences.add([...before, ...ids], targets);
  }
  return oneSequenceARow(sequences.all());
}
