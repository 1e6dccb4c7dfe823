import { z } from 'zod';
import { LicencePolicy } from './licences/policy.js';
import { ModelManifest } from './model-manifest.js';
import { ModelSource } from './model-source.js';
import { Problem } from './run-event.js';
import { Sha256 } from './sha256.js';

/** What a base model is, and whether it could be imported, found without its weights. */
export const InspectJob = z.object({
  kind: z.literal('inspect'),
  source: ModelSource,
  /** As of an import. */
  licence: z.string().nullable(),
  licencePolicy: LicencePolicy,
  adapterBaseDigest: Sha256.nullable(),
  isRewardModel: z.boolean().optional(),
  /** What the project's storage has left; null: no limit. */
  storageLeftBytes: z.number().int().min(0).nullable(),
  /** Whoever asks waits no longer. */
  timeoutMs: z.number().int().min(1),
});
export type InspectJob = z.infer<typeof InspectJob>;

const count = z.number().int().min(0);

/** Ignored tensors that an inspection names. */
export const mostIgnoredNames = 100;

/** The part of a manifest that is known before anything is stored. */
export const InspectedModel = ModelManifest.pick({
  config: true,
  parameterCount: true,
  contextLength: true,
  givesTokenTypes: true,
  layers: true,
  heads: true,
  maxLength: true,
  pooling: true,
  truncationSide: true,
});
export type InspectedModel = z.infer<typeof InspectedModel>;

export const ModelInspection = z.object({
  /** As a base model's: `hub:org/name@<commit>`, `folder:<path>`. */
  source: z.string(),
  /** `model_type` and the class that `config.json` names. Null: it says neither, or there is none. */
  modelType: z.string().nullable(),
  className: z.string().nullable(),
  /** Null: of a family, or with options, that Attune does not have. */
  model: InspectedModel.nullable(),
  /** Where the tensors of `model` were counted. */
  countedIn: z.enum(['HEADERS', 'CONFIGURATION']),
  tokenizer: z.object({ kind: z.string(), vocabularySize: count }).nullable(),
  chatTemplate: z.string().nullable(),
  /** The files of weights as they lie there; null: there are none that are read. */
  weights: z.object({ fileCount: count, sizeBytes: count }).nullable(),
  /**
   * What numbers are stored as, by safetensors' names, e.g. BF16; from `config.json` where no header was read. Null: as
   * many as the model has, which is not supported.
   */
  precisions: z.array(z.object({ type: z.string(), parameterCount: count.nullable() })),
  /** Of tensors in the files that are no part of the model, the first names, and how many there are. */
  ignoredTensors: z.array(z.string()),
  ignoredTensorCount: count,
  /** What the files say of the licence. */
  licence: z.string().nullable(),
  /** An adapter in PEFT's format. */
  adapter: z
    .object({
      rank: count,
      alpha: z.number(),
      targetModules: z.array(z.string()),
      /** What the adapter says that it was trained on. */
      baseModelName: z.string().nullable(),
      parameterCount: count.nullable(),
    })
    .nullable(),
  /** All that an import would end with: the first is the one that it would answer. */
  problems: z.array(Problem),
});
export type ModelInspection = z.infer<typeof ModelInspection>;
