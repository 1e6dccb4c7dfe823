import { checkContent } from '../../src/protocol/feedback/check-content.js';
import { groupOf } from '../../src/protocol/feedback/group-of.js';
import type { FeedbackItemContent, FeedbackQuestion } from '../../src/protocol/feedback.js';
import { createRandom, shuffle } from '../../src/statistics/random.js';

/** An answer before it has a key. */
export type WrittenAnswer = Omit<FeedbackItemContent['answers'][number], 'key'>;

/** What answers are about, and where it is from. */
export type AskedFor = Pick<FeedbackItemContent, 'prompt' | 'row'>;

/** Items that one prompt gives, and how many answers or pairs of them were dropped because they were equal. */
export interface ItemsOfPrompt {
  readonly contents: readonly FeedbackItemContent[];
  readonly equalCount: number;
  /** Whether something else is wrong with what would be an item, such as an empty text. */
  readonly isLeftOut: boolean;
}

/**
 * The items that the answers to a prompt give: of a comparison each pair, of a ranking one with all different answers,
 * else one for each different answer. People see keys, so that the first key goes to an answer that is drawn: it would
 * tell who wrote the answer otherwise.
 *
 * @param pairsPerPrompt that many pairs at most, drawn at random; null: all
 * @param seed decides what is drawn
 */
export function itemsOfAnswers(
  question: FeedbackQuestion,
  asked: AskedFor,
  answers: readonly WrittenAnswer[],
  pairsPerPrompt: number | null,
  seed: readonly number[],
): ItemsOfPrompt {
  const random = createRandom(...seed);
  const drawn = <T>(values: readonly T[]): T[] =>
    [...shuffle(Int32Array.from(values.keys()), random)].map((place) => values[place]!);
  const { chosen, equalCount } = choose(question, answers, pairsPerPrompt, drawn);
  const contents = chosen.map((group) => toContent(asked, drawn(group)));
  const fitting = contents.filter((content) => checkContent(question, content).length === 0);
  return { contents: fitting, equalCount, isLeftOut: fitting.length < contents.length };
}

function choose(
  question: FeedbackQuestion,
  answers: readonly WrittenAnswer[],
  pairsPerPrompt: number | null,
  drawn: <T>(values: readonly T[]) => T[],
): { readonly chosen: readonly (readonly WrittenAnswer[])[]; readonly equalCount: number } {
  if (question.kind === 'pairwise') {
    const pairs = answers.flatMap((first, i) => answers.slice(i + 1).map((second) => [first, second] as const));
    const different = pairs.filter(([first, second]) => first.text !== second.text);
    const chosen = pairsPerPrompt === null ? different : drawn(different).slice(0, pairsPerPrompt);
    return { chosen, equalCount: pairs.length - different.length };
  }
  const different = answers.filter(({ text }, i) => answers.findIndex((other) => other.text === text) === i);
  const equalCount = answers.length - different.length;
  if (question.kind !== 'ranking') return { chosen: different.map((answer) => [answer]), equalCount };
  return { chosen: different.length < 2 ? [] : [different], equalCount };
}

function toContent({ prompt, row }: AskedFor, answers: readonly WrittenAnswer[]): FeedbackItemContent {
  const keyed = answers.map((answer, i) => ({ key: String.fromCharCode('a'.charCodeAt(0) + i), ...answer }));
  const content = { prompt, text: null, answers: keyed };
  return { ...content, row, group: groupOf(content) };
}
