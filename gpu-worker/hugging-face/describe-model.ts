import { longestText, traitsOf } from '../../src/protocol/architectures/index.js';
import { readsTokens } from '../../src/protocol/heads.js';
import type { InspectedModel } from '../../src/protocol/model-inspection.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { Pooling } from '../../src/protocol/pooling.js';
import type { StoredArtifact } from '../../src/storage/artifact-store.js';
import { elementCount } from '../../src/storage/safetensors.js';
import type { ModelConfig } from './config.js';
import type { HeadNotes } from './head-notes.js';
import type { MatchedTensors } from './match-tensors.js';

/** How an imported or new model reads texts. */
export interface ReadingParts {
  readonly truncationSide: 'left' | 'right';
  /** How its files say that it pools: see `statedPooling`. */
  readonly pooling: Pooling | null;
  /** See `ModelManifest`. */
  readonly givesTokenTypes: boolean | undefined;
}

/** What an imported or new model is made of, besides its configuration and the list of its tensors. */
export interface ImportedParts extends ReadingParts {
  readonly licence: string;
  readonly weights: StoredArtifact;
  readonly tokenizer: ModelManifest['tokenizer'];
  readonly files: readonly { readonly name: string; readonly artifact: StoredArtifact }[];
}

type Described = Pick<MatchedTensors, 'layers' | 'heads'> & {
  readonly tensors: readonly Pick<MatchedTensors['tensors'][number], 'shape'>[];
};

/** The manifest of such a model. Equal files give an equal manifest: neither its source nor a date is in it. */
export function describeModel(
  model: Pick<ModelConfig, 'config'> & Partial<Pick<ModelConfig, 'classifierPooling'>>,
  described: Described,
  notes: HeadNotes | null,
  { licence, weights, tokenizer, files, ...reading }: ImportedParts,
): ModelManifest {
  const { digest, kind, vocabularySize } = tokenizer;
  const { config, parameterCount, contextLength, givesTokenTypes, layers, heads, ...settings } = inspectedModel(
    model,
    described,
    notes,
    reading,
  );
  return {
    formatVersion: 1,
    config,
    parameterCount,
    contextLength,
    licence,
    weights: { digest: weights.digest, sizeBytes: weights.sizeBytes },
    tokenizer: { digest, kind, vocabularySize },
    ...(givesTokenTypes === undefined ? {} : { givesTokenTypes }),
    layers,
    heads,
    ...settings,
    adapter: null,
    files: files.map(({ name, artifact }) => ({ name, digest: artifact.digest, sizeBytes: artifact.sizeBytes })),
  };
}

/** What the manifest says of the model itself, which is known before its weights are read. */
export function inspectedModel(
  { config, classifierPooling = null }: Pick<ModelConfig, 'config'> & Partial<Pick<ModelConfig, 'classifierPooling'>>,
  { tensors, layers, heads }: Described,
  notes: HeadNotes | null,
  { truncationSide, pooling, givesTokenTypes }: ReadingParts,
): InspectedModel {
  return {
    config,
    parameterCount: tensors.reduce((count, { shape }) => count + elementCount(shape), 0),
    contextLength: longestText(config),
    ...(givesTokenTypes === undefined ? {} : { givesTokenTypes }),
    layers: [...layers],
    heads: [...heads],
    maxLength: heads.length === 0 ? null : (notes?.maxLength ?? null),
    pooling:
      heads.length === 0
        ? pooling
        : heads.every(readsTokens)
          ? null
          : (notes?.pooling ?? classifierPooling ?? traitsOf(config).defaultPooling),
    truncationSide,
  };
}
