import { createUnionType, Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { ModelSource, TransferStatus } from '../protocol/job.js';
import type { ModelImportRow } from './transfer.reads.js';
import { TransferProgressType, TransferStatusEnum } from './transfer.type.js';

@ObjectType('FolderSource', { description: "A folder on the worker's machine.", simpleResolvers: true })
export class FolderSourceType {
  @Field(() => String, { description: 'Its absolute path.' })
  path!: string;
}

@ObjectType('HubSource', { description: 'A repository of a model hub.', simpleResolvers: true })
export class HubSourceType {
  @Field(() => String, { description: 'Its name, e.g. sentence-transformers/all-MiniLM-L6-v2.' })
  repository!: string;

  @Field(() => String, { description: 'Branch, tag or commit, as it was asked for; the commit is in `model.source`.' })
  revision!: string;
}

export const ModelSourceUnion = createUnionType({
  name: 'ModelSource',
  description: 'Where a model comes from.',
  types: () => [FolderSourceType, HubSourceType] as const,
});

@ObjectType('ModelImport', {
  description: "A model on its way into the registry: Hugging Face's layout, converted and checked.",
  implements: Node,
  simpleResolvers: true,
})
export class ModelImportType extends Node {
  projectUuid!: string;
  authorUuid!: string | null;
  baseModelUuid!: string | null;
  adapterBaseModelUuid!: string | null;

  @Field(() => String, { description: 'Name of the model to be.' })
  name!: string;

  @Field(() => ModelSourceUnion, { description: 'Where it comes from.' })
  source!: typeof ModelSourceUnion;

  @Field(() => String, {
    nullable: true,
    description: 'The licence that was given; null: what the model says of itself.',
  })
  licence!: string | null;

  @Field(() => TransferStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether it was asked to end and has not yet.' })
  canceling!: boolean;

  @Field(() => TransferProgressType, {
    nullable: true,
    description: 'How far it has come; null before the first byte.',
  })
  progress!: TransferProgressType | null;

  @Field(() => ProblemType, { nullable: true, description: 'What went wrong, when it failed.' })
  problem!: ProblemType | null;

  @Field(() => [String], {
    description:
      'Tensors of its files that are no part of the model, e.g. the head of its pre-training; empty until it has succeeded.',
  })
  ignoredTensors!: string[];

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first took it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it reached a final status.' })
  finishedAt!: Date | null;
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

/** The worker knows one kind of source at a time; in the input each has a field of its own. */
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
  'The import, queued; or why there is none.',
  ModelImportType,
);
export const cancelModelImportResult = resultUnion(
  'CancelModelImportResult',
  'The import, canceled or about to be; or why not.',
  ModelImportType,
);
