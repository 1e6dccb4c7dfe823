import { ProblemsError } from '../../../src/problems/problem.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import type { Engine } from '../../engine/types.js';
import { loadManifest } from '../../models/load-model.js';
import { readingMemoryProblem } from '../reading-memory.js';
import type { MaskedModel } from './masked-model.js';

/** Of a text, for what a model is expected to take: contexts of thousands are seldom filled by rows to be changed. */
const usualTokens = 512;

/** The masked language models of one preparation: each is opened when a step first needs it, with an engine. */
export interface MaskedModels {
  /** @param path of the model in the step. Errors: those of `openMaskedModel`, OUT_OF_MEMORY */
  open(digest: string, path: readonly string[]): Promise<MaskedModel>;
  /** Releases the models and the engine. */
  release(): Promise<void>;
}

export function createMaskedModels(
  {
    openEngine,
    store,
    availableBytes,
  }: {
    readonly openEngine: () => Promise<Engine>;
    readonly store: ArtifactStore;
    /** Bytes of memory that this process may still take. */
    readonly availableBytes: () => number;
  },
  beat: () => void,
): MaskedModels {
  let engine: Promise<Engine> | null = null;
  const models = new Map<string, MaskedModel>();
  return {
    async open(digest, path) {
      const known = models.get(digest);
      if (known !== undefined) return known;
      const manifest = await loadManifest(store, digest);
      const tokens = Math.min(usualTokens, manifest.contextLength);
      const tooLarge = readingMemoryProblem(manifest, tokens, 'guesses', availableBytes(), path);
      if (tooLarge !== null) throw new ProblemsError([tooLarge]);
      engine ??= openEngine();
      // Its code loads TensorFlow.js, which no other step needs.
      const { openMaskedModel } = await import('./masked-model.js');
      const model = await openMaskedModel({ engine: await engine, store }, digest, path, beat);
      models.set(digest, model);
      return model;
    },
    async release() {
      for (const model of models.values()) await model.release();
      models.clear();
      await (await engine)?.release();
      engine = null;
    },
  };
}
