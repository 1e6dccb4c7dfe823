import type { ClaimedItem, ScriptedAnnotator } from './scripted-annotators.js';

/** A definition of fewer words is none. */
const leastWords = 3;

/** What a definition that is none, or one that names what it defines, loses to any other by. */
const [noDefinition, circular] = [10_000, 1_000] as const;

/** How bad a definition is: its words, and far more if it has too few, or contains the word that it defines. */
export function costOf(word: string, definition: string): number {
  const words = wordsOf(definition);
  if (words.length < leastWords) return noDefinition;
  return words.length + (containsWord(word, definition) ? circular : 0);
}

/** Whether the word that is defined, or its plural in -s, stands in the definition; large letters are small ones. */
export function containsWord(word: string, definition: string): boolean {
  const [wanted, all] = [wordsOf(word), wordsOf(definition)];
  const isSame = (said: string | undefined, meant: string) => said === meant || said === `${meant}s`;
  return all.some((_, at) => wanted.every((part, i) => isSame(all[at + i], part)));
}

/** `a small, round stone` → 4 */
export function wordCount(definition: string): number {
  return wordsOf(definition).length;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
}

/** The word of a prompt: `jogger, noun:` → `jogger` */
export function wordOf(prompt: string): string {
  return prompt.slice(0, prompt.lastIndexOf(','));
}

/**
 * What a judge says of two definitions: the one that costs less is better, and the judge errs as often as it does. Of
 * two that cost the same both are good, or neither.
 */
export function judgeDefinitions({ draw, errorRate }: ScriptedAnnotator, { prompt, answers }: ClaimedItem): object {
  const word = wordOf(prompt!.text!);
  const [first, second] = answers.map(({ key, text }) => ({ key, text, cost: costOf(word, text) }));
  if (first!.cost === second!.cost) return { pairwise: { outcome: first!.cost >= circular ? 'NEITHER' : 'BOTH_GOOD' } };
  const [better, worse] = first!.cost < second!.cost ? [first!, second!] : [second!, first!];
  // The draw depends on what is judged alone, and not on the side that it stands on.
  const errs = draw(`${word}\n${better.text}\n${worse.text}`) < errorRate;
  return { pairwise: { preferred: (errs ? worse : better).key } };
}
