import { type ChatSource, readChatSource } from '../../src/conversations/index.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { readArtifact } from './artifacts.js';

/**
 * How a model is talked to, by its files. Errors: ConversationError INVALID_TEMPLATE; ProblemError MISSING_ARTIFACT.
 */
export function chatSourceOf(store: ArtifactStore, { files }: Pick<ModelManifest, 'files'>): Promise<ChatSource> {
  return readChatSource(async (name) => {
    const file = files.find((one) => one.name === name);
    return file === undefined ? null : (await readArtifact(store, file.digest, `the model’s ${name}`)).toString('utf8');
  });
}
