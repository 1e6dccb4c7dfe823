import type { Tensor } from '@tensorflow/tfjs-core';
import { type DecoderConfig, longestText } from '../../src/protocol/architectures/index.js';
import {
  continuedInputs,
  continuedMaxima,
  continueTexts,
  growsWithText,
  keptSizes,
  nextInputs,
  nextLogits,
} from '../architectures/cached-decoder.js';
import type { EncoderRun } from '../architectures/encoder-run.js';
import type { DynamicInputSpec, Engine, Feeds, ParameterStore, Tensors } from '../engine/types.js';
import { createKeyValueCache, type KeyValueCache } from './key-value-cache.js';

/**
 * Tokens of all rows that a run reads at most. Products of more rows are not faster, what a run computes with stays
 * small beside the weights, and attention to tokens that are not there yet is hardly computed.
 */
const mostTokensAtOnce = 256;

/** Texts as far as they are read. */
interface ReadTexts {
  /** A row for each text, in an order of its own. */
  readonly cache: KeyValueCache;
  /** The row of each text. */
  readonly rowOf: readonly number[];
  /** The states of the last tokens of texts, in their order: [texts,H]. */
  readonly states: Float32Array;
}

/** A decoder that goes on with texts, with the parameters that a store has at the time. */
export interface Continuation {
  readonly config: DecoderConfig;
  createCache(): KeyValueCache;
  /**
   * Reads texts from their beginnings, in pieces.
   *
   * @param texts ids of their tokens, at least one each
   * @param onProgress called after every piece: it can give a sign of life, or throw in order to stop
   */
  read(texts: readonly (readonly number[])[], onProgress: () => void): Promise<ReadTexts>;
  /** Reads one more token of each row. @returns its states, [B,H] */
  step(cache: KeyValueCache, ids: readonly number[]): Promise<Float32Array>;
  /**
   * What follows states [B,H].
   *
   * @param feeds of the inputs that `follows` has
   * @returns logits [B,V], or what is made of them, [B,W]; the caller may overwrite it
   */
  follow(states: Float32Array, feeds?: Feeds): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface ContinuationOptions {
  /** Tokens of a row that a run reads at most. */
  readonly mostOfRow?: number;
  /** See `createKeyValueCache`. */
  readonly slotsTogether?: number;
  /** See `ForwardOptions`. */
  readonly frozen?: boolean;
  /** See `continueTexts`. */
  readonly run?: EncoderRun;
  /** What the graph makes of logits, which is told in their place. Default: they are told themselves. */
  readonly follows?: WhatFollows;
}

/** What a graph makes of the logits of what follows: [B,V] → [B,W]. */
interface WhatFollows {
  /** Beside the logits, with a size `texts` (B). */
  readonly inputs: Readonly<Record<string, DynamicInputSpec>>;
  of(logits: Tensor, inputs: Tensors): Tensor;
}

export async function openContinuation(
  engine: Engine,
  store: ParameterStore,
  config: DecoderConfig,
  { mostOfRow = mostTokensAtOnce, slotsTogether, frozen = false, run: how, follows }: ContinuationOptions = {},
): Promise<Continuation> {
  const grows = growsWithText(config);
  const options = { frozen, fewRows: true };
  const texts = await engine.compileDynamicForward(
    store,
    continuedInputs(config),
    (parameters, inputs) => continueTexts(parameters, inputs, config, how),
    { maxima: continuedMaxima(config), ...options },
  );
  const next = await engine.compileDynamicForward(
    store,
    { ...nextInputs(config), ...follows?.inputs },
    (parameters, inputs) => {
      const { logits } = nextLogits(parameters, inputs, config);
      return { following: follows === undefined ? logits! : follows.of(logits!, inputs) };
    },
    options,
  );

  /**
   * Reads the next T tokens of the first rows; those of which there are fewer are padded.
   *
   * @returns the states of their last ones, [B,H]
   */
  async function run(
    cache: KeyValueCache,
    pieces: readonly (readonly number[])[],
    lengths: readonly number[],
  ): Promise<Float32Array> {
    const B = pieces.length;
    const T = Math.max(...pieces.map(({ length }) => length));
    const [ids, places] = [new Int32Array(B * T), new Int32Array(B * T)];
    const last = new Int32Array(B);
    for (const [row, piece] of pieces.entries()) {
      const before = cache.lengths[row]!;
      ids.set(piece, row * T);
      for (let t = 0; t < T; t++) places[row * T + t] = before + Math.min(t, piece.length - 1);
      last[row] = row * T + piece.length - 1;
    }
    const given = { ids, places, last, ...(grows ? { lengths: Float32Array.from(lengths) } : {}) };
    const sizes = { texts: B, tokens: T, slots: cache.slots };
    const outputs = await texts.run({ ...given, ...cache.feeds(B) }, sizes);
    cache.reserve(0, Math.max(...pieces.map((piece, row) => cache.lengths[row]! + piece.length)));
    cache.append(
      outputs,
      pieces.map(({ length }) => length),
    );
    return outputs.states as Float32Array;
  }

  const createCache = () => createKeyValueCache(keptSizes(config), longestText(config), slotsTogether);
  return {
    config,
    createCache,
    async read(prompts, onProgress) {
      // From the longest to the shortest: those that have tokens left are the first rows.
      const order = [...prompts.keys()].sort((a, b) => prompts[b]!.length - prompts[a]!.length);
      const cache = createCache();
      cache.reserve(prompts.length, 0);
      for (const _ of prompts) cache.addRow();
      const H = config.hiddenSize;
      /** A row for each of `order`. */
      const states = new Float32Array(prompts.length * H);
      const longest = prompts[order[0]!]!.length;
      for (let done = 0; done < longest; ) {
        const going = order.filter((prompt) => prompts[prompt]!.length > done);
        const T = Math.max(1, Math.min(mostOfRow, Math.floor(mostTokensAtOnce / going.length)));
        const given = await run(
          cache,
          going.map((prompt) => prompts[prompt]!.slice(done, done + T)),
          going.map((prompt) => prompts[prompt]!.length),
        );
        done += T;
        // Those of a row that goes on are written again.
        states.set(given);
        onProgress();
      }
      const rowOf = [...prompts.keys()].map((prompt) => order.indexOf(prompt));
      const inOrder = new Float32Array(states.length);
      for (const [prompt, row] of rowOf.entries()) inOrder.set(states.subarray(row * H, (row + 1) * H), prompt * H);
      return { cache, rowOf, states: inOrder };
    },
    async step(cache, ids) {
      const pieces = ids.map((id) => [id]);
      const lengths = cache.lengths.map((length) => length + 1);
      return run(cache, pieces, lengths);
    },
    async follow(states, feeds) {
      const { following } = await next.run({ states, ...feeds }, { texts: states.length / config.hiddenSize });
      return following as Float32Array;
    },
    async release() {
      await texts.release();
      await next.release();
    },
  };
}
