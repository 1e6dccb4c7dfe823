import { z } from 'zod';
import { ArchitectureConfig } from './architectures/index.js';
import { FrozenWeights } from './frozen-weights.js';
import { ModelHead, writtenHead } from './heads.js';
import { Pooling } from './pooling.js';
import { Sha256 } from './sha256.js';

/** Low-rank adaptation (Hu et al. 2021, arXiv:2106.09685) of projections: W x + scale · B A dropout(x). */
export const LoraConfig = z.object({
  rank: z.number().int().min(1).max(1024),
  /** scale = alpha / rank; alpha / √rank with `rankStabilized` (Kalajdzievski 2023, arXiv:2312.03732). */
  alpha: z.number().positive(),
  rankStabilized: z.boolean(),
  dropout: z.number().min(0).lt(1),
  /**
   * Modules to adapt, by PEFT's rule for `target_modules`: a single pattern that starts with `regex:` must match a
   * module's whole name; else each is a whole name, or what a name ends with after a dot. A module is named as its
   * weight without `.weight`.
   */
  targetModules: z.array(z.string().min(1)).min(1).max(100),
  /** How the weights under it are held while it is trained. Absent: float32. */
  frozenWeights: FrozenWeights.optional(),
});
export type LoraConfig = z.infer<typeof LoraConfig>;

export const LayerDescription = z.object({
  name: z.string(),
  /**
   * 0 = embeddings, 1.. = encoder layers, last = pooling, where the model has one. A frozen prefix of n layers freezes
   * indexes 0..n.
   */
  index: z.number().int().min(0),
  parameterCount: z.number().int().min(0),
  tensors: z.array(z.object({ name: z.string(), shape: z.array(z.number().int()), dtype: z.literal('F32') })),
});
export type LayerDescription = z.infer<typeof LayerDescription>;

/**
 * What a model is, as one JSON artifact. Its digest identifies the model; weights and tokenizer are artifacts of their
 * own.
 */
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
  /**
   * Whether the tokenizer gives the model types of tokens: which text of a pair each is from. Absent where that is as
   * in most models of the family (see its traits), and in manifests that were written before this was known.
   */
  givesTokenTypes: z.boolean().optional(),
  layers: z.array(LayerDescription),
  heads: z.array(ModelHead),
  /** Tokens that texts were cut to in training; prediction and evaluation cut alike. Null for a bare base model. */
  maxLength: z.number().int().positive().nullable(),
  /**
   * What its heads read. Of a bare encoder: how its files say that it pools, null where they do not say. Null for
   * Universal Sentence Encoder Lite, and where all heads read tokens.
   */
  pooling: Pooling.nullable().default(null),
  /** Which side of a text that is too long is cut off. */
  truncationSide: z.enum(['left', 'right']).default('right'),
  /**
   * A low-rank adapter on top of `weights`, which are then the base model's own. Its safetensors file, in float32, has
   * `<module>.lora_A.weight` [R,I] and `<module>.lora_B.weight` [O,R] for each adapted module, and what was trained in
   * full beside them: the heads, and a pooler that the base model lacks.
   */
  adapter: z
    .object({
      config: LoraConfig,
      weights: z.object({ digest: Sha256, sizeBytes: z.number().int().positive() }),
    })
    .nullable()
    .default(null),
  /**
   * Files that the model came with, other than weights, and that an export hands on: `config.json`,
   * `tokenizer_config.json`, `special_tokens_map.json`, `vocab.txt` …
   */
  files: z.array(z.object({ name: z.string(), digest: Sha256, sizeBytes: z.number().int().min(0) })).default([]),
});
export type ModelManifest = z.infer<typeof ModelManifest>;

/** The manifest's bytes, as its artifact has them. */
export function manifestBytes(manifest: ModelManifest): Uint8Array {
  return Buffer.from(JSON.stringify({ ...manifest, heads: manifest.heads.map(writtenHead) }));
}
