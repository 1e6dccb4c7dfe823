import type { FinishReason, GeneratedToken, LoggedGenerationEvent } from '../protocol/generation.js';

/** One answer to a prompt, as far as it is written. */
export interface Answer {
  /** Place of its prompt, and its place among the answers to it, from 0. */
  readonly prompt: number;
  readonly sample: number;
  readonly text: string;
  readonly tokens: readonly GeneratedToken[];
  /** Null: it is not complete. */
  readonly reason: FinishReason | null;
  /** The stop string that ended it. */
  readonly stop: string | null;
}

/** What a generation's log says so far. */
export interface Said {
  /** By prompt; null before a worker has read them. */
  readonly promptTokens: readonly number[] | null;
  /** In the order of the prompts, then of the samples. */
  readonly answers: readonly Answer[];
}

/** Reads a log from its beginning. A further `started` begins anew. */
export function saidIn(log: readonly LoggedGenerationEvent[], promptCount: number, samples: number): Said {
  const first = log.findLastIndex(({ kind }) => kind === 'started');
  const answers = Array.from({ length: promptCount * samples }, (_, place) => ({
    prompt: Math.floor(place / samples),
    sample: place % samples,
    text: '',
    tokens: [] as GeneratedToken[],
    reason: null as FinishReason | null,
    stop: null as string | null,
  }));
  let promptTokens: readonly number[] | null = null;
  for (const event of log.slice(Math.max(0, first))) {
    switch (event.kind) {
      case 'started':
        promptTokens = event.promptTokens;
        break;
      case 'tokens': {
        const answer = answers[event.prompt * samples + event.sample]!;
        answer.text += event.text;
        answer.tokens.push(...event.tokens);
        break;
      }
      case 'answered': {
        const answer = answers[event.prompt * samples + event.sample]!;
        answer.reason = event.reason;
        answer.stop = event.stop;
        break;
      }
      case 'ended':
        break;
      default:
        event satisfies never;
    }
  }
  return { promptTokens, answers };
}
