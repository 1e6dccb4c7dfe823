import { ConversationError, createWriting } from '../../src/conversations/index.js';
import type { InstructionTuningSpec } from '../../src/protocol/methods/index.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { ProblemError } from '../problem-error.js';
import { chatSourceOf } from './chat-source.js';
import type { LoadedModel } from './load-model.js';

/**
 * How a model's conversations are written.
 * @throws ProblemError MISSING_ARTIFACT, INVALID_VALUE (the chat template)
 */
export async function writingOf(
  {
    chatTemplate: template,
    learned,
    templateTime,
  }: Pick<InstructionTuningSpec, 'chatTemplate' | 'learned' | 'templateTime'>,
  { manifest, tokenizer }: Pick<LoadedModel, 'manifest' | 'tokenizer'>,
  store: ArtifactStore,
) {
  try {
    return createWriting(tokenizer, await chatSourceOf(store, manifest), {
      template,
      learned,
      now: new Date(templateTime),
    });
  } catch (error) {
    if (!(error instanceof ConversationError)) throw error;
    throw new ProblemError(
      { path: ['chatTemplate'], code: 'INVALID_VALUE', message: error.message, hint: 'Give another `chatTemplate`.' },
      { cause: error },
    );
  }
}
