import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ModelManifest } from '../../protocol/model-manifest.js';
import type { ArtifactStore } from '../../storage/artifact-store.js';
import { float32ToFloat16 } from '../../storage/half-precision.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../storage/safetensors.js';
import { openSafetensors } from '../../storage/safetensors-file.js';
import { encodeHeader } from '../../storage/safetensors-header.js';

/**
 * `gloss-lm`, a Llama of 3.6 million parameters with Universal Sentence Encoder Lite's pieces, which Attune trained
 * itself (`npm run gloss-lm`): one safetensors file in half precision, with all that describes the model in its
 * metadata. Its tokenizer is made from the package of Universal Sentence Encoder Lite, as that model's own is.
 */
const bundledFile = new URL('gloss-lm/gloss-lm.safetensors', import.meta.url);

/** The tokens that its texts begin and end with: pieces of the vocabulary that no text spells. */
export const glossLmTokens = [
  { id: 1, content: '<s>' },
  { id: 2, content: '</s>' },
] as const;

/** A manifest without what its files' digests say. */
const Description = ModelManifest.omit({ weights: true, tokenizer: true, files: true });

const Files = z.record(z.string(), z.string());

/** The bundled file of a trained model. @param files that the model came with, by name, as text */
export function packGlossLm(
  manifest: ModelManifest,
  weights: Uint8Array,
  files: Readonly<Record<string, string>>,
): Uint8Array {
  const { tensors } = readSafetensors(weights);
  const metadata = {
    format: 'pt',
    description: JSON.stringify(Description.parse(manifest)),
    files: JSON.stringify(files),
  };
  const named = [...tensors].map(([name, { shape, data }]) => ({ name, shape, data }));
  return Buffer.concat([
    encodeHeader(named, new Map(Object.entries(metadata)), 'F16'),
    ...named.map(({ data }) => float32ToFloat16(data)),
  ]);
}

/** Writes the bundled model's weights and files to the store, and describes it. Equal files give equal manifests. */
export async function storeGlossLm(
  store: ArtifactStore,
  tokenizer: ModelManifest['tokenizer'],
): Promise<ModelManifest> {
  const file = await openSafetensors(fileURLToPath(bundledFile));
  try {
    const tensors = new Map<string, Tensor>();
    for (const [name, { shape }] of file.tensors) tensors.set(name, { shape, data: await file.read(name) });
    const texts = Files.parse(JSON.parse(file.metadata.get('files') ?? '{}'));
    const files = await Promise.all(
      Object.entries(texts).map(async ([name, text]) => ({ name, ...(await store.write(Buffer.from(text))) })),
    );
    const description = Description.parse(JSON.parse(file.metadata.get('description') ?? '{}'));
    const weights = await store.write(writeSafetensors(tensors, new Map([['format', 'pt']])));
    return { ...description, weights, tokenizer, files };
  } finally {
    await file.close();
  }
}
