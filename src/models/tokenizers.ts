import { ProblemsError, problem } from '../problems/problem.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';
import { createTokenizer, type Tokenizer, TokenizerError } from '../tokenizer/index.js';

/** A tokenizer takes a tenth of a second to build and some tens of megabytes to keep. */
const kept = 8;

/** Tokenizers of models, by the digest of their tokenizer.json; those used last stay ready. */
export interface Tokenizers {
  /** Throws ProblemsError MISSING_ARTIFACT, INVALID_MODEL. */
  get(digest: string): Promise<Tokenizer>;
}

export function createTokenizers(store: Pick<ArtifactStore, 'read'>): Tokenizers {
  // In the order of use: a Map keeps the order of insertion.
  const ready = new Map<string, Promise<Tokenizer>>();
  return {
    get(digest) {
      const tokenizer = ready.get(digest) ?? open(store, digest);
      ready.delete(digest);
      ready.set(digest, tokenizer);
      // A failed load is forgotten, so that the next call tries again.
      tokenizer.catch(() => ready.delete(digest));
      const [oldest] = ready.keys();
      if (ready.size > kept && oldest !== undefined) ready.delete(oldest);
      return tokenizer;
    },
  };
}

async function open(store: Pick<ArtifactStore, 'read'>, digest: string): Promise<Tokenizer> {
  try {
    return createTokenizer(await store.read(digest));
  } catch (error) {
    if (error instanceof StorageError) {
      const code = error.code === 'NOT_FOUND' ? 'MISSING_ARTIFACT' : 'INVALID_MODEL';
      const message = "The model's tokenizer can not be read from the artifact store.";
      const hint = `Restore the file artifacts/${digest.slice(0, 2)}/${digest} from a backup, or import the model again.`;
      throw new ProblemsError([problem([], code, message, hint)]);
    }
    if (error instanceof TokenizerError) throw new ProblemsError([problem([], 'INVALID_MODEL', error.message)]);
    throw error;
  }
}
