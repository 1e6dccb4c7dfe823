import { z } from 'zod';
import { ArchitectureName, FreshSizes } from './architectures/index.js';
import { Sha256 } from './sha256.js';

/** A folder on the worker's machine. */
const FolderSource = z.object({ kind: z.literal('folder'), path: z.string().min(1) });
/** A repository of a model hub, at a branch, tag or commit. */
const HubSource = z.object({ kind: z.literal('hub'), repository: z.string().min(1), revision: z.string().min(1) });

/** Where files in Hugging Face's layout come from. */
export type FileSource = z.infer<typeof FolderSource> | z.infer<typeof HubSource>;

/** A model that is made from nothing: its sizes, whose tokenizer it has, and the seed of its random values. */
const ConfigurationSource = z.object({
  kind: z.literal('configuration'),
  architecture: ArchitectureName,
  sizes: FreshSizes,
  /** Rows of the table of embeddings; null: as many as the tokenizer needs. */
  vocabularySize: z.number().int().min(1).nullable(),
  tokenizer: z.discriminatedUnion('kind', [
    /** That of a base model of the project. */
    z.object({ kind: z.literal('baseModel'), modelId: z.uuid(), digest: Sha256 }),
    /** A `tokenizer.json` that was uploaded: its digest. */
    z.object({ kind: z.literal('upload'), digest: Sha256 }),
    FolderSource,
    HubSource,
  ]),
  /** Tokens by their strings, as the tokenizer has them; null: those that it names, or that have a usual name. */
  tokens: z.object({ begin: z.string().nullable(), end: z.string().nullable(), pad: z.string().nullable() }),
  /** Standard deviation of matrices and embeddings: transformers' `initializer_range`. */
  deviation: z.number().positive().max(1),
  seed: z.number().int().min(0).max(0xffffffff),
});
export type ConfigurationSource = z.infer<typeof ConfigurationSource>;

/** Where a base model comes from. */
export const ModelSource = z.discriminatedUnion('kind', [FolderSource, HubSource, ConfigurationSource]);
export type ModelSource = z.infer<typeof ModelSource>;
