import { z } from 'zod';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';
import type { TextEnds } from '../data/documents.js';
import { readArtifact } from './artifacts.js';

const id = z.number().int().min(0);

/** The keys of a `config.json`; a model may end texts with any of several tokens, of which the first is learned. */
const Ends = z.object({
  bos_token_id: id.nullish().catch(null),
  eos_token_id: z
    .union([id, z.array(id).min(1)])
    .nullish()
    .catch(null),
});

const beginnings = ['<s>', '<bos>', '<|begin_of_text|>', '<|endoftext|>', '[CLS]'];
const endings = ['</s>', '<eos>', '<|end_of_text|>', '<|endoftext|>', '[SEP]'];

/**
 * The tokens that texts begin and end with: those that the model's `config.json` names, else special tokens of its
 * tokenizer with a usual name. A model that ends texts and does not begin them reads the end of the text before.
 */
export async function textEndsOf(
  store: ArtifactStore,
  { files }: Pick<ModelManifest, 'files'>,
  tokenizer: Pick<Tokenizer, 'specialTokens' | 'vocabularySize'>,
): Promise<TextEnds> {
  const file = files.find(({ name }) => name === 'config.json');
  const named = file === undefined ? {} : parse(await readArtifact(store, file.digest, 'the model’s config.json'));
  const exists = (token: number | null | undefined) => token != null && token < tokenizer.vocabularySize;
  const special = (names: readonly string[]) =>
    names.flatMap((name) => tokenizer.specialTokens.find(({ content }) => content === name)?.id ?? [])[0] ?? null;
  const ofConfig = [named.eos_token_id ?? null].flat()[0];
  const end = exists(ofConfig) ? (ofConfig as number) : special(endings);
  const begin = exists(named.bos_token_id) ? (named.bos_token_id as number) : special(beginnings);
  return { begin: begin ?? end, end };
}

function parse(bytes: Uint8Array): z.infer<typeof Ends> {
  const parsed = Ends.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return parsed.success ? parsed.data : {};
}
