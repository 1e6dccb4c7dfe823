import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime, Seed, Sha256Scalar } from '../graphql/scalars.js';
import type { ColumnType as StoredColumnType } from '../protocol/datasets/column-type.js';
import { type FileNoticeCode, fileNoticeCodes } from '../protocol/datasets/file-notice.js';
import { type LeftOutCode, leftOutCodes } from '../protocol/datasets/left-out-column.js';
import type { Recipe } from '../protocol/preparation/recipe.js';
import type { StepReport } from '../protocol/preparation/step-report.js';
import type { DatasetVersionRow } from './dataset.reads.js';
import { FileOptionsType } from './file-options.type.js';
import { AssignedRoleType } from './preparation/column-role.type.js';
import { FileFormatEnum } from './upload.type.js';

export const ColumnTypeEnum = {
  TEXT: 'TEXT',
  INTEGER: 'INTEGER',
  FLOAT: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
  TEXT_LIST: 'TEXT_LIST',
  INTEGER_LIST: 'INTEGER_LIST',
  FLOAT_LIST: 'FLOAT_LIST',
  JSON: 'JSON',
} as const satisfies Record<StoredColumnType, string>;

registerEnumType(ColumnTypeEnum, {
  name: 'ColumnType',
  description: "The type of a column's values, as found at ingestion.",
  valuesConfig: {
    TEXT: { description: 'Text.' },
    INTEGER: { description: 'Whole numbers of up to 64 bits.' },
    FLOAT: { description: 'Floating-point numbers of 64 bits.' },
    BOOLEAN: { description: 'True or false.' },
    TIMESTAMP: { description: 'Dates, or dates with a time of day.' },
    TEXT_LIST: { description: 'Lists of texts, such as labels, words or tags. No item is missing.' },
    INTEGER_LIST: { description: 'Lists of whole numbers of up to 64 bits. No item is missing.' },
    FLOAT_LIST: { description: 'Lists of floating-point numbers of 64 bits. No item is missing.' },
    JSON: { description: 'Objects, lists of other items, and other values without a column type of their own.' },
  },
});

@ObjectType('SplitFraction', { description: 'The share of examples that goes to a split.', simpleResolvers: true })
export class SplitFractionType {
  @Field(() => String, { description: 'Name of the split.' })
  name!: string;

  @Field(() => Number, { description: 'Share of the examples, between 0 and 1.' })
  fraction!: number;
}

@ObjectType('JoinedPart', { description: 'A dataset version whose rows became a split.', simpleResolvers: true })
export class JoinedPartType {
  @Field(() => String, { description: 'The split that its rows became.' })
  split!: string;

  @Field(() => ID, { description: 'Id of the version; `node` finds it as long as it exists.' })
  datasetVersionId!: string;
}

@ObjectType('SplitPlan', {
  description:
    'How examples were assigned to splits: by a column of the file, by a seeded draw with given shares, or by the versions that were joined.',
  simpleResolvers: true,
})
export class SplitPlanType {
  @Field(() => String, {
    nullable: true,
    description: 'Column that names the split of each row; null when the splits were drawn.',
  })
  splitColumn!: string | null;

  @Field(() => [SplitFractionType], { description: 'Shares of the splits; empty when a column decides.' })
  fractions!: SplitFractionType[];

  @Field(() => Seed, { nullable: true, description: 'Seed of the draw; null when a column decides.' })
  seed!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Column whose values have the same shares in every split; null without one.',
  })
  stratifyBy!: string | null;

  @Field(() => [String], { description: 'Rows that are equal in all these columns were kept in one split.' })
  keepTogether!: string[];

  @Field(() => [JoinedPartType], {
    description: 'The versions that were joined, each as a split; empty for every other version.',
  })
  joined!: JoinedPartType[];
}

@ObjectType('Split', { description: 'A named part of a dataset version.', simpleResolvers: true })
export class SplitType {
  @Field(() => String, { description: 'Name of the split, e.g. train, validation, test.' })
  name!: string;

  @Field(() => BigIntScalar, { description: 'How many examples the split has.' })
  exampleCount!: number;
}

@ObjectType('LabelCount', { description: 'How often a value occurs in a column.', simpleResolvers: true })
export class LabelCountType {
  @Field(() => String, { description: 'The value, as text.' })
  label!: string;

  @Field(() => BigIntScalar, {
    description: 'How many examples have the value, in all splits together; in a column of lists, how many items.',
  })
  count!: number;
}

@ObjectType('ListLengths', { description: 'How many items the lists of a column have.', simpleResolvers: true })
export class ListLengthsType {
  @Field(() => BigIntScalar, { description: 'Items of the shortest list.' })
  shortest!: number;

  @Field(() => BigIntScalar, { description: 'Items of the longest list.' })
  longest!: number;

  @Field(() => Number, { description: 'Items of a list on average.' })
  mean!: number;
}

@ObjectType('Column', { description: 'A column of a dataset version.' })
export class ColumnType {
  @Field(() => String, { description: 'Name of the column, as in the header of the file.', simple: true })
  name!: string;

  @Field(() => ColumnTypeEnum, { description: "The type of the column's values.", simple: true })
  type!: keyof typeof ColumnTypeEnum;

  @Field(() => BigIntScalar, { description: 'Examples without a value in this column.', simple: true })
  missing!: number;

  @Field(() => BigIntScalar, {
    description: 'How many different values the column has, without missing ones; lists count as whole values.',
    simple: true,
  })
  distinct!: number;

  @Field(() => ListLengthsType, {
    nullable: true,
    description:
      'Lengths of the lists in all splits together; null if the column holds no list, and in versions older than columns of lists.',
    simple: true,
  })
  lengths!: ListLengthsType | null;

  /** Most frequent first; empty if the column has too many different values to be labels. */
  allLabels!: readonly LabelCountType[];
}

const LeftOutCodeEnum = { BINARY_DATA: 'BINARY_DATA' } as const satisfies { [Code in LeftOutCode]: Code };

registerEnumType(LeftOutCodeEnum, {
  name: 'LeftOutCode',
  description: 'Why a column of a file is not in the dataset version.',
  valuesConfig: { BINARY_DATA: { description: leftOutCodes.BINARY_DATA } },
});

@ObjectType('LeftOutColumn', {
  description: 'A column of the file that is not in the dataset version.',
  simpleResolvers: true,
})
export class LeftOutColumnType {
  @Field(() => String, { description: 'Name of the column, as in the file.' })
  name!: string;

  @Field(() => LeftOutCodeEnum, { description: 'Why it was left out.' })
  code!: LeftOutCode;

  @Field(() => String, { description: 'The same for people.' })
  reason!: string;
}

const FileNoticeCodeEnum = Object.fromEntries(Object.keys(fileNoticeCodes).map((code) => [code, code])) as {
  readonly [Code in FileNoticeCode]: Code;
};

registerEnumType(FileNoticeCodeEnum, {
  name: 'FileNoticeCode',
  description: 'What a notice about a file is about.',
  valuesConfig: Object.fromEntries(
    Object.entries(fileNoticeCodes).map(([code, description]) => [code, { description }]),
  ),
});

@ObjectType('FileNotice', {
  description: 'Something about a file that its owner should know, though the file was read.',
  simpleResolvers: true,
})
export class FileNoticeType {
  @Field(() => FileNoticeCodeEnum, { description: 'What it is about, for programs.' })
  code!: FileNoticeCode;

  @Field(() => String, { description: 'The same for people, with what can be done.' })
  message!: string;
}

@ObjectType('DatasetVersion', {
  description: 'An immutable state of a dataset. Its digest identifies rows and splits.',
  implements: Node,
  simpleResolvers: true,
})
export class DatasetVersionType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  datasetUuid!: string;
  recipe!: Recipe;
  stepReports!: readonly StepReport[];

  @Field(() => Int, { description: 'Number of the version, which counts from 1 within the dataset.' })
  number!: number;

  @Field(() => Sha256Scalar, {
    description: 'Digest of the stored file: the same rows and splits give the same digest.',
  })
  digest!: string;

  @Field(() => FileFormatEnum, { description: 'Format of the file that the version was made from.' })
  format!: keyof typeof FileFormatEnum;

  @Field(() => FileOptionsType, {
    nullable: true,
    description: 'How the file was read, beyond its format; null for the usual options.',
  })
  fileOptions!: FileOptionsType | null;

  @Field(() => BigIntScalar, { description: 'Examples in all splits together.' })
  exampleCount!: number;

  @Field(() => BigIntScalar, {
    description:
      'Rows that could not be read in the files that the version is made of, by itself or through other versions. Each file counts once, on however many ways its rows came here; see rejectedRows.',
  })
  rejectedCount!: number;

  @Field(() => [ColumnType], { description: 'The columns, in the order of the file.' })
  columns!: ColumnType[];

  @Field(() => [LeftOutColumnType], {
    description: 'Columns of the file whose values can not be used; the rest of the file was read.',
  })
  leftOutColumns!: LeftOutColumnType[];

  @Field(() => [AssignedRoleType], {
    description: 'What its columns are for, as was said or guessed. Experiments take their columns from it.',
  })
  roles!: AssignedRoleType[];

  @Field(() => [FileNoticeType], {
    description: 'What the owner of the file should know, though it was read; empty in versions older than notices.',
  })
  notices!: FileNoticeType[];

  @Field(() => [SplitType], { description: 'The splits, from which training and evaluation choose.' })
  splits!: SplitType[];

  @Field(() => SplitPlanType, { description: 'How the examples were assigned to splits.' })
  splitPlan!: SplitPlanType;

  @Field(() => DateTime, { description: 'When the version was created.' })
  createdAt!: Date;
}

export const datasetVersions = connectionOf('DatasetVersion', 'dataset versions', DatasetVersionType);

export const addDatasetVersionResult = resultUnion(
  'AddDatasetVersionResult',
  'The new version; or why it was not created.',
  DatasetVersionType,
);

export const joinDatasetVersionsResult = resultUnion(
  'JoinDatasetVersionsResult',
  'The new version; or why it was not created.',
  DatasetVersionType,
);

export const resplitDatasetVersionResult = resultUnion(
  'ResplitDatasetVersionResult',
  'The new version; or why it was not created.',
  DatasetVersionType,
);

/** The columns that fields read which were not selected may be missing (`versionColumns`). */
export function toDatasetVersionType(row: DatasetVersionRow): DatasetVersionType {
  const version = Object.assign(new DatasetVersionType(), {
    id: globalId('DatasetVersion', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    authorUuid: row.createdBy,
    datasetUuid: row.datasetId,
    number: row.number,
    digest: row.digest,
    format: row.format,
    exampleCount: row.exampleCount,
    rejectedCount: row.rejectedCount,
    createdAt: row.createdAt,
  });
  return row.columns === undefined ? version : Object.assign(version, contentsOf(row));
}

function contentsOf(row: DatasetVersionRow) {
  return {
    fileOptions: row.fileOptions,
    columns: row.columns.map(({ labels, lengths, ...column }) =>
      Object.assign(new ColumnType(), column, { allLabels: labels ?? [], lengths: lengths ?? null }),
    ),
    leftOutColumns: row.leftOutColumns.map((column) => ({ ...column, reason: leftOutCodes[column.code] })),
    recipe: row.recipe,
    stepReports: row.steps,
    roles: row.roles,
    notices: row.notices,
    splits: row.splits,
    splitPlan: {
      ...row.splitPlan,
      joined: (row.splitPlan.joined ?? []).map(({ split, datasetVersionId }) => ({
        split,
        datasetVersionId: globalId('DatasetVersion', datasetVersionId),
      })),
    },
  };
}
