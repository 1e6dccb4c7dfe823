import { z } from 'zod';
import { Sha256 } from './sha256.js';

/** Universal Sentence Encoder Lite: two pre-LayerNorm layers, mean pool, tanh projection, unit length. */
export const UseLiteConfig = z.object({
  architecture: z.literal('use-lite'),
  vocabularySize: z.number().int().positive(),
  embeddingSize: z.number().int().positive(),
  hiddenSize: z.number().int().positive(),
  intermediateSize: z.number().int().positive(),
  attentionHeads: z.number().int().positive(),
  layers: z.number().int().positive(),
  layerNormEpsilon: z.number().positive(),
  maxPositions: z.number().int().positive(),
  outputSize: z.number().int().positive(),
});
export type UseLiteConfig = z.infer<typeof UseLiteConfig>;

export const ArchitectureConfig = z.discriminatedUnion('architecture', [UseLiteConfig]);
export type ArchitectureConfig = z.infer<typeof ArchitectureConfig>;

/** A classification head that came with the weights: tensors `heads.<task>.weight` [C,H] and `heads.<task>.bias` [C]. */
export const ClassificationHead = z.object({ task: z.string(), labels: z.array(z.string()).min(2) });
export type ClassificationHead = z.infer<typeof ClassificationHead>;

export const LayerDescription = z.object({
  name: z.string(),
  /** 0 = embeddings, 1.. = encoder layers, last = pooling. A frozen prefix of n layers freezes indexes 0..n. */
  index: z.number().int().min(0),
  parameterCount: z.number().int().min(0),
  tensors: z.array(z.object({ name: z.string(), shape: z.array(z.number().int()), dtype: z.literal('F32') })),
});
export type LayerDescription = z.infer<typeof LayerDescription>;

/** What a model is, as one JSON artifact. Its digest identifies the model; weights and tokenizer are artifacts of their own. */
export const ModelManifest = z.object({
  formatVersion: z.literal(1),
  config: ArchitectureConfig,
  parameterCount: z.number().int().positive(),
  contextLength: z.number().int().positive(),
  licence: z.string(),
  /** safetensors, float32. */
  weights: z.object({ digest: Sha256, sizeBytes: z.number().int().positive() }),
  /** A Hugging Face `tokenizer.json`. */
  tokenizer: z.object({ digest: Sha256, kind: z.string(), vocabularySize: z.number().int().positive() }),
  layers: z.array(LayerDescription),
  heads: z.array(ClassificationHead),
  /** Length texts were cut to in training: what prediction and evaluation use. Null for a bare base model. */
  maxLength: z.number().int().positive().nullable(),
});
export type ModelManifest = z.infer<typeof ModelManifest>;
