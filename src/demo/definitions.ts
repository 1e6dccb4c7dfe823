import { sha256Hex } from '../protocol/sha256-hex.js';
import { type LanguageText, splitOfText } from './gloss-lm-texts.js';
import { readWordGlosses } from './wordnet-glosses.js';

/** A word to define, and its definition as a model is to go on with it. */
export interface DefinitionRow {
  /** e.g. `abacus, noun:` */
  readonly prompt: string;
  /** The gloss without its example sentences, after a space. */
  readonly completion: string;
  readonly split: LanguageText['split'] | typeof otherWords;
}

/** The split in which every definition of `test` stands after the word of another one. */
export const otherWords = 'testOfOtherWords';

/** Definitions of each split; of `otherWords` as many as of `test`. */
const sizes = { train: 12_000, validation: 200, test: 400 } as const;

export function promptFor(word: string, partOfSpeech: string): string {
  return `${word}, ${partOfSpeech}:`;
}

/**
 * A sample of WordNet's definitions. What stands in `test` was in no text that `gloss-lm` learned, because each gloss
 * is in the split that it has there (`splitOfText`). Those of `otherWords` show how much a model makes of the word: if
 * it defines nothing, they are as probable as those of `test`.
 */
export async function readDefinitions(): Promise<DefinitionRow[]> {
  const left: Record<LanguageText['split'], number> = { ...sizes };
  const rows: DefinitionRow[] = [];
  const glosses = (await readWordGlosses()).map((gloss) => ({ ...gloss, rank: sha256Hex(gloss.text) }));
  for (const { word, partOfSpeech, text } of glosses.sort((a, b) => (a.rank < b.rank ? -1 : 1))) {
    const split = splitOfText(text);
    const definition = withoutExamples(text);
    if (left[split] === 0 || definition === '') continue;
    left[split] -= 1;
    rows.push({ prompt: promptFor(word, partOfSpeech), completion: ` ${definition}`, split });
  }
  const test = rows.filter(({ split }) => split === 'test');
  const moved = test.map(({ completion }, index) => {
    const { prompt } = test[(index + 1) % test.length]!;
    return { prompt, completion, split: otherWords } as const;
  });
  return [...rows, ...moved];
}

/** `a human being; "there was too much for one person to do"` → `a human being` */
function withoutExamples(gloss: string): string {
  return gloss.split(/;\s*"/, 1)[0]!.trim();
}
