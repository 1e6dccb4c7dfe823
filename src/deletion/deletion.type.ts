import { Field, ID, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { type ObjectKind, ObjectKindEnum } from '../graphql/object-kinds.js';
import { ObjectReferenceType } from '../graphql/object-reference.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import type { Deletion } from './deletion.js';

@ObjectType('DeletedCount', { description: 'How many objects of a kind were deleted.', simpleResolvers: true })
export class DeletedCountType {
  @Field(() => ObjectKindEnum, { description: 'The kind.' })
  kind!: ObjectKind;

  @Field(() => BigIntScalar, { description: 'How many, at least 1.' })
  count!: number;
}

@ObjectType('Deletion', {
  description: 'What was deleted; of a dry run, what would be deleted.',
  simpleResolvers: true,
})
export class DeletionType {
  @Field(() => ObjectKindEnum, { description: 'Kind of the object that was to be deleted.' })
  kind!: ObjectKind;

  @Field(() => ID, { description: 'Its id.' })
  objectId!: string;

  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => Boolean, { description: 'Whether nothing was deleted: it was only to be told what would be.' })
  isDryRun!: boolean;

  @Field(() => [DeletedCountType], { description: 'All that went, by kind, the object itself included.' })
  counts!: DeletedCountType[];

  @Field(() => BigIntScalar, {
    description: "Bytes by which the project's storage use falls: of files that nothing else in the project refers to.",
  })
  freedBytes!: number;

  @Field(() => [ID], {
    description: 'Ids of the objects that went, for caches of clients to forget; of very many the first 1000.',
  })
  objectIds!: string[];
}

export const objectReferences = connectionOf('ObjectReference', 'objects', ObjectReferenceType);

function toCounts(counts: Deletion['counts']): DeletedCountType[] {
  return Object.entries(counts).map(([kind, count]) => Object.assign(new DeletedCountType(), { kind, count }));
}

export function toDeletionType(deletion: Deletion): DeletionType {
  const { kind, id, name, isDryRun, counts, freedBytes, objects } = deletion;
  return Object.assign(new DeletionType(), {
    kind,
    objectId: globalId(kind, id),
    name,
    isDryRun,
    counts: toCounts(counts),
    freedBytes,
    objectIds: objects.map((each) => globalId(each.kind, each.id)),
  });
}

/** The result of the mutation that deletes an object of this kind. */
function resultOf(name: string) {
  return resultUnion(name, 'What was deleted, or would be; or why nothing was.', DeletionType);
}

export const deleteDatasetResult = resultOf('DeleteDatasetResult');
export const deleteDatasetVersionResult = resultOf('DeleteDatasetVersionResult');
export const deleteModelResult = resultOf('DeleteModelResult');
export const deleteExperimentResult = resultOf('DeleteExperimentResult');
export const deleteEvaluationResult = resultOf('DeleteEvaluationResult');
export const deleteBatchPredictionResult = resultOf('DeleteBatchPredictionResult');
export const deleteScoredSamplesResult = resultOf('DeleteScoredSamplesResult');
export const deleteDatasetExportResult = resultOf('DeleteDatasetExportResult');
export const deleteFeedbackTaskResult = resultOf('DeleteFeedbackTaskResult');
export const deleteFeedbackLoopResult = resultOf('DeleteFeedbackLoopResult');
export const deleteModelImportResult = resultOf('DeleteModelImportResult');
export const deleteModelExportResult = resultOf('DeleteModelExportResult');
export const deleteProjectResult = resultOf('DeleteProjectResult');
export const deleteUserResult = resultOf('DeleteUserResult');
