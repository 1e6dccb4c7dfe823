import { ConversationError, createWriting } from '../../src/conversations/index.js';
import type { GenerateJob } from '../../src/protocol/generation.js';
import { predictedTokensOf } from '../../src/protocol/predicts-tokens.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openVocabulary, TokenizerError, type Vocabulary } from '../../src/tokenizer/index.js';
import { isDecoder } from '../architectures/encoder-run.js';
import type { Engine, ParameterSpec } from '../engine/types.js';
import { fillParameters } from '../forward/initial-values.js';
import { planLanguageModel, plannedParameters } from '../forward/model-plan.js';
import { answerEndsOf } from '../models/answer-ends.js';
import { readArtifact } from '../models/artifacts.js';
import { chatSourceOf } from '../models/chat-source.js';
import { invalidModel } from '../models/invalid-model.js';
import { type LoadedModel, loadModel } from '../models/load-model.js';
import { textEndsOf } from '../models/text-ends.js';
import { ProblemError } from '../problem-error.js';
import { asCodes } from './as-codes.js';
import { type Continuation, openContinuation } from './continuation.js';
import type { PromptReader } from './read-prompts.js';

/** A language model in memory, ready to write. */
export interface ReadyGenerator {
  readonly reader: PromptReader;
  readonly endIds: ReadonlySet<number>;
  readonly continuation: Continuation;
  readonly vocabulary: Vocabulary;
  /** Bytes of memory that it takes. */
  bytes(): number;
  release(): Promise<void>;
}

/**
 * Opens a model to write with, its adapter merged. Its heads, if it has any, changed what it predicts, so that only
 * models without heads write.
 *
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, UNSUPPORTED_MODEL (it predicts no next token), INVALID_VALUE
 * (its chat template)
 */
export async function openGenerator(
  engine: Engine,
  store: ArtifactStore,
  digest: string,
  { weights: heldAs }: Pick<GenerateJob['settings'], 'weights'>,
): Promise<ReadyGenerator> {
  const model = await loadModel(store, digest);
  const { manifest, tokenizer, weights } = model;
  try {
    const { config } = manifest;
    if (!isDecoder(config) || predictedTokensOf(manifest) !== 'causal') throw writesNothing(manifest.heads.length > 0);
    const source = await chatOf(store, model);
    const endIds = await answerEndsOf(store, manifest, tokenizer, source.specialTokens.eos_token);
    const vocabulary = await vocabularyOf(store, manifest);
    const { begin } = await textEndsOf(store, manifest, tokenizer);
    const plan = planLanguageModel(manifest, { dropout: 0, freeze: { kind: 'encoder' }, adapter: null });
    // No parameter is trainable, so that the weights in matrix products may become constants of the graph.
    const specs = plannedParameters(plan).map((spec) => ({ ...spec, trainable: false }));
    const parameters = engine.createParameters(
      heldAs === 'int8' ? asCodes(specs, manifest) : inFiles(specs, weights, engine.choice),
    );
    await fillParameters(parameters, weights, new Map());
    const continuation = await openContinuation(engine, parameters, config);
    return {
      reader: { tokenizer, template: source.template, begin, contextLength: manifest.contextLength },
      endIds,
      continuation,
      vocabulary,
      bytes: () => (manifest.weights.sizeBytes * copiesOfWeights) / (heldAs === 'int8' ? 4 : 1),
      async release() {
        await continuation.release();
        parameters.release();
      },
    };
  } finally {
    await weights.close();
  }
}

/**
 * Parameters that stay in the model's files, where a graph maps them: what it repacks for products is then the only
 * copy in memory. Without repacked matrices, products of 16 rows take three times as long.
 */
function inFiles(
  specs: readonly ParameterSpec[],
  weights: LoadedModel['weights'],
  { target }: Engine['choice'],
): readonly ParameterSpec[] {
  if (target !== 'cpu') return specs;
  return specs.map((spec) => {
    const file = weights.placeOf(spec.name);
    return file === null ? spec : { ...spec, file };
  });
}

/** The file's, of which pages come and go, and the one that the graph repacks. */
const copiesOfWeights = 2;

/** The model's chat template, and its special tokens by their roles. */
async function chatOf(store: ArtifactStore, { manifest, tokenizer }: LoadedModel) {
  try {
    const source = await chatSourceOf(store, manifest);
    const { template } = createWriting(tokenizer, source, { template: null, learned: 'completions', now: new Date() });
    return { specialTokens: source.specialTokens, template };
  } catch (error) {
    if (!(error instanceof ConversationError)) throw error;
    const { message } = error;
    throw new ProblemError({ path: ['modelId'], code: 'INVALID_VALUE', message, hint: null }, { cause: error });
  }
}

/** What a model's tokens stand for. Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL. */
export async function vocabularyOf(store: ArtifactStore, { tokenizer }: LoadedModel['manifest']): Promise<Vocabulary> {
  const bytes = await readArtifact(store, tokenizer.digest, 'the model’s tokenizer');
  try {
    return openVocabulary(bytes);
  } catch (error) {
    if (error instanceof TokenizerError) throw invalidModel(error.message, error);
    throw error;
  }
}

function writesNothing(hasHeads: boolean): ProblemError {
  const why = hasHeads ? 'it was trained for its heads' : 'it only reads texts';
  return new ProblemError({
    path: ['modelId'],
    code: 'UNSUPPORTED_MODEL',
    message: `the model writes no texts: ${why}`,
    hint: 'Choose a language model: a decoder without heads.',
  });
}
