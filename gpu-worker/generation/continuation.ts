import { type DecoderConfig, longestText } from '../../src/protocol/architectures/index.js';
import {
  continuedInputs,
  continuedMaxima,
  continueTexts,
  growsWithText,
  keptSizes,
} from '../architectures/cached-decoder.js';
import type { EncoderRun } from '../architectures/encoder-run.js';
import type { Engine, ParameterStore } from '../engine/types.js';
import { createKeyValueCache, type KeyValueCache } from './key-value-cache.js';

/** Tokens of all rows that a run reads at most: what it computes with stays small beside the weights. */
const mostTokensAtOnce = 1024;
/** Of a row: attention to the tokens before is not computed beyond this many that are not yet there. */
const mostTokensOfRow = 256;

/** Texts as far as they are read. */
interface ReadTexts {
  /** A row for each text, in an order of its own. */
  readonly cache: KeyValueCache;
  /** The row of each text. */
  readonly rowOf: readonly number[];
  /** Of each text, the logits of what follows it, [V]. */
  readonly logits: readonly Float32Array[];
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
  /**
   * Reads one more token of each row.
   *
   * @returns the logits of what follows, [B,V], which the caller may overwrite
   */
  step(cache: KeyValueCache, ids: readonly number[]): Promise<Float32Array>;
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
}

export async function openContinuation(
  engine: Engine,
  store: ParameterStore,
  config: DecoderConfig,
  { mostOfRow = mostTokensOfRow, slotsTogether, frozen = false, run: how }: ContinuationOptions = {},
): Promise<Continuation> {
  const grows = growsWithText(config);
  const compiled = await engine.compileDynamicForward(
    store,
    continuedInputs(config),
    (parameters, inputs) => continueTexts(parameters, inputs, config, how),
    { maxima: continuedMaxima(config), frozen, fewRows: true },
  );

  /** Reads the next T tokens of the first rows; those of which there are fewer are padded. */
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
    const outputs = await compiled.run({ ...given, ...cache.feeds(B) }, sizes);
    cache.reserve(0, Math.max(...pieces.map((piece, row) => cache.lengths[row]! + piece.length)));
    cache.append(
      outputs,
      pieces.map(({ length }) => length),
    );
    return outputs.logits as Float32Array;
  }

  const createCache = () => createKeyValueCache(keptSizes(config), longestText(config), slotsTogether);
  return {
    config,
    createCache,
    async read(texts, onProgress) {
      // From the longest to the shortest: those that have tokens left are the first rows.
      const order = [...texts.keys()].sort((a, b) => texts[b]!.length - texts[a]!.length);
      const cache = createCache();
      cache.reserve(texts.length, 0);
      for (const _ of texts) cache.addRow();
      const logits = new Array<Float32Array>(texts.length);
      const longest = texts[order[0]!]!.length;
      for (let done = 0; done < longest; ) {
        const going = order.filter((text) => texts[text]!.length > done);
        const T = Math.max(1, Math.min(mostOfRow, Math.floor(mostTokensAtOnce / going.length)));
        const pieces = going.map((text) => texts[text]!.slice(done, done + T));
        const given = await run(
          cache,
          pieces,
          going.map((text) => texts[text]!.length),
        );
        done += T;
        const V = given.length / going.length;
        for (const [row, text] of going.entries()) {
          if (texts[text]!.length <= done) logits[text] = given.slice(row * V, (row + 1) * V);
        }
        onProgress();
      }
      return { cache, rowOf: [...texts.keys()].map((text) => order.indexOf(text)), logits };
    },
    step(cache, ids) {
      const pieces = ids.map((id) => [id]);
      return run(
        cache,
        pieces,
        cache.lengths.map((length) => length + 1),
      );
    },
    release: () => compiled.release(),
  };
}
