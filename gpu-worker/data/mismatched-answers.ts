import { sequenceWriter, type TokenSequences } from './token-sequences.js';

/**
 * To each text the answer of another one: its prompt, and the answer of the nearest text before it, the last one coming
 * before the first, that has another prompt. KTO measures on them how far the model has moved where nothing was judged.
 * They do not depend on how texts are shuffled into batches. A text alone with its prompt gets its neighbour's answer,
 * whatever the prompt.
 *
 * @param prompts [N] equal numbers for equal prompts
 * @param maxLength what is longer loses its end
 */
export function mismatchedAnswers(
  { ids, offsets, isTarget }: TokenSequences,
  prompts: Int32Array,
  maxLength: number,
): TokenSequences {
  const N = prompts.length;
  const writer = sequenceWriter();
  const answerOf = (text: number) => {
    const [start, end] = [offsets[text]!, offsets[text + 1]!];
    return { start, from: start + Math.max(1, isTarget.subarray(start, end).indexOf(1)), end };
  };
  for (let text = 0; text < N; text++) {
    const prompt = answerOf(text);
    const answer = answerOf(otherPrompt(prompts, text));
    const before = ids.subarray(prompt.start, prompt.from);
    const after = ids.subarray(answer.from, Math.min(answer.end, answer.from + Math.max(0, maxLength - before.length)));
    const targets = new Uint8Array(before.length + after.length);
    targets.set(isTarget.subarray(answer.from, answer.from + after.length), before.length);
    writer.add([...before, ...after], targets);
  }
  return writer.all();
}

function otherPrompt(prompts: Int32Array, text: number): number {
  const N = prompts.length;
  for (let back = 1; back < N; back++) {
    const other = (text - back + N) % N;
    if (prompts[other] !== prompts[text]) return other;
  }
  return (text - 1 + N) % N;
}
