import { z } from 'zod';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';
import { readArtifact } from './artifacts.js';
import { invalidModel } from './invalid-model.js';
import { textEndsOf } from './text-ends.js';

const id = z.number().int().min(0);
const Ends = z.object({ eos_token_id: z.union([id.transform((one) => [one]), z.array(id)]).nullish() });

/**
 * The tokens that end an answer: those of `generation_config.json`, as transformers has it, else those of
 * `config.json`, else the one that ends texts; and the tokenizer's `eos_token`, with which many chat templates end a
 * turn.
 *
 * @param eosToken the tokenizer's, as text
 * @throws ProblemError MISSING_ARTIFACT; INVALID_MODEL for a file that is no JSON
 */
export async function answerEndsOf(
  store: ArtifactStore,
  manifest: Pick<ModelManifest, 'files'>,
  tokenizer: Pick<Tokenizer, 'specialTokens' | 'vocabularySize'>,
  eosToken: string | undefined,
): Promise<ReadonlySet<number>> {
  const ofTokenizer = tokenizer.specialTokens.filter(({ content }) => content === eosToken).map((token) => token.id);
  const named =
    (await endsIn(store, manifest, 'generation_config.json')) ?? (await endsIn(store, manifest, 'config.json'));
  const ofModel = named ?? [(await textEndsOf(store, manifest, tokenizer)).end ?? []].flat();
  return new Set([...ofModel, ...ofTokenizer].filter((token) => token < tokenizer.vocabularySize));
}

async function endsIn(
  store: ArtifactStore,
  { files }: Pick<ModelManifest, 'files'>,
  name: string,
): Promise<readonly number[] | undefined> {
  const file = files.find((each) => each.name === name);
  if (file === undefined) return undefined;
  const content = jsonIn((await readArtifact(store, file.digest, `the model’s ${name}`)).toString(), name);
  return Ends.safeParse(content).data?.eos_token_id ?? undefined;
}

function jsonIn(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidModel(`its ${name} is no JSON`, error);
  }
}
