import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime, Json } from '../graphql/scalars.js';
import type { DatasetRow } from './dataset.reads.js';

@ObjectType('Dataset', {
  description: 'A named collection of examples, kept as a series of immutable versions.',
  implements: Node,
  simpleResolvers: true,
})
export class DatasetType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;

  @Field(() => String, { description: 'Unique in its project.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What the data is and where it comes from, in words.' })
  description!: string | null;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;
}

export const datasets = connectionOf('Dataset', 'datasets', DatasetType);

export function toDatasetType(row: DatasetRow): DatasetType {
  return Object.assign(new DatasetType(), {
    id: globalId('Dataset', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    authorUuid: row.createdBy,
    name: row.name,
    description: row.description,
    createdAt: row.createdAt,
  });
}

@ObjectType('Example', { description: 'One row of a dataset version.', simpleResolvers: true })
export class ExampleType {
  @Field(() => BigIntScalar, { description: 'Position in the version, from 0; stable, because versions never change.' })
  row!: number;

  @Field(() => String, { description: 'The split it belongs to.' })
  split!: string;

  @Field(() => Json, { description: 'An object of column name → value, with the columns in the order of the file.' })
  values!: unknown;
}

export const examples = connectionOf('Example', 'examples', ExampleType);

@ObjectType('RejectedRow', {
  description: 'A row of the uploaded file that could not be read, and why. Nothing is dropped silently.',
  simpleResolvers: true,
})
export class RejectedRowType {
  @Field(() => BigIntScalar, { description: 'Line in the uploaded file, from 1, a header included.' })
  line!: number;

  @Field(() => String, { description: 'Kind of fault, for a program, e.g. TOO_FEW_COLUMNS.' })
  code!: string;

  @Field(() => String, { description: 'What is wrong with it, for a person.' })
  reason!: string;

  @Field(() => String, { description: 'The beginning of the row as it stands in the file.' })
  excerpt!: string;
}

export const rejectedRows = connectionOf('RejectedRow', 'rejected rows', RejectedRowType);

export const createDatasetResult = resultUnion(
  'CreateDatasetResult',
  'The new dataset, or why there is none.',
  DatasetType,
);
