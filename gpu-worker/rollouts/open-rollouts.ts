import type { Tensor } from '@tensorflow/tfjs-core';
import type { DecoderConfig } from '../../src/protocol/architectures/index.js';
import { createRandom } from '../data/random.js';
import type { Engine, ParameterStore, Tensors } from '../engine/types.js';
import type { HeadReading } from '../forward/example-source.js';
import type { AnswerText } from '../generation/answer.js';
import { openContinuation } from '../generation/continuation.js';
import { generate, type NextToken } from '../generation/generate.js';
import { withoutDropout } from '../nn/without-dropout.js';
import { drawFeeds, drawInputs, drawnToken, drawTokens } from './draw-token.js';

/** A completion that a model in training sampled. */
export interface Rollout {
  /** Which of the prompts it answers, and which of the answers to that it is, both from 0. */
  readonly prompt: number;
  readonly sample: number;
  /** Its tokens; the one that ended it is the last, a token like all others with a log-probability of its own. */
  readonly ids: Int32Array;
  /** As `ids`: ln of the probability that the token was drawn with, its temperature applied. */
  readonly logProbabilities: Float32Array;
  /** As `ids`: the entropy of the distribution that it was drawn from, in nats. */
  readonly entropies: Float32Array;
  /** Whether the limit cut it off: no token ended it. */
  readonly isTruncated: boolean;
}

/** A prompt's tokens, and a number by which its samples are seeded: its row in the dataset version. */
export interface RolloutPrompt {
  readonly ids: readonly number[];
  readonly row: number;
}

export interface RolloutSettings {
  /** Completions of each prompt, G. */
  readonly samples: number;
  /** Tokens of a completion at most, the one that ends it included. */
  readonly maxTokens: number;
  /** What the draws depend on beside the prompt's row, the sample and the token's position: (seed, step, …). */
  readonly words: readonly number[];
}

/** What of a model its rollouts need. */
export interface RolloutModel {
  readonly config: DecoderConfig;
  /** How its adapter acts, if it has one. */
  readonly reading: HeadReading;
  /** Tokens that end a completion. */
  readonly endIds: ReadonlySet<number>;
  /** Tokens that the model reads at most. */
  readonly contextLength: number;
  /** Above 0. Top-k and top-p are not there on purpose: see `drawTokens`. */
  readonly temperature: number;
}

/** Samples completions with the parameters that a store has at the time. */
export interface RolloutWriter {
  /**
   * @param prompts with at least one token each, and fewer than the model reads
   * @param onProgress called at every token: it can give a sign of life, or throw in order to stop
   * @returns the completions of the first prompt by their samples, then those of the next
   * @throws ProblemError NON_FINITE_LOGITS
   */
  write(prompts: readonly RolloutPrompt[], settings: RolloutSettings, onProgress: () => void): Promise<Rollout[]>;
  release(): Promise<void>;
}

/** Completions that are written together: products of 64 rows cost a row about half of what those of 16 do. */
const rowsTogether = 64;

/** Completions are short, and all rows read as many slots as the longest has. */
const slotsTogether = 16;

/** A word of the seed: it keeps the draws of rollouts apart from other random numbers. */
const stream = 0x726f_6c6c;

/** Rollouts need no text while they are written: rewards read it when all tokens are there. */
const withoutText: AnswerText = { feed: () => ({ text: '', stop: null }), end: () => '' };

/**
 * Opens the generator of a training's rollouts. Its graphs read trained parameters from the store's own memory, those
 * of an adapter included, which is not merged: an update of the store changes what the next token is drawn from, and
 * nothing is copied. Frozen matrices may be constants of the graphs, as they are in those of training.
 *
 * The draw of a token is a function of (words, row, sample, position), so that a run that is resumed samples the same
 * from the same weights. A prompt is read once for all its samples.
 */
export async function openRollouts(
  engine: Engine,
  parameters: ParameterStore,
  { config, reading, endIds, contextLength, temperature }: RolloutModel,
): Promise<RolloutWriter> {
  const run = { ...reading, random: withoutDropout };
  const follows = {
    inputs: drawInputs,
    of: (logits: Tensor, inputs: Tensors) => drawTokens(logits, inputs, temperature),
  };
  const continuation = await openContinuation(engine, parameters, config, { run, follows, slotsTogether });
  return {
    async write(prompts, { samples, maxTokens, words }, onProgress) {
      const written = prompts.map(() => Array.from({ length: samples }, () => emptyRollout()));
      const writing = {
        samples,
        contextLength,
        maxTokens,
        endIds,
        rowsTogether,
        answerOf(prompt: number, sample: number) {
          const rollout = written[prompt]![sample]!;
          const choose = (drawn: Float32Array) => {
            const token = drawnToken(drawn);
            rollout.ids.push(token.id);
            rollout.logProbabilities.push(token.logProbability);
            rollout.entropies.push(token.entropy);
            return { id: token.id, logProbability: null, top: [] };
          };
          return { chooser: { choose }, text: withoutText, rule: null };
        },
        tokenText: () => '',
        feedsOf: (answers: readonly NextToken[]) =>
          drawFeeds(
            answers.map(({ prompt, sample, position }) =>
              createRandom(...words, stream, prompts[prompt]!.row, sample, position),
            ),
            config.vocabularySize,
          ),
      };
      const given = prompts.map(({ ids }) => ids);
      await generate(continuation, given, writing, { onEvent() {}, onProgress });
      return written.flatMap((group, prompt) =>
        group.map(({ ids, logProbabilities, entropies }, sample) => ({
          prompt,
          sample,
          ids: Int32Array.from(ids),
          logProbabilities: Float32Array.from(logProbabilities),
          entropies: Float32Array.from(entropies),
          isTruncated: !endIds.has(ids.at(-1)!),
        })),
      );
    },
    release: () => continuation.release(),
  };
}

function emptyRollout() {
  return { ids: [] as number[], logProbabilities: [] as number[], entropies: [] as number[] };
}
