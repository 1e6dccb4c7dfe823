import type { FinishReason, GeneratedToken, LoggedGenerationEvent } from '../protocol/generation.js';
import type { RankedAnswer } from '../protocol/rewards/rerank.js';

/** One answer to a prompt, as far as it is written. */
interface Answer {
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
  /** By prompt, once all answers are scored: the best first; empty before, and where nothing scores them. */
  readonly ranked: readonly (readonly RankedAnswer[])[];
}

/** An answer as it is shown: with what it is worth, once it is scored. */
export type ShownAnswer = Answer & { readonly ranked: RankedAnswer | null };

/** The answers in the order of the prompts, then of the samples; once they are scored, the `keep` best, best first. */
export function shownAnswers({ answers, ranked }: Said, samples: number, keep: number): readonly ShownAnswer[] {
  if (ranked.length === 0) return answers.map((answer) => ({ ...answer, ranked: null }));
  return ranked.flatMap((order, prompt) =>
    order.slice(0, keep).map((worth) => ({ ...answers[prompt * samples + worth.sample]!, ranked: worth })),
  );
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
  const ranked: (readonly RankedAnswer[])[] = [];
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
      case 'ranked':
        ranked[event.prompt] = event.answers;
        break;
      case 'ended':
        break;
      default:
        event satisfies never;
    }
  }
  // They are told in one message, after all answers; a log that ends within it shows none of them in order.
  return { promptTokens, answers, ranked: ranked.length === promptCount ? ranked : [] };
}
