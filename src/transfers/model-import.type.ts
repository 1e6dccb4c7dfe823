import { createUnionType, Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion, toProblemType } from '../graphql/problem.type.js';
import type { ModelSource } from '../protocol/job.js';
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

export const ModelSourceUnion = createUnionType({
  name: 'ModelSource',
  description: 'Where a model comes from.',
  types: () => [FolderSourceType, HubSourceType] as const,
});

@ObjectType('ModelImport', {
  description: "An import of a model in Hugging Face's layout, which a worker converts and checks.",
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

/** The worker has a single kind of source; in the input each kind is a field of its own. */
function inputPath(path: readonly string[], kind: ModelSource['kind']): string[] {
  const [first, ...rest] = path;
  if (first === 'adapterBase') return ['adapterBaseModelId'];
  return first === 'source' && rest.length > 0 ? ['source', kind, ...rest] : [...path];
}

function toSourceType(source: ModelSource): FolderSourceType | HubSourceType {
  switch (source.kind) {
    case 'folder':
      return Object.assign(new FolderSourceType(), { path: source.path });
    case 'hub':
      return Object.assign(new HubSourceType(), { repository: source.repository, revision: source.revision });
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
