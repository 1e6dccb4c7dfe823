import { type ChatSource, ConversationError, readChatSource, type TemplateFile } from '../conversations/index.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';

/** Reads how models are talked to. */
export interface ChatSources {
  /**
   * The chat template and the special tokens that a model's files name.
   *
   * @throws ProblemsError MISSING_ARTIFACT, INVALID_MODEL
   */
  of(files: ModelManifest['files']): Promise<ChatSource>;
}

export function createChatSources(store: Pick<ArtifactStore, 'read'>): ChatSources {
  return {
    async of(files) {
      const read = async (name: TemplateFile) => {
        const file = files.find((one) => one.name === name);
        return file === undefined ? null : Buffer.from(await store.read(file.digest)).toString('utf8');
      };
      try {
        return await readChatSource(read);
      } catch (error) {
        if (error instanceof ConversationError) throw refused('INVALID_MODEL', error.message);
        if (!(error instanceof StorageError)) throw error;
        const code = error.code === 'NOT_FOUND' ? 'MISSING_ARTIFACT' : 'INVALID_MODEL';
        throw refused(code, "A file of the model's tokenizer can not be read from the artifact store.");
      }
    },
  };
}

function refused(code: 'MISSING_ARTIFACT' | 'INVALID_MODEL', message: string): ProblemsError {
  return new ProblemsError([problem([], code, message, 'Import the model again.')]);
}
