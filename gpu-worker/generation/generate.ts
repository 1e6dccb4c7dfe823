import type { GenerationEvent } from '../../src/protocol/generation.js';
import { keptSizes } from '../architectures/cached-decoder.js';
import type { Feeds } from '../engine/types.js';
import type { AnswerParts, ChosenToken } from './answer.js';
import type { Continuation } from './continuation.js';
import { bytesOfToken, type KeyValueCache } from './key-value-cache.js';

/** Answers that are written together at most unless the caller says so, and bytes of their keys and values. */
const usualRows = 32;
const mostCacheBytes = 2 ** 29;

/** A token that an answer goes on with. */
export interface NextToken {
  readonly prompt: number;
  readonly sample: number;
  /** In the answer, from 0. */
  readonly position: number;
}

/** How answers are written. */
export interface Writing {
  /** Answers to each prompt. */
  readonly samples: number;
  /** Tokens that the model reads at most, those of prompt and answer together. */
  readonly contextLength: number;
  /** Tokens of an answer at most; null: as many as the model reads after the prompt. */
  readonly maxTokens: number | null;
  /** Answers that are written together at most; default 32. */
  readonly rowsTogether?: number;
  /** Tokens that end an answer, and are no part of it. */
  readonly endIds: ReadonlySet<number>;
  answerOf(prompt: number, sample: number): AnswerParts;
  /**
   * What the graph is fed with for the next tokens of answers: where a continuation has such inputs, a row of what
   * follows is of one answer.
   */
  feedsOf?(answers: readonly NextToken[]): Feeds;
  /** What a token stands for by itself. */
  tokenText(id: number): string;
}

export interface GenerationListener {
  onEvent(event: GenerationEvent): void;
  /** Called after every piece of a prompt and every token: it can give a sign of life, or throw in order to stop. */
  onProgress(): void;
}

type FinishReason = (GenerationEvent & { kind: 'answered' })['reason'];

interface Answer extends AnswerParts {
  readonly prompt: number;
  readonly sample: number;
  /** Tokens at most. */
  readonly limit: number;
  count: number;
  /** The last token, which is not read yet. */
  last: number;
}

/**
 * Writes answers to prompts, many at a time: a prompt is read once for all its answers, those that end make place for
 * those that wait. Which others are written with an answer changes nothing of it but the last digits of logits, since
 * ONNX Runtime has other kernels for other numbers of rows.
 *
 * @param prompts ids of their tokens: at least one, and fewer than the context
 */
export async function generate(
  continuation: Continuation,
  prompts: readonly (readonly number[])[],
  writing: Writing,
  { onEvent, onProgress }: GenerationListener,
): Promise<void> {
  const { samples, maxTokens, endIds, contextLength } = writing;
  const limitOf = (prompt: number) => Math.min(maxTokens ?? contextLength, contextLength - prompts[prompt]!.length);
  const longest = Math.max(...prompts.map(({ length }, prompt) => length + limitOf(prompt)));
  const rows = rowsThatFit(continuation, longest, writing.rowsTogether ?? usualRows);
  const waiting = prompts.flatMap((_, prompt) => Array.from({ length: samples }, (_, sample) => ({ prompt, sample })));
  let cache = continuation.createCache();
  /** The answer of each row of the cache. */
  const active: Answer[] = [];

  /** Appends the token that follows by these logits. @returns whether the answer goes on */
  function grow(answer: Answer, logits: Float32Array): boolean {
    const chosen = answer.chooser.choose(logits, answer.count);
    if (endIds.has(chosen.id)) {
      finish(answer, answer.rule === null ? 'endOfText' : 'constraint', null, null, answer.text.end());
      return false;
    }
    answer.rule?.accept(chosen.id);
    const { text, stop } = answer.text.feed(chosen.id);
    answer.last = chosen.id;
    answer.count += 1;
    if (stop !== null) finish(answer, 'stop', stop, chosen, text);
    else if (answer.rule?.isComplete() === true) finish(answer, 'constraint', null, chosen, text + answer.text.end());
    else if (answer.count >= answer.limit) finish(answer, 'length', null, chosen, text + answer.text.end());
    else {
      tell(answer, chosen, text);
      return true;
    }
    return false;
  }

  function finish(
    answer: Answer,
    reason: FinishReason,
    stop: string | null,
    chosen: ChosenToken | null,
    text: string,
  ): void {
    if (chosen !== null || text !== '') tell(answer, chosen, text);
    const { prompt, sample, count } = answer;
    onEvent({ kind: 'answered', prompt, sample, reason, tokenCount: count, stop });
  }

  function tell({ prompt, sample, count }: Answer, chosen: ChosenToken | null, text: string): void {
    const named = ({ id, ...token }: ChosenToken) => ({
      id,
      text: writing.tokenText(id),
      logProbability: token.logProbability,
      top: token.top.map((likely) => ({ ...likely, text: writing.tokenText(likely.id) })),
    });
    const tokens = chosen === null ? [] : [named(chosen)];
    onEvent({ kind: 'tokens', prompt, sample, position: count - tokens.length, tokens, text });
  }

  /** Reads prompts of answers that wait, as many as there is place for, and chooses their first tokens. */
  async function admit(): Promise<void> {
    const group = waiting.splice(0, rows - active.length);
    const asked = [...new Set(group.map(({ prompt }) => prompt))];
    const read = await continuation.read(
      asked.map((prompt) => prompts[prompt]!),
      onProgress,
    );
    const texts = group.map(({ prompt }) => asked.indexOf(prompt));
    const following = await followTexts(read.states, texts, group);
    const begun = group.map(({ prompt, sample }, index) => {
      const parts = writing.answerOf(prompt, sample);
      const answer: Answer = { ...parts, prompt, sample, limit: limitOf(prompt), count: 0, last: 0 };
      return { answer, row: read.rowOf[texts[index]!]!, goesOn: grow(answer, following(index)) };
    });
    if (active.length === 0 && group.length === asked.length) {
      // A row for each answer is there already.
      cache = read.cache;
      for (const { answer, row } of begun) active[row] = answer;
      const goesOn = active.map((answer) => begun.find((one) => one.answer === answer)!.goesOn);
      leave(cache, active, goesOn);
      return;
    }
    cache.reserve(active.length + group.length, 0);
    for (const { answer, row, goesOn } of begun) {
      if (!goesOn) continue;
      cache.copyRow(read.cache, row);
      active.push(answer);
    }
  }

  /** What follows the texts of answers that begin: for each its own, which it may overwrite. */
  async function followTexts(
    states: Float32Array,
    texts: readonly number[],
    answers: readonly Omit<NextToken, 'position'>[],
  ): Promise<(answer: number) => Float32Array> {
    if (writing.feedsOf === undefined) {
      const rows = rowsOf(await continuation.follow(states), states.length / continuation.config.hiddenSize);
      return (answer) => rows[texts[answer]!]!.slice();
    }
    const H = continuation.config.hiddenSize;
    const ofAnswers = new Float32Array(texts.length * H);
    for (const [answer, text] of texts.entries()) ofAnswers.set(states.subarray(text * H, (text + 1) * H), answer * H);
    const feeds = writing.feedsOf(answers.map((answer) => ({ ...answer, position: 0 })));
    const rows = rowsOf(await continuation.follow(ofAnswers, feeds), texts.length);
    return (answer) => rows[answer]!;
  }

  onEvent({ kind: 'started', promptTokens: prompts.map(({ length }) => length) });
  while (active.length > 0 || waiting.length > 0) {
    if (waiting.length > 0 && active.length < rows) await admit();
    if (active.length > 0) await step(continuation, cache, active, { feedsOf: writing.feedsOf, grow });
    onProgress();
  }
}

/** Writes one token of each answer; those that ended leave. */
async function step(
  continuation: Continuation,
  cache: KeyValueCache,
  active: Answer[],
  { feedsOf, grow }: Pick<Writing, 'feedsOf'> & { readonly grow: (answer: Answer, following: Float32Array) => boolean },
): Promise<void> {
  const last = active.map((answer) => answer.last);
  const states = await continuation.step(cache, last);
  const feeds = feedsOf?.(active.map(({ prompt, sample, count }) => ({ prompt, sample, position: count })));
  const rows = rowsOf(await continuation.follow(states, feeds), active.length);
  const goesOn = active.map((answer, row) => grow(answer, rows[row]!));
  leave(cache, active, goesOn);
}

/** Views of the rows of a matrix. */
function rowsOf(matrix: Float32Array, count: number): Float32Array[] {
  const width = matrix.length / count;
  return Array.from({ length: count }, (_, row) => matrix.subarray(row * width, (row + 1) * width));
}

/** Takes the answers out that do not go on, with their rows. */
function leave(cache: KeyValueCache, active: Answer[], goesOn: readonly boolean[]): void {
  // From the last row, because the last one takes the place of one that leaves.
  for (let row = active.length - 1; row >= 0; row--) {
    if (goesOn[row]) continue;
    cache.removeRow(row);
    active[row] = active.at(-1)!;
    active.pop();
  }
}

/** How many answers are written together, each of so many tokens with its prompt. */
function rowsThatFit({ config }: Continuation, tokens: number, mostRows: number): number {
  const ofRow = tokens * bytesOfToken(keptSizes(config));
  return Math.max(1, Math.min(mostRows, Math.floor(mostCacheBytes / ofRow)));
}
