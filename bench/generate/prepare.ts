import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, uniform } from '../../gpu-worker/data/random.js';
import { prepareModel } from '../language/prepare-model.js';
import type { SideSettings } from './settings.js';
import type { Work } from './works.js';

/** Makes the model and the prompts in a folder, equal for both sides: random weights, and random tokens. */
export async function prepare(
  { model, heldAs, prompts: { count, tokens }, newTokens }: Work,
  folder: string,
  threads: number,
): Promise<SideSettings> {
  const made = await prepareModel(model, folder);
  symlinkSync(made.weights, join(made.config, 'model.safetensors'));
  const random = createRandom(7);
  const prompt = () => Array.from({ length: tokens }, () => Math.floor(uniform(random) * model.vocabularySize));
  return {
    threads,
    store: made.store,
    modelDigest: made.digest,
    heldAs,
    model: made.config,
    prompts: Array.from({ length: count }, prompt),
    newTokens,
  };
}
