import type { LearnedTurns } from '../protocol/conversation-form.js';
import type { ChatTemplate, Rendering, TextSpan } from './chat-template.js';
import type { Conversation, Turn } from './conversation.js';
import { ConversationError } from './conversation-error.js';

/**
 * Steps of a chat template to find the answers of one conversation, some five seconds. Each answer takes two renderings
 * of the turns before it: work that grows with the square of the turns.
 */
const mostSteps = 4_000_000;

/** A conversation as a model reads it. */
export interface WrittenConversation {
  readonly text: string;
  /** What the loss is of, in order, without overlaps; in UTF-16 units of the text. */
  readonly targets: readonly TextSpan[];
  /** Whether a template wrote the text, with all special tokens in it; else the tokenizer adds those of its layout. */
  readonly hasSpecialTokens: boolean;
}

/** How conversations are written for a model. */
export interface Writing {
  readonly template: ChatTemplate | null;
  readonly learned: LearnedTurns;
  /** The token that ends an answer, for models without a template; null: nothing ends it. */
  readonly endToken: string | null;
  /** Whether the tokenizer's own layout ends every text with it, so that it is not to be written. */
  readonly endsItself: boolean;
  /** Texts of tokens that stand for no text, such as `<|im_end|>`: white space after one is no part of an answer. */
  readonly specialTokens: readonly string[];
}

/**
 * Writes a conversation by the model's chat template, and finds its targets. Where the template marks what the
 * assistant says (`{% generation %}`), these marks are the targets. Else answer i is what lies between the text of the
 * turns before it, ended where an answer begins, and the text of the turns up to it: prefix rendering, with each
 * shorter text the beginning of the longer one. An answer so found includes the token that ends it, not the white space
 * after.
 *
 * Turns after the last answer teach nothing and are left out, unless every token is learned.
 *
 * Without a template, prompt and completion follow each other as they are, and a token ends them (as TRL writes what is
 * no conversation).
 *
 * @throws ConversationError NO_TEMPLATE, NO_ANSWER, NO_TARGET, TEMPLATE_REFUSED, TEMPLATE_FAILED, NOT_TRIED,
 * NOT_A_PREFIX
 */
export function writeConversation(conversation: Conversation, writing: Writing): WrittenConversation {
  const { template, learned } = writing;
  if (template === null) return writePlainly(conversation, writing);
  if (learned === 'everything') {
    const { text } = template.render(conversation.turns, false);
    return { text, targets: [[0, text.length]], hasSpecialTokens: true };
  }
  const turns = conversation.turns.slice(0, 1 + conversation.turns.findLastIndex(isAnswer));
  const answers = [...turns.keys()].filter((index) => isAnswer(turns[index]));
  const wanted = (learned === 'completions' ? answers.slice(-1) : answers).filter((index) => turns[index]!.isLearned);
  if (wanted.length === 0)
    throw new ConversationError('NO_ANSWER', {}, 'no answer of the conversation is to be learned');
  const stepLimit = template.stepsTaken + mostSteps;
  const whole = template.render(turns, false);
  const marked = markedAnswers(whole, answers);
  const targets = wanted.map(
    (index) =>
      marked?.get(index) ?? betweenPrefixes(template, turns, { index, whole: whole.text, stepLimit, ...writing }),
  );
  return { text: whole.text, targets, hasSpecialTokens: true };
}

function isAnswer(turn: Turn | undefined): boolean {
  return turn?.role === 'assistant';
}

function writePlainly({ plain }: Conversation, { learned, endToken, endsItself }: Writing): WrittenConversation {
  if (plain === null) {
    const what =
      'the model has no chat template, and lists of turns need one: give a template, or take columns of texts';
    throw new ConversationError('NO_TEMPLATE', {}, what);
  }
  const { prompt, completion } = plain;
  const end = endToken === null || endsItself || completion.endsWith(endToken) ? '' : endToken;
  const text = prompt + completion + end;
  return { text, targets: [[learned === 'everything' ? 0 : prompt.length, text.length]], hasSpecialTokens: false };
}

/** The marked stretch of each answer; null where there is not one mark for each answer. */
function markedAnswers({ generated }: Rendering, answers: readonly number[]): ReadonlyMap<number, TextSpan> | null {
  if (generated?.length !== answers.length) return null;
  return new Map(answers.map((index, place) => [index, generated[place]!]));
}

interface Sought extends Writing {
  readonly index: number;
  /** The text of all turns. */
  readonly whole: string;
  /** Steps that the template may have taken before this answer is sought. */
  readonly stepLimit: number;
}

function betweenPrefixes(template: ChatTemplate, turns: readonly Turn[], sought: Sought): TextSpan {
  const { index, whole, stepLimit, specialTokens } = sought;
  if (template.stepsTaken > stepLimit) {
    const what = `it takes more than ${mostSteps.toLocaleString('en')} steps of the chat template to find all answers: learn COMPLETIONS, or mark answers in the template by {% generation %}`;
    throw new ConversationError('TEMPLATE_FAILED', { turn: index + 1 }, what);
  }
  const isLast = index === turns.length - 1;
  const before = template.render(turns.slice(0, index), true).text;
  const through = isLast ? whole : template.render(turns.slice(0, index + 1), false).text;
  if (!through.startsWith(before)) {
    const what = 'the chat template does not write it after what it writes to ask for it';
    throw notAPrefix(index, what, before, through);
  }
  if (!whole.startsWith(through)) {
    const what = 'the chat template writes it otherwise when the conversation goes on';
    throw notAPrefix(index, what, through, whole);
  }
  const answer = through.slice(before.length);
  const trimmed = answer.trimEnd();
  const isEnded = specialTokens.some((token) => token.trim() !== '' && trimmed.endsWith(token));
  const end = before.length + (isEnded ? trimmed : answer).length;
  if (end === before.length)
    throw new ConversationError('NO_TARGET', { turn: index + 1 }, 'the chat template leaves it out');
  return [before.length, end];
}

function notAPrefix(index: number, what: string, shorter: string, longer: string): ConversationError {
  let at = 0;
  while (at < shorter.length && shorter[at] === longer[at]) at++;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 20));
  return new ConversationError(
    'NOT_A_PREFIX',
    { turn: index + 1 },
    `${what}: ${around(shorter)} becomes ${around(longer)}`,
  );
}
