import type { AnswerReading } from '../../src/conversations/index.js';
import { traitsOf } from '../../src/protocol/architectures/index.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { TruncationSide } from '../../src/tokenizer/index.js';
import { readsTokenTypes } from '../data/token-types.js';
import type { LoadedModel } from './load-model.js';
import { writingOf } from './writing-of.js';

/**
 * How a model reads a prompt and an answer: a decoder by its chat template, an encoder as a pair of texts.
 *
 * @param how a chat template in place of the model's own, and the present for templates that ask for it
 * @throws ProblemError MISSING_ARTIFACT, INVALID_VALUE
 */
export async function answerReadingOf(
  model: Pick<LoadedModel, 'manifest' | 'tokenizer'>,
  store: ArtifactStore,
  how: { readonly chatTemplate: string | null; readonly templateTime: string },
  length: { readonly maxLength: number; readonly truncationSide: TruncationSide },
): Promise<AnswerReading> {
  const { manifest, tokenizer } = model;
  const { isCausal, readsPairs } = traitsOf(manifest.config);
  if (isCausal) {
    const writing = await writingOf({ ...how, learned: 'assistantTurns' }, model, store);
    return { kind: 'written', tokenizer, writing, ...length };
  }
  const readsTypes = readsTokenTypes(model, readsPairs, 'preference');
  return { kind: 'pair', tokenizer, readsPairs, readsTypes, ...length };
}
