import type { ConversationForm } from '../conversation-form.js';
import type { ColumnType } from '../datasets/column-type.js';

/** A column of a file, and some of its values. */
export interface SampledColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Some values, missing ones left out; of lists and JSON as values or as texts of JSON. */
  readonly samples: readonly unknown[];
}

/** How rows hold what a language model learns from. */
export type DataForm =
  /** A list of `{ role, content }`, as the API of OpenAI and its files for fine-tuning have them. */
  | { readonly kind: 'messages'; readonly column: string }
  /** A list of `{ from, value }`. */
  | { readonly kind: 'shareGpt'; readonly column: string }
  /** Stanford Alpaca: a task, what it is about, and the answer. */
  | {
      readonly kind: 'alpaca';
      readonly instructionColumn: string;
      readonly inputColumn: string | null;
      readonly outputColumn: string;
    }
  /** A text and its continuation; conversational: each is a list of messages. */
  | {
      readonly kind: 'promptCompletion';
      readonly promptColumn: string;
      readonly completionColumn: string;
      readonly systemColumn: string | null;
      readonly isConversational: boolean;
    }
  /**
   * Two answers, of which one is better, as TRL takes them: with the prompt in a column of its own (explicit), or as
   * the beginning of both (implicit, `promptColumn` null); as texts, or as lists of messages. Or as OpenAI's files for
   * preference fine-tuning have them: the prompt is an object with `messages`, both answers are lists of messages.
   */
  | {
      readonly kind: 'preference';
      readonly promptColumn: string | null;
      readonly chosenColumn: string;
      readonly rejectedColumn: string;
      readonly isConversational: boolean;
    }
  /** One answer, and whether it is good (KTO). */
  | {
      readonly kind: 'judgedCompletion';
      readonly promptColumn: string | null;
      readonly completionColumn: string;
      readonly judgmentColumn: string;
      readonly isConversational: boolean;
    };

const systemNames = ['system', 'system_prompt', 'system_message'];
const subjectNames = ['input', 'context'];
const promptNames = ['prompt', 'instruction', 'question', 'query', 'user', 'human', 'input'];
const completionNames = ['completion', 'response', 'answer', 'output', 'assistant', 'reply', 'target'];
const chosenNames = ['chosen', 'accepted', 'preferred', 'preferred_output', 'preferred_response', 'chosen_response'];
const rejectedNames = [
  'rejected',
  'dispreferred',
  'non_preferred',
  'non_preferred_output',
  'non_preferred_response',
  'rejected_response',
];
const chatNames = ['messages', 'conversation', 'conversations', 'dialog', 'dialogue', 'chat'];
const judgmentNames = ['label', 'is_good', 'good', 'desirable', 'thumbs_up', 'feedback'];

/**
 * The form of a file for language models, by the names of its columns and by what their values are made of; null: it
 * has none of them.
 */
export function detectForm(columns: readonly SampledColumn[]): DataForm | null {
  return preferenceOf(columns) ?? conversationOf(columns) ?? answersOf(columns);
}

function preferenceOf(columns: readonly SampledColumn[]): DataForm | null {
  const chosen = named(columns, chosenNames);
  const rejected = named(columns, rejectedNames);
  if (chosen === null || rejected === null) return null;
  const isConversational = isMessages(chosen) && isMessages(rejected);
  if (!isConversational && !(isText(chosen) && isText(rejected))) return null;
  const prompt = named(columns, promptNames);
  return {
    kind: 'preference',
    promptColumn: prompt?.name ?? null,
    chosenColumn: chosen.name,
    rejectedColumn: rejected.name,
    isConversational,
  };
}

function conversationOf(columns: readonly SampledColumn[]): DataForm | null {
  // A prompt and a completion may be lists of messages too.
  const pair = named(columns, promptNames);
  const completion = named(columns, completionNames);
  if (pair !== null && completion !== null && isMessages(pair) && isMessages(completion)) return null;
  // Of several columns of messages that no name tells apart, one alone would be learned from without a word.
  const chats = columns.filter(isMessages);
  const messages = chats.length > 1 ? named(chats, chatNames) : (chats[0] ?? null);
  if (messages !== null) return { kind: 'messages', column: messages.name };
  const turns = columns.find(isTurns);
  return turns === undefined ? null : { kind: 'shareGpt', column: turns.name };
}

function answersOf(columns: readonly SampledColumn[]): DataForm | null {
  const instruction = named(columns, ['instruction']);
  const output = named(columns, ['output', 'response', 'completion', 'answer']);
  if (instruction !== null && output !== null && isText(instruction) && isText(output)) {
    const input = named(columns, subjectNames);
    const { name: instructionColumn } = instruction;
    return { kind: 'alpaca', instructionColumn, inputColumn: input?.name ?? null, outputColumn: output.name };
  }
  const prompt = named(columns, promptNames);
  const completion = named(columns, completionNames);
  if (completion === null) return null;
  const isConversational = isMessages(completion) && (prompt === null || isMessages(prompt));
  const judgment = named(columns, judgmentNames);
  if (judgment?.type === 'BOOLEAN' && ['completion', 'response', 'answer'].includes(plain(completion.name))) {
    return {
      kind: 'judgedCompletion',
      promptColumn: prompt?.name ?? null,
      completionColumn: completion.name,
      judgmentColumn: judgment.name,
      isConversational,
    };
  }
  if (prompt === null || !(isConversational || (isText(prompt) && isText(completion)))) return null;
  // A question with a class for an answer is a task of classification.
  if (!isConversational && !hasWords(completion) && !isNamedPair(prompt, completion)) return null;
  return {
    kind: 'promptCompletion',
    promptColumn: prompt.name,
    completionColumn: completion.name,
    systemColumn: named(columns, systemNames)?.name ?? null,
    isConversational,
  };
}

/**
 * The form of a prompt and an answer whose columns are known, with what stands beside them; null: the name of that does
 * not say what it is.
 */
export function formOfAnswers(
  promptColumn: string,
  completionColumn: string,
  second: string | null,
): ConversationForm | null {
  if (plain(promptColumn) === 'instruction' && (second === null || subjectNames.includes(plain(second)))) {
    return { kind: 'alpaca', instructionColumn: promptColumn, inputColumn: second, outputColumn: completionColumn };
  }
  if (second !== null && !systemNames.includes(plain(second))) return null;
  return { kind: 'promptCompletion', promptColumn, completionColumn, systemColumn: second };
}

/** The first column that has one of these names, which are in order of preference. */
function named(columns: readonly SampledColumn[], names: readonly string[]): SampledColumn | null {
  for (const name of names) {
    const found = columns.find((column) => plain(column.name) === name);
    if (found !== undefined) return found;
  }
  return null;
}

function plain(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

function isText({ type }: SampledColumn): boolean {
  return type === 'TEXT';
}

function isNamedPair(prompt: SampledColumn, completion: SampledColumn): boolean {
  return plain(prompt.name) === 'prompt' && plain(completion.name) === 'completion';
}

const fewWords = 3;

/** Whether values are sentences rather than names of classes. */
function hasWords({ samples }: SampledColumn): boolean {
  const texts = samples.filter((value): value is string => typeof value === 'string');
  const words = texts.map((text) => text.trim().split(/\s+/).length).sort((a, b) => a - b);
  return (words[Math.floor(words.length / 2)] ?? 0) >= fewWords || new Set(texts).size > texts.length / 2;
}

const isMessages = (column: SampledColumn): boolean => holdsListsOf(column, ['role', 'content']);
const isTurns = (column: SampledColumn): boolean => holdsListsOf(column, ['from', 'value']);

/** Whether nearly all values are lists of objects that have these keys; messages that call tools have no content. */
function holdsListsOf({ type, samples }: SampledColumn, [first, second]: readonly [string, string]): boolean {
  if (type !== 'JSON' || samples.length === 0) return false;
  const fitting = samples.map(parsed).filter((value) => {
    if (!Array.isArray(value) || value.length === 0) return false;
    const objects = value.filter((item): item is object => typeof item === 'object' && item !== null);
    return (
      objects.length === value.length &&
      objects.every((item) => first in item) &&
      objects.some((item) => second in item)
    );
  });
  return fitting.length >= 0.9 * samples.length;
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('[')) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
