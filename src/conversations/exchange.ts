import type { Turn } from './conversation.js';
import { ConversationError } from './conversation-error.js';
import { maxConversationCharacters } from './read-conversation.js';
import { listIn, turnsIn } from './turns-in-text.js';
import { type Writing, type WrittenConversation, writeConversation } from './write-conversation.js';

/** A prompt and an answer to it. */
export interface Exchange {
  /**
   * The turns of both, in order; those of the prompt are not to be learned. Null: texts that no turns can be told of,
   * which are read without a chat template.
   */
  readonly turns: readonly Turn[] | null;
  /** Turns of the prompt among them. */
  readonly promptTurns: number;
  /** The same as two texts, one after the other; null for lists of turns, which are read by a template alone. */
  readonly plain: { readonly prompt: string; readonly completion: string } | null;
}

/** A value of a row, and its column. */
export interface Cell {
  readonly column: string;
  readonly value: string | null;
}

/**
 * Reads a prompt and its answer. The answer may be empty: a model that says nothing is judged, too, and what it is
 * learnt by is the token that ends an answer. One that is missing (null) is none.
 *
 * @param prompt null: there is none, and the answer is the whole text, which may not be empty, or its last turn
 * @throws ConversationError MISSING_VALUE, NOT_A_LIST, UNKNOWN_ROLE, WRONG_CONTENT, NO_ANSWER, WRONG_ORDER, TOO_LONG
 */
export function readExchange(prompt: Cell | null, completion: Cell): Exchange {
  const answer = prompt === null ? partOf(completion, 'lastTurn') : answerOf(completion);
  if (prompt !== null) return together(partOf(prompt), answer, prompt.column, completion.column);
  const turns = answer.turns ?? anthropicTurns(answer.text);
  if (turns === null) return { turns: null, promptTurns: 0, plain: { prompt: '', completion: answer.text } };
  const first = turns.findLastIndex(({ role }) => role === 'assistant');
  const mark = answer.text.lastIndexOf(assistantMark) + assistantMark.length;
  const plain = answer.turns === null ? divided(answer.text, mark) : null;
  return exchangeOf(turns.slice(0, Math.max(0, first)), turns.slice(Math.max(0, first)), plain, completion.column);
}

/** A prompt, as a text or as turns, and a text that answers it. Null: there is no prompt. */
export function exchangeOfText(
  prompt: string | readonly { readonly role: string; readonly content: string }[] | null,
  completion: string,
): Exchange {
  if (prompt === null) return { turns: null, promptTurns: 0, plain: { prompt: '', completion } };
  const asked =
    typeof prompt === 'string'
      ? { turns: null, text: prompt }
      : partOf({ column: 'prompt', value: JSON.stringify(prompt) });
  return together(asked, { turns: null, text: completion }, 'prompt', 'completion');
}

/**
 * Reads two answers to one prompt.
 *
 * @param prompt null: it is what both answers begin with. Of texts, these are the characters up to the last white space
 * that they share or, in the form of Anthropic's files (`\n\nHuman: …\n\nAssistant: …`), up to the last answer.
 * @throws ConversationError as `readExchange`; EQUAL_ANSWERS, also where both are empty
 */
export function readExchanges(prompt: Cell | null, first: Cell, second: Cell): readonly [Exchange, Exchange] {
  refuseNoTurns(first, second);
  refuseNoTurns(second, first);
  const both =
    prompt === null ? withSharedPrompt(first, second) : [first, second].map((each) => readExchange(prompt, each));
  const [one, other] = both as [Exchange, Exchange];
  if (JSON.stringify([one.turns, one.plain]) === JSON.stringify([other.turns, other.plain])) {
    throw new ConversationError(
      'EQUAL_ANSWERS',
      { column: second.column },
      `holds the same as column “${first.column}”`,
    );
  }
  if (isEmpty(one) && isEmpty(other)) {
    throw new ConversationError('EQUAL_ANSWERS', { column: second.column }, `is empty, as column “${first.column}” is`);
  }
  return [one, other];
}

/** Beside turns, an empty list is no text that somebody wrote. */
function refuseNoTurns({ column, value }: Cell, other: Cell): void {
  if (!/^\s*\[\s*\]\s*$/.test(value ?? '') || listIn(other.value ?? '') === null) return;
  throw new ConversationError('MISSING_VALUE', { column }, 'holds no turn');
}

function isEmpty(exchange: Exchange): boolean {
  return transcriptOf(exchange).completion.trim() === '';
}

/**
 * Writes a prompt and its answer as a model reads them; the targets are the answer, with what ends it.
 * @throws ConversationError as `writeConversation`
 */
export function writeExchange({ turns, plain }: Exchange, writing: Omit<Writing, 'learned'>): WrittenConversation {
  // What the prompt says is marked as not to be learned, so that of all answers those after it are left.
  const how: Writing = { ...writing, learned: 'assistantTurns' };
  if (turns === null) return writeConversation({ turns: [], plain }, { ...how, template: null });
  return writeConversation({ turns, plain }, how);
}

const speakers = { system: 'System', user: 'User', assistant: 'Assistant', tool: 'Tool' } as const;

/**
 * Prompt and answer as two texts for models that read pairs of texts and know no turns. A single turn is its text
 * alone; several are told apart by `User:`, `Assistant:` and the like.
 */
export function transcriptOf({ turns, promptTurns, plain }: Exchange): {
  readonly prompt: string;
  readonly completion: string;
} {
  if (plain !== null) return plain;
  const all = turns ?? [];
  return { prompt: linesOf(all.slice(0, promptTurns)), completion: linesOf(all.slice(promptTurns)) };
}

function linesOf(turns: readonly Turn[]): string {
  const [first, ...more] = turns;
  if (first !== undefined && more.length === 0) return first.content;
  return turns.map(({ role, content }) => `${speakers[role]}: ${content}`).join('\n\n');
}

/** What a column holds: a list of turns, or a text. */
interface Part {
  readonly turns: readonly Turn[] | null;
  readonly text: string;
}

/** An answer in a column of its own, which may be empty. */
function answerOf(cell: Cell): Part {
  if (cell.value === null) throw new ConversationError('MISSING_VALUE', { column: cell.column }, 'is missing');
  return cell.value.trim() === '' ? { turns: null, text: cell.value } : partOf(cell, 'lastTurn');
}

/** @param mayBeEmpty of a list, whether the assistant may say nothing in its last turn */
function partOf({ column, value }: Cell, mayBeEmpty: 'lastTurn' | null = null): Part {
  const text = value ?? '';
  if (text.trim() === '') throw new ConversationError('MISSING_VALUE', { column }, 'is empty');
  if (text.length > maxConversationCharacters) {
    const what = `it has ${text.length} characters; the limit is ${maxConversationCharacters}`;
    throw new ConversationError('TOO_LONG', { column }, what);
  }
  return { turns: turnsIn(text, column, mayBeEmpty), text };
}

function together(prompt: Part, answer: Part, promptColumn: string, column: string): Exchange {
  const asked = prompt.turns ?? [turn('user', prompt.text)];
  const said = answer.turns ?? [turn('assistant', answer.text)];
  const plain =
    prompt.turns === null && answer.turns === null ? { prompt: prompt.text, completion: answer.text } : null;
  // Some files repeat the prompt at the beginning of the answers.
  const repeats = said.length > asked.length && asked.every((each, index) => isSame(each, said[index]));
  if (asked.at(-1)?.role === 'assistant') {
    throw new ConversationError(
      'WRONG_ORDER',
      { column: promptColumn },
      'ends with an answer; a prompt ends before one',
    );
  }
  return exchangeOf(asked, repeats ? said.slice(asked.length) : said, plain, column);
}

function exchangeOf(
  prompt: readonly Turn[],
  completion: readonly Turn[],
  plain: Exchange['plain'],
  column: string,
): Exchange {
  const turns = [...prompt.map((each) => ({ ...each, isLearned: false })), ...completion];
  const system = turns.findLastIndex(({ role }) => role === 'system');
  if (system > 0) {
    const what = 'is a system turn; only the first turn may be one';
    throw new ConversationError('WRONG_ORDER', { column, turn: system + 1 }, what);
  }
  const end = completion.findLastIndex(({ role }) => role === 'assistant');
  if (end === -1) throw new ConversationError('NO_ANSWER', { column }, 'holds no turn of the assistant');
  return { turns: turns.slice(0, prompt.length + end + 1), promptTurns: prompt.length, plain };
}

function withSharedPrompt(first: Cell, second: Cell): readonly [Exchange, Exchange] {
  const [one, other] = [partOf(first, 'lastTurn'), partOf(second, 'lastTurn')];
  if ((one.turns === null) !== (other.turns === null)) {
    const what = `holds ${other.turns === null ? 'a text' : 'turns'}, and column “${first.column}” ${one.turns === null ? 'a text' : 'turns'}`;
    throw new ConversationError('WRONG_CONTENT', { column: second.column }, what);
  }
  const [oneTurns, otherTurns] = [one, other].map(({ turns, text }) => turns ?? anthropicTurns(text));
  const place = one.turns === null ? sharedText(one.text, other.text) : 0;
  const plain = ({ turns, text }: Part) => (turns === null ? divided(text, place) : null);
  if (oneTurns == null || otherTurns == null) {
    const asText = (part: Part): Exchange => ({ turns: null, promptTurns: 0, plain: plain(part) });
    return [asText(one), asText(other)];
  }
  let shared = 0;
  while (shared < oneTurns.length && isSame(oneTurns[shared]!, otherTurns[shared])) shared++;
  // An answer that both share and that ends one of them is judged too; it is no prompt.
  shared = Math.min(shared, oneTurns.length - 1, otherTurns.length - 1);
  const exchange = (turns: readonly Turn[], part: Part, column: string) =>
    exchangeOf(turns.slice(0, shared), turns.slice(shared), plain(part), column);
  return [exchange(oneTurns, one, first.column), exchange(otherTurns, other, second.column)];
}

function isSame(one: Turn, other: Turn | undefined): boolean {
  return one.role === other?.role && one.content === other.content;
}

function turn(role: Turn['role'], content: string): Turn {
  return { role, content, isLearned: true };
}

function divided(text: string, place: number): NonNullable<Exchange['plain']> {
  return { prompt: text.slice(0, place), completion: text.slice(place) };
}

const assistantMark = '\n\nAssistant:';
const speakerMark = /\n\n(Human|Assistant):/;

/** The turns of a text as Anthropic's files hold conversations; null: it is none of them. */
function anthropicTurns(text: string): Turn[] | null {
  if (!text.startsWith('\n\nHuman:')) return null;
  const [, ...parts] = text.split(speakerMark);
  const turns: Turn[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const content = (parts[index + 1] ?? '').trim();
    // A speaker who says nothing is no turn: the file was cut there.
    if (content !== '') turns.push(turn(parts[index] === 'Human' ? 'user' : 'assistant', content));
  }
  return turns.some(({ role }) => role === 'assistant') ? turns : null;
}

/**
 * Where two texts part: before the last white space that they share, since a token mostly begins with it, or after the
 * last mark of an answer.
 */
function sharedText(one: string, other: string): number {
  let at = 0;
  while (at < one.length && at < other.length && one[at] === other[at]) at++;
  const same = one.slice(0, at);
  const mark = same.lastIndexOf(assistantMark);
  if (same.startsWith('\n\nHuman:') && mark !== -1) return mark + assistantMark.length;
  return Math.max(0, same.search(/\s+\S*$/));
}
