import type { TokenSequences } from './token-sequences.js';

/** The beginning of a text, and how it goes on, as token ids. */
export interface SamplePrompt {
  readonly ids: Int32Array;
  readonly expected: Int32Array;
}

/** Tokens of a text that is learned as a whole, of which a model goes on from at most so many. */
const mostOfText = 16;

/**
 * The beginnings of the first few sequences: what precedes the first target of a conversation or, where all but the
 * first token are targets, the first half of a text, up to 16 tokens. Sequences without both are passed over.
 */
export function samplePrompts({ ids, isTarget, offsets }: TokenSequences, count: number): SamplePrompt[] {
  const prompts: SamplePrompt[] = [];
  for (let i = 0; i + 1 < offsets.length && prompts.length < count; i++) {
    const [start, end] = [offsets[i]!, offsets[i + 1]!];
    const firstTarget = isTarget.subarray(start, end).indexOf(1);
    if (firstTarget < 1) continue;
    const length = firstTarget > 1 ? firstTarget : Math.min(mostOfText, Math.floor((end - start) / 2));
    if (length < 1) continue;
    prompts.push({ ids: ids.slice(start, start + length), expected: ids.slice(start + length, end) });
  }
  return prompts;
}
