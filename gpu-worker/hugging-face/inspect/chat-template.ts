import { ConversationError, readChatSource } from '../../../src/conversations/index.js';
import { storableText } from '../../../src/protocol/storable-text.js';
import type { KeptFile } from '../kept-files.js';
import type { ProblemsOf } from './problems-of.js';

/** The chat template in the files of a model; null where there is none, or none that can be read. */
export async function chatTemplateIn(kept: readonly KeptFile[], { attempt }: ProblemsOf): Promise<string | null> {
  const read = async (name: string) => kept.find((file) => file.name === name)?.bytes.toString('utf8') ?? null;
  const source = await attempt(() =>
    readChatSource(read).catch((error: unknown) => {
      // An import takes the model as it is: it can be trained on everything but conversations.
      if (error instanceof ConversationError) return null;
      throw error;
    }),
  );
  return source?.template == null ? null : storableText(source.template);
}
