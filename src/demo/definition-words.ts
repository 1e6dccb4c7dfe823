import { wordOf } from './definition-judge.js';
import { readDefinitions } from './definitions.js';

/** A word to define, the prompt that asks for it, and the definition of WordNet. */
export interface WordRow {
  readonly word: string;
  readonly prompt: string;
  readonly completion: string;
  readonly split: keyof typeof wordSizes;
}

/** Rows of each split. What is in `prompts` is no definition that the model learns, but a word that it writes about. */
export const wordSizes = { train: 4_000, prompts: 600, validation: 32, test: 150 } as const;

/** A part of the definitions of `readDefinitions`, in its order. */
export async function readWords(): Promise<WordRow[]> {
  const all = await readDefinitions();
  const of = (split: string) => all.filter((row) => row.split === split);
  const learned = of('train');
  const cut = {
    train: learned.slice(0, wordSizes.train),
    prompts: learned.slice(wordSizes.train, wordSizes.train + wordSizes.prompts),
    validation: of('validation').slice(0, wordSizes.validation),
    test: of('test').slice(0, wordSizes.test),
  };
  return Object.entries(cut).flatMap(([split, rows]) =>
    rows.map(({ prompt, completion }) => ({
      word: wordOf(prompt),
      prompt,
      completion,
      split: split as WordRow['split'],
    })),
  );
}
