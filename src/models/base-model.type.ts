import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { BigIntScalar, DateTime, Sha256Scalar } from '../graphql/scalars.js';
import type { Architecture, ArchitectureConfig } from '../protocol/architectures/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { Pooling } from '../protocol/pooling.js';
import type { BaseModelRow } from './base-model.reads.js';
import { familyNames } from './family-name.js';
import { ClassificationHeadType, ModelHeadType, toModelHeadType } from './model-head.type.js';
import { LoraAdapterType, PoolingEnum, TruncationSideEnum, toLoraAdapterType } from './model-settings.type.js';

export const ArchitectureEnum: Readonly<Record<string, Architecture>> = Object.fromEntries(
  Object.entries(familyNames).map(([architecture, name]) => [name, architecture as Architecture]),
);

const descriptions: Readonly<Record<(typeof familyNames)[Architecture], string>> = {
  USE_LITE: 'Universal Sentence Encoder Lite: two pre-LayerNorm layers, mean pool, 512 outputs of unit length.',
  BERT: 'BERT, and MiniLM with it: post-LayerNorm, learned positions, token types.',
  DISTILBERT: 'DistilBERT: BERT without token types, and usually half its layers.',
  ROBERTA: 'RoBERTa: BERT with byte-level BPE, and with positions that skip the padding.',
  XLM_ROBERTA: 'XLM-RoBERTa: RoBERTa with a unigram tokenizer for a hundred languages.',
  ELECTRA: 'ELECTRA, its discriminator: BERT with embeddings of a width of their own.',
  MPNET: 'MPNet: RoBERTa without token types, and with a bias by the distance of two tokens.',
  DEBERTA_V2: 'DeBERTa-v2 and v3: BERT with attention to the distance of two tokens beside what they say.',
  MODERNBERT:
    'ModernBERT: pre-LayerNorm, rotary positions and gated feed-forward networks; most layers read a window alone.',
  GPT2: 'GPT-2: a causal decoder with pre-LayerNorm and learned positions.',
  LLAMA: 'Llama, and SmolLM with it: a causal decoder with rotary positions, RMSNorm and gated feed-forward networks.',
  MISTRAL: 'Mistral: Llama with a sliding window.',
  QWEN2: 'Qwen2 and Qwen2.5: Llama with biases of queries, keys and values.',
  QWEN3: 'Qwen3: Llama with norms of queries and keys.',
  GEMMA3_TEXT:
    'The text model of Gemma 3: a causal decoder with norms before and after attention, most layers with a sliding window.',
};

registerEnumType(ArchitectureEnum, {
  name: 'Architecture',
  description: 'Family of a model: how it computes with its tensors.',
  valuesConfig: Object.fromEntries(Object.entries(descriptions).map(([name, description]) => [name, { description }])),
});

@ObjectType('Tokenizer', { description: 'How a model cuts text into tokens.', simpleResolvers: true })
export class TokenizerType {
  @Field(() => String, { description: 'Its algorithm, e.g. unigram.' })
  kind!: string;

  @Field(() => Int, { description: 'How many different tokens there are.' })
  vocabularySize!: number;

  @Field(() => Sha256Scalar, { description: 'Digest of its tokenizer.json.' })
  digest!: string;
}

@ObjectType('DropoutRates', {
  description: "Dropout probabilities of a model's own configuration, from 0 to below 1.",
  simpleResolvers: true,
})
export class DropoutRatesType {
  @Field(() => Number, { description: 'Of embeddings, attention outputs and feed-forward outputs.' })
  hidden!: number;

  @Field(() => Number, { description: 'Of attention probabilities.' })
  attention!: number;

  @Field(() => Number, { description: 'Of what a head reads.' })
  classifier!: number;
}

@ObjectType('LayerInfo', { description: 'A layer of a model, the unit of freezing.', simpleResolvers: true })
export class LayerInfoType {
  @Field(() => Int, {
    description:
      '0 is the embeddings, 1 and up are the encoder layers; the last is the pooling, where the model has one.',
  })
  index!: number;

  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => BigIntScalar, { description: 'Numbers in its tensors.' })
  parameterCount!: number;
}

@ObjectType('BaseModel', {
  description: 'A model that experiments can start from: registered from elsewhere, or produced here.',
  implements: Node,
  simpleResolvers: true,
})
export class BaseModelType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  producedByRunUuid!: string | null;
  config!: ArchitectureConfig;
  files!: ModelManifest['files'];
  manifestLayers!: ModelManifest['layers'];
  manifestHeads!: ModelManifest['heads'];

  @Field(() => String, { description: 'Unique in its project.' })
  name!: string;

  @Field(() => ArchitectureEnum, { description: 'Its family.' })
  architecture!: string;

  @Field(() => BigIntScalar, { description: 'Numbers in its tensors, heads included.' })
  parameterCount!: number;

  @Field(() => Int, { description: 'Rows of its table of embeddings.' })
  vocabularySize!: number;

  @Field(() => Int, { description: 'Most tokens that it can read of one text.' })
  contextLength!: number;

  @Field(() => Int, { description: "Width of its layers: numbers in a token's state." })
  hiddenSize!: number;

  @Field(() => DropoutRatesType, {
    nullable: true,
    description: 'Dropout in training, as its configuration has it; null for a family that has none.',
  })
  dropout!: DropoutRatesType | null;

  @Field(() => PoolingEnum, {
    nullable: true,
    description:
      'What its heads read. Of a bare encoder: how its files say that it pools (`1_Pooling` of sentence-transformers), null where they do not say. Null for a family that pools in its own way. It is the default of new experiments.',
  })
  pooling!: Pooling | null;

  @Field(() => TruncationSideEnum, { description: 'Where texts that are too long are cut.' })
  truncationSide!: 'left' | 'right';

  @Field(() => LoraAdapterType, {
    nullable: true,
    description: 'The adapter it is made of, on top of the weights of its base model; null for a whole model.',
  })
  adapter!: LoraAdapterType | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Tokens that prediction and evaluation cut texts to, as in its training; null for a bare encoder.',
  })
  maxLength!: number | null;

  @Field(() => String, {
    description:
      'Licence of the weights, an SPDX identifier where there is one; `unknown` where nobody named one. An owner of the project can set it with setModelLicence.',
  })
  licence!: string;

  @Field(() => Sha256Scalar, {
    description: 'Digest of its manifest, which names weights and tokenizer. It identifies the model.',
  })
  digest!: string;

  @Field(() => BigIntScalar, {
    description: "Size of its weights in bytes; for an adapter, of its base model's weights.",
  })
  weightsSizeBytes!: number;

  @Field(() => String, { description: 'Where it comes from, e.g. an npm package and version, or an experiment.' })
  source!: string;

  @Field(() => TokenizerType, { description: 'How it cuts text into tokens.' })
  tokenizer!: TokenizerType;

  @Field(() => [LayerInfoType], { description: 'From the input to the output.' })
  layers!: LayerInfoType[];

  @Field(() => [ModelHeadType], { description: 'The heads that predict; empty for a bare encoder.' })
  allHeads!: ModelHeadType[];

  @Field(() => [ClassificationHeadType], {
    description: 'Its classifiers; empty for a bare encoder.',
    deprecationReason: 'Use `allHeads`: heads of other kinds are not in this list.',
  })
  heads!: ClassificationHeadType[];

  @Field(() => [String], { description: 'Tags to find the model by, in the order in which they were given.' })
  tags!: readonly string[];

  @Field(() => String, { description: 'Notes that people wrote about the model; empty without notes.' })
  notes!: string;

  @Field(() => DateTime, { description: 'When it was registered.' })
  createdAt!: Date;
}

export const baseModels = connectionOf('BaseModel', 'base models', BaseModelType);

/** The columns that fields read which were not selected may be missing (`baseModelColumns`). */
export function toBaseModelType(row: BaseModelRow): BaseModelType {
  const model = Object.assign(new BaseModelType(), {
    id: globalId('BaseModel', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    authorUuid: row.createdBy,
    producedByRunUuid: row.producedByRunId,
    name: row.name,
    licence: row.licence,
    digest: row.digest,
    source: row.source,
    tags: row.tags,
    notes: row.notes,
    createdAt: row.createdAt,
  });
  return row.manifest === undefined ? model : Object.assign(model, ofManifest(row.manifest));
}

function ofManifest(manifest: ModelManifest) {
  const allHeads = manifest.heads.map(toModelHeadType);
  return {
    config: manifest.config,
    files: manifest.files,
    manifestLayers: manifest.layers,
    manifestHeads: manifest.heads,
    architecture: manifest.config.architecture,
    hiddenSize: manifest.config.hiddenSize,
    vocabularySize: manifest.config.vocabularySize,
    dropout: dropoutOf(manifest.config),
    pooling: manifest.pooling,
    truncationSide: manifest.truncationSide,
    adapter: manifest.adapter === null ? null : toLoraAdapterType(manifest.adapter.config),
    parameterCount: manifest.parameterCount,
    contextLength: manifest.contextLength,
    maxLength: manifest.maxLength,
    weightsSizeBytes: manifest.weights.sizeBytes,
    tokenizer: Object.assign(new TokenizerType(), manifest.tokenizer),
    layers: manifest.layers,
    allHeads,
    heads: allHeads.filter((head) => head instanceof ClassificationHeadType),
  };
}

function dropoutOf(config: ArchitectureConfig): DropoutRatesType | null {
  if (!('attentionDropout' in config)) return null;
  const { attentionDropout, classifierDropout } = config;
  return {
    hidden: 'hiddenDropout' in config ? config.hiddenDropout : 0,
    attention: attentionDropout,
    classifier: classifierDropout,
  };
}
