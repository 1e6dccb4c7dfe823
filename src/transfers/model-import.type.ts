import { createUnionType, Field, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion, toProblemType } from '../graphql/problem.type.js';
import { Seed } from '../graphql/scalars.js';
import { ArchitectureEnum } from '../models/base-model.type.js';
import { type Architecture, type FreshOption, freshOf } from '../protocol/architectures/index.js';
import type { ModelSource } from '../protocol/model-source.js';
import { inputPath } from './input-path.js';
import type { ModelImportRow } from './transfer.reads.js';
import { TransferType } from './transfer.type.js';

@ObjectType('FolderSource', { description: "A folder on the worker's machine.", simpleResolvers: true })
class FolderSourceType {
  @Field(() => String, { description: 'Absolute path of the folder.' })
  path!: string;
}

@ObjectType('HubSource', { description: 'A repository of a model hub.', simpleResolvers: true })
class HubSourceType {
  @Field(() => String, { description: 'Name of the repository, e.g. sentence-transformers/all-MiniLM-L6-v2.' })
  repository!: string;

  @Field(() => String, { description: 'Branch, tag or commit, as requested; `model.source` has the commit.' })
  revision!: string;
}

@ObjectType('ConfigurationSource', {
  description: 'A configuration and a seed, of which a model is made from nothing: as asked for, or the default.',
  simpleResolvers: true,
})
class ConfigurationSourceType {
  @Field(() => ArchitectureEnum, { description: 'Its family.' })
  architecture!: Architecture;

  @Field(() => Int, { description: 'Width of its layers.' })
  hiddenSize!: number;

  @Field(() => Int, { description: 'Layers.' })
  layers!: number;

  @Field(() => Int, { description: 'Attention heads.' })
  attentionHeads!: number;

  @Field(() => Int, { nullable: true, description: 'Heads of keys and values; null for a family without them.' })
  keyValueHeads!: number | null;

  @Field(() => Int, { description: 'Width of the feed-forward networks.' })
  intermediateSize!: number;

  @Field(() => Int, { description: 'Tokens of the longest text.' })
  contextLength!: number;

  @Field(() => Int, { nullable: true, description: 'Rows of the table of embeddings, where the request named them.' })
  vocabularySize!: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the logits of the next token are products with the table of embeddings; null for encoders.',
  })
  tieEmbeddings!: boolean | null;

  @Field(() => Seed, { description: 'Determines the weights.' })
  seed!: number;
}

export const ModelSourceUnion = createUnionType({
  name: 'ModelSource',
  description: 'Where a model comes from.',
  types: () => [FolderSourceType, HubSourceType, ConfigurationSourceType] as const,
});

@ObjectType('ModelImport', {
  description:
    "An import of a model in Hugging Face's layout, which a worker converts and checks; or the making of one from a configuration.",
  implements: Node,
  simpleResolvers: true,
})
export class ModelImportType extends TransferType {
  baseModelUuid!: string | null;
  adapterBaseModelUuid!: string | null;

  @Field(() => String, { description: 'The name that the model will have.' })
  name!: string;

  @Field(() => ModelSourceUnion, { description: 'Where the model comes from.' })
  source!: typeof ModelSourceUnion;

  @Field(() => String, {
    nullable: true,
    description: 'The licence that the request named; null: the licence that the model itself names.',
  })
  licence!: string | null;

  @Field(() => [String], {
    description:
      'Tensors in the files that are not part of the model, e.g. the head of its pre-training; empty until the import has succeeded.',
  })
  ignoredTensors!: string[];
}

export const modelImports = connectionOf('ModelImport', 'imports of models', ModelImportType);

export function toModelImportType(row: ModelImportRow): ModelImportType {
  const { id, projectId, createdBy, source, problem, baseModelId, adapterBaseModelId, ...rest } = row;
  return Object.assign(new ModelImportType(), rest, {
    id: globalId('ModelImport', id),
    projectUuid: projectId,
    authorUuid: createdBy,
    baseModelUuid: baseModelId,
    adapterBaseModelUuid: adapterBaseModelId,
    source: toSourceType(source),
    problem: problem === null ? null : toProblemType({ ...problem, path: inputPath(problem.path, source.kind) }),
  });
}

function toSourceType(source: ModelSource): FolderSourceType | HubSourceType | ConfigurationSourceType {
  switch (source.kind) {
    case 'folder':
      return Object.assign(new FolderSourceType(), { path: source.path });
    case 'hub':
      return Object.assign(new HubSourceType(), { repository: source.repository, revision: source.revision });
    case 'configuration': {
      const { architecture, sizes, vocabularySize, seed } = source;
      const { hiddenSize, layers, attentionHeads, intermediateSize, contextLength } = sizes;
      const has = (option: FreshOption) => freshOf(source)?.takes.includes(option) === true;
      return Object.assign(new ConfigurationSourceType(), {
        architecture,
        hiddenSize,
        layers,
        attentionHeads,
        keyValueHeads: has('keyValueHeads') ? sizes.keyValueHeads : null,
        intermediateSize,
        contextLength,
        vocabularySize,
        tieEmbeddings: has('tiesEmbeddings') ? sizes.tiesEmbeddings : null,
        seed,
      });
    }
    default:
      return source satisfies never;
  }
}

export const importBaseModelResult = resultUnion(
  'ImportBaseModelResult',
  'The queued import; or why it was not queued.',
  ModelImportType,
);
export const cancelModelImportResult = resultUnion(
  'CancelModelImportResult',
  'The import, canceled or being canceled; or why it can not be canceled.',
  ModelImportType,
);
