import { gather } from '@tensorflow/tfjs-core';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { longestText, type TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { predictedTokensOf } from '../../../src/protocol/predicts-tokens.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import type { Tokenizer } from '../../../src/tokenizer/index.js';
import { allTokenLogits } from '../../architectures/token-logits.js';
import { planByTokens } from '../../data/batch-plan.js';
import { maskIdOf } from '../../data/masked-documents.js';
import type { DynamicForward, Engine, ParameterStore } from '../../engine/types.js';
import { fillParameters } from '../../forward/initial-values.js';
import { languageReading } from '../../forward/language-reading.js';
import { planLanguageModel, plannedParameters } from '../../forward/model-plan.js';
import type { LanguageReading } from '../../forward/score-rows.js';
import { likeliest, logSumExp } from '../../generation/sampling/logits.js';
import { loadModel } from '../../models/load-model.js';
import type { Guess, MaskedText, PredictMasked } from './replace-in-context.js';
import { readVocabularyWords } from './vocabulary-words.js';

/** A masked language model that guesses words. */
export interface MaskedModel {
  /** @param topK how many of the likeliest tokens are looked at; those that are whole words are guesses */
  predictMasked(topK: number): PredictMasked;
  release(): Promise<void>;
}

/** Tokens of a batch, and logits that a batch may have: 64 MiB. */
const tokensPerBatch = 1024;
const logitsPerBatch = 16 * 1024 * 1024;

/**
 * Opens a model for guesses. A masked word is one mask, however many tokens it has, so that each guess is a word of one
 * token. Texts are cut to what the model reads.
 *
 * @param path of the model in the input
 * @param beat called after each batch, to give a sign of life
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL; ProblemsError INVALID_VALUE for a model that does not predict
 * masked tokens
 */
export async function openMaskedModel(
  { engine, store }: { readonly engine: Engine; readonly store: ArtifactStore },
  digest: string,
  path: readonly string[],
  beat: () => void,
): Promise<MaskedModel> {
  const { manifest, tokenizer, weights } = await loadModel(store, digest);
  try {
    const maskId = maskIdOf(tokenizer);
    if (predictedTokensOf(manifest) !== 'masked' || maskId === null) throw predictsNoMasks(path);
    const plan = planLanguageModel(manifest, { dropout: 0, freeze: { kind: 'encoder' }, adapter: null });
    const config = manifest.config as TransformerConfig;
    const parameters = engine.createParameters(plannedParameters(plan).map((spec) => ({ ...spec, trainable: false })));
    const graph = await compileOrRelease(async () => {
      await fillParameters(parameters, weights, new Map());
      return compile(engine, parameters, config, languageReading(config, plan).states);
    }, parameters);
    const { wordOf, hasSpace } = readVocabularyWords(tokenizer);
    const V = config.vocabularySize;
    return {
      predictMasked: (topK) => async (texts) => {
        const masked = texts.map((text) => maskText(text, tokenizer, maskId, manifest.contextLength));
        const guesses: (readonly Guess[])[][] = texts.map(({ masked: spans }) => spans.map(() => []));
        const mostMasks = masked.reduce((most, { masks }) => Math.max(most, masks.length), 1);
        const mostRows = Math.max(1, Math.min(32, Math.floor(logitsPerBatch / (mostMasks * V))));
        const lengths = Int32Array.from(masked, ({ ids }) => ids.length);
        for (const { examples, length } of planByTokens(lengths, { tokens: tokensPerBatch, mostRows })) {
          const fed = feedsOf(masked, examples, length);
          if (fed.masks.length === 0) continue;
          const sizes = { rows: examples.length, length, masks: fed.masks.length };
          const { logits } = await graph.run({ ids: fed.ids, mask: fed.mask, places: fed.places }, sizes);
          for (const [index, { text, mask, replaced }] of fed.masks.entries()) {
            const own = (logits as Float32Array).subarray(index * V, (index + 1) * V);
            guesses[text]![mask] = guessesOf(own, topK, (id) =>
              hasSpace(id) === hasSpace(replaced) ? wordOf(id) : null,
            );
          }
          beat();
        }
        return guesses;
      },
      async release() {
        await graph.release();
        parameters.release();
      },
    };
  } finally {
    await weights.close();
  }
}

/** Logits at masks: [masks,V]. */
function compile(
  engine: Engine,
  parameters: ParameterStore,
  config: TransformerConfig,
  states: LanguageReading['states'],
): Promise<DynamicForward> {
  const inputs = {
    ids: { shape: ['rows', 'length'], dtype: 'int32' },
    mask: { shape: ['rows', 'length'], dtype: 'float32' },
    places: { shape: ['masks'], dtype: 'int32' },
  } as const;
  return engine.compileDynamicForward(
    parameters,
    inputs,
    (values, fed) => ({ logits: allTokenLogits(values, gather(states(values, fed), fed.places!), config) }),
    { maxima: { length: longestText(config) } },
  );
}

async function compileOrRelease<Graph>(make: () => Promise<Graph>, parameters: ParameterStore): Promise<Graph> {
  try {
    return await make();
  } catch (error) {
    parameters.release();
    throw error;
  }
}

/** A text's tokens with masks in them. */
interface MaskedTokens {
  readonly ids: readonly number[];
  /** Where each mask is, which of the text's masked words it stands for, and the first token of that word. */
  readonly masks: readonly { readonly place: number; readonly mask: number; readonly replaced: number }[];
}

function maskText(
  { text, masked }: MaskedText,
  tokenizer: Pick<Tokenizer, 'encode'>,
  maskId: number,
  maxLength: number,
): MaskedTokens {
  const { ids, offsets, sequence } = tokenizer.encode(text, null, { maxLength, truncationSide: 'right' });
  const shown: number[] = [];
  const masks: { place: number; mask: number; replaced: number }[] = [];
  let mask = 0;
  for (const [token, id] of ids.entries()) {
    const [start, end] = offsets[token]!;
    if (sequence[token] !== null) while (mask < masked.length && masked[mask]!.end <= start) mask += 1;
    const span = masked[mask];
    const isMasked = sequence[token] !== null && span !== undefined && start < span.end && end > span.start;
    if (!isMasked) shown.push(id);
    else if (masks.at(-1)?.mask !== mask) {
      masks.push({ place: shown.length, mask, replaced: id });
      shown.push(maskId);
    }
  }
  return { ids: shown, masks };
}

function feedsOf(masked: readonly MaskedTokens[], examples: Int32Array, length: number) {
  const ids = new Int32Array(examples.length * length);
  const mask = new Float32Array(examples.length * length);
  const places: number[] = [];
  const masks: { text: number; mask: number; replaced: number }[] = [];
  for (const [row, text] of examples.entries()) {
    const tokens = masked[text]!;
    ids.set(tokens.ids, row * length);
    mask.fill(1, row * length, row * length + tokens.ids.length);
    for (const each of tokens.masks) {
      places.push(row * length + each.place);
      masks.push({ text, mask: each.mask, replaced: each.replaced });
    }
  }
  return { ids, mask, places: Int32Array.from(places), masks };
}

/** The guesses among the likeliest tokens, of logits [V]. */
function guessesOf(logits: Float32Array, topK: number, wordOf: (id: number) => string | null): Guess[] {
  const best = likeliest(logits, topK);
  if (best.length === 0) return [];
  const normalizer = logSumExp(logits, logits[best[0]!]!);
  return best.flatMap((id) => {
    const word = wordOf(id);
    return word === null ? [] : [{ word, logProbability: logits[id]! - normalizer }];
  });
}

function predictsNoMasks(path: readonly string[]): ProblemsError {
  const hint = 'Choose an encoder with what predicts masked tokens, such as bert-base-uncased or distilroberta-base.';
  return new ProblemsError([problem(path, 'INVALID_VALUE', 'The model does not predict masked tokens.', hint)]);
}
