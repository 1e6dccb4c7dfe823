import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime, Json } from '../graphql/scalars.js';
import type { DatasetRow } from './dataset.reads.js';

@ObjectType('Dataset', {
  description: 'A named collection of examples, stored as a series of immutable versions.',
  implements: Node,
  simpleResolvers: true,
})
export class DatasetType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;

  @Field(() => String, { description: 'Name of the dataset, unique in its project.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Description of the data and their source.' })
  description!: string | null;

  @Field(() => [String], { description: 'Tags to find the dataset by, in the order in which they were given.' })
  tags!: readonly string[];

  @Field(() => String, { description: 'Notes that people wrote about the dataset; empty without notes.' })
  notes!: string;

  @Field(() => DateTime, { description: 'When the dataset was created.' })
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
    tags: row.tags,
    notes: row.notes,
    createdAt: row.createdAt,
  });
}

@ObjectType('Example', { description: 'One row of a dataset version.', simpleResolvers: true })
export class ExampleType {
  @Field(() => BigIntScalar, { description: 'Position in the version, from 0; stable, because versions never change.' })
  row!: number;

  @Field(() => String, { description: 'The split that the row belongs to.' })
  split!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The kind of the step that made the row, such as `augmentText`. Null: it came from a source as it was. New values may be added.',
  })
  madeBy!: string | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'Of a row that a step made, the position of the row that it was made from. Null: the row was not made, or that row was dropped afterwards.',
  })
  sourceRow!: number | null;

  @Field(() => Json, {
    description: 'The row as an object of column name → value, with the columns in the order of the file.',
  })
  values!: unknown;
}

export const examples = connectionOf('Example', 'examples', ExampleType);

@ObjectType('RejectedRow', {
  description: 'A row of an uploaded file that could not be read, and the reason. No row is dropped silently.',
  simpleResolvers: true,
})
export class RejectedRowType {
  @Field(() => BigIntScalar, { description: 'Line in the uploaded file, from 1, a header included.' })
  line!: number;

  @Field(() => String, { description: 'Kind of fault, for programs, e.g. TOO_FEW_COLUMNS.' })
  code!: string;

  @Field(() => String, { description: 'The fault in words, for people.' })
  reason!: string;

  @Field(() => String, {
    description: 'The beginning of the row, as in the file; empty where the recipe masks personal data.',
  })
  excerpt!: string;
}

export const rejectedRows = connectionOf('RejectedRow', 'rejected rows', RejectedRowType);

export const createDatasetResult = resultUnion(
  'CreateDatasetResult',
  'The new dataset; or why it was not created.',
  DatasetType,
);
