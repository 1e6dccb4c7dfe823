import { traitsOf } from '../../../src/protocol/architectures/index.js';
import { lengthsThatOccur } from '../../../src/protocol/length-buckets.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { Pooling } from '../../../src/protocol/pooling.js';
import type { TruncationSide } from '../../../src/tokenizer/index.js';
import { readsTokenTypes } from '../../data/token-types.js';
import { type TokenizedTexts, tokenizeTexts } from '../../data/tokenize.js';
import type { WordSpan } from '../../data/word-spans.js';
import type { Engine } from '../../engine/types.js';
import { tokenSource } from '../../forward/example-source.js';
import { openFrozenEncoder } from '../../forward/frozen-encoder.js';
import { planModel } from '../../forward/model-plan.js';
import type { LoadedModel } from '../../models/load-model.js';
import { ProblemError } from '../../problem-error.js';
import type { FrozenEncoder } from '../report/frozen-features.js';

/** How a frozen model reads. */
export interface FrozenReading {
  readonly engine: Engine;
  readonly model: LoadedModel;
  readonly maxLength: number;
  readonly truncationSide: TruncationSide;
  readonly beat: () => void;
}

/**
 * What frozen models are read by: what their files say, else the mean over the tokens. The first token of a model that
 * was only taught to predict tokens says little before training (Reimers and Gurevych 2019, table 1).
 */
function poolingOf({ config, pooling }: ModelManifest): Pooling | null {
  const { poolings, defaultPooling } = traitsOf(config);
  return pooling ?? (poolings.includes('mean') ? 'mean' : defaultPooling);
}

/** Vectors of texts [N, O], row by row. Errors: ProblemError INVALID_MODEL, INVALID_VALUE. */
export async function encodeTexts(
  reading: FrozenReading,
  texts: readonly string[],
): Promise<{ readonly features: Float32Array; readonly width: number }> {
  return encode(reading, tokenize(reading, texts, null), 'texts');
}

/** States of tokens [tokens, H], text after text, with the tokens. Errors: as above. */
export async function encodeTokens(
  reading: FrozenReading,
  texts: readonly string[],
  words: readonly (readonly WordSpan[])[],
): Promise<{ readonly features: Float32Array; readonly width: number; readonly tokenized: TokenizedTexts }> {
  const tokenized = tokenize(reading, texts, words);
  return { ...(await encode(reading, tokenized, 'tokens')), tokenized };
}

function tokenize(
  { model, maxLength, truncationSide, beat }: FrozenReading,
  texts: readonly string[],
  words: readonly (readonly WordSpan[])[] | null,
): TokenizedTexts {
  const readsTypes = readsTokenTypes(model, false, 'method');
  return tokenizeTexts(model.tokenizer, { texts, pairs: null, words, readsTypes }, { maxLength, truncationSide }, beat);
}

async function encode(reading: FrozenReading, tokenized: TokenizedTexts, reads: 'texts' | 'tokens') {
  const encoder = await openEncoder(reading, tokenized.typeIds !== null, reads);
  try {
    return { features: await encoder.encode(tokenized), width: encoder.width };
  } finally {
    await encoder.release();
  }
}

async function openEncoder(
  { engine, model: { manifest, weights }, beat }: FrozenReading,
  readsTypes: boolean,
  reads: 'texts' | 'tokens',
) {
  const head = { kind: reads === 'texts' ? 'classification' : 'tokenClassification', task: '', outputs: [] } as const;
  const plan = planModel(manifest, [head], {
    pooling: poolingOf(manifest),
    dropout: 0,
    freeze: { kind: 'encoder' },
    adapter: null,
  });
  const { inputs } = tokenSource(noTexts(readsTypes), []);
  const encoder = await openFrozenEncoder(engine, plan, weights, inputs, reads);
  return {
    width: encoder.width,
    release: encoder.release,
    async encode(tokenized: TokenizedTexts): Promise<Float32Array> {
      const source = tokenSource(tokenized, lengthsThatOccur(tokenized.lengths));
      const features = await encoder.encode(source, beat);
      if (features.every(Number.isFinite)) return features;
      const message = 'The model gives values that are no finite numbers.';
      throw new ProblemError({ path: [], code: 'INVALID_MODEL', message, hint: null });
    },
  };
}

function noTexts(readsTypes: boolean): TokenizedTexts {
  const none = new Int32Array(0);
  const offsets = new Int32Array(1);
  const truncated = new Uint8Array(0);
  return { ids: none, typeIds: readsTypes ? none : null, firstOfWord: null, offsets, lengths: none, truncated };
}

/**
 * A frozen model as reports ask it, batch by batch. Of pairs u and v it gives |u − v| and u ⊙ v.
 * Errors: ProblemError INVALID_MODEL, INVALID_VALUE.
 */
export async function openModelEncoder(
  reading: FrozenReading,
  readsPairs: boolean,
): Promise<FrozenEncoder & { release(): Promise<void> }> {
  const readsTypes = readsTokenTypes(reading.model, false, 'featureModelId');
  const encoder = await openEncoder(reading, readsTypes, 'texts');
  const { width } = encoder;
  return {
    dimensions: readsPairs ? 2 * width : width,
    release: encoder.release,
    async encode(texts) {
      const first = await encoder.encode(
        tokenize(
          reading,
          texts.map(({ text }) => text),
          null,
        ),
      );
      if (!readsPairs) return first;
      const pairs = tokenize(
        reading,
        texts.map(({ pair }) => pair ?? ''),
        null,
      );
      return comparedVectors(first, await encoder.encode(pairs), width);
    },
  };
}

/** Of vectors u and v [N, D]: |u − v| and u ⊙ v, [N, 2 D], as SentEval has them (Conneau and Kiela 2018). */
export function comparedVectors(first: Float32Array, second: Float32Array, width: number): Float32Array {
  const compared = new Float32Array(2 * first.length);
  for (let i = 0; i < first.length; i++) {
    const example = Math.floor(i / width);
    compared[i + example * width] = Math.abs(first[i]! - second[i]!);
    compared[i + (example + 1) * width] = first[i]! * second[i]!;
  }
  return compared;
}
