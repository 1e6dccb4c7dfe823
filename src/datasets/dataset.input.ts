import { Field, ID, InputType } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { BigIntScalar, Seed, Sha256Scalar } from '../graphql/scalars.js';
import { usualSplit } from '../protocol/datasets/split-request.js';
import { FileOptionsInput } from './file-options.input.js';
import { FileFormatEnum } from './upload.type.js';

const fileOptionsDescription = 'How to read the file, beyond its format. Default: the usual options of the format.';
const splitDescription =
  'How to draw the splits. Default, unless splitColumn is given: seed 0, 80 % train, 10 % validation, 10 % test.';
const splitColumnDescription = 'In place of `split`: the column of the file that names the split of each row.';

@InputType({ description: 'A file that will be uploaded.' })
export class CreateUploadInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, { description: 'Name of the file for people; it need not be unique.' })
  fileName!: string;

  @Field(() => FileFormatEnum, {
    defaultValue: 'AUTO',
    description: 'Its format. Default: it is found, and `fileOptions: { format: … }` may name another.',
  })
  format!: keyof typeof FileFormatEnum;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'Bytes of the file, if they are known: a file of another length is refused, parts need not repeat it, and pendingUploads shows it. Default: said with the first part.',
  })
  sizeBytes?: number | bigint | null;

  @Field(() => Sha256Scalar, {
    nullable: true,
    description:
      'SHA-256 of the file, if it is known: what is sent, at once or in parts, is checked against it. Default: not checked.',
  })
  sha256?: string | null;

  @Field(() => String, { nullable: true, description: `${idempotencyKey} Each call returns a URL with a new secret.` })
  idempotencyKey!: string | null;
}

@InputType({ description: 'An upload to act on.' })
export class UploadActionInput {
  @Field(() => ID, { description: 'The upload.' })
  uploadId!: string;
}

@InputType({ description: 'The share of examples that goes to a split.' })
export class SplitFractionInput {
  @Field(() => String, { description: 'Name of the split: letters, digits, `_` and `-`.' })
  name!: string;

  @Field(() => Number, { description: 'Share of the examples, above 0; all shares together must be 1.' })
  fraction!: number;
}

@InputType({
  description: 'Splits drawn with a seed: the same file and plan give the same splits on any machine.',
})
export class SplitInput {
  @Field(() => [SplitFractionInput], {
    defaultValue: usualSplit.fractions,
    description: 'The splits and their shares.',
  })
  fractions!: SplitFractionInput[];

  @Field(() => Seed, { defaultValue: 0, description: 'Determines the draw.' })
  seed!: number;

  @Field(() => String, {
    nullable: true,
    description:
      'Column whose values should have the same shares in every split, usually the label. A problem where it has so many different values that a split would stay empty.',
  })
  stratifyBy!: string | null;

  @Field(() => [String], {
    defaultValue: [],
    description:
      'Rows that are equal in all these columns go to the same split, so that no text is both learnt and tested. Default, and where the list is empty: all columns of the types TEXT and TEXT_LIST, labels among them; name the texts where a file has other columns of text.',
  })
  keepTogether!: string[];
}

@InputType({ description: 'A dataset and the file of its first version.' })
export class CreateDatasetInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, { description: 'Name of the dataset, unique in the project, 1 to 100 characters.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Description of the data and their source, at most 20,000 characters.',
  })
  description!: string | null;

  @Field(() => ID, { description: 'The upload that received the file.' })
  uploadId!: string;

  @Field(() => FileOptionsInput, { nullable: true, description: fileOptionsDescription })
  fileOptions!: FileOptionsInput | null;

  @Field(() => SplitInput, { nullable: true, description: splitDescription })
  split!: SplitInput | null;

  @Field(() => String, { nullable: true, description: splitColumnDescription })
  splitColumn!: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'A further version of a dataset.' })
export class AddDatasetVersionInput {
  @Field(() => ID, { description: 'The dataset.' })
  datasetId!: string;

  @Field(() => ID, { description: 'The upload that received the file.' })
  uploadId!: string;

  @Field(() => FileOptionsInput, { nullable: true, description: fileOptionsDescription })
  fileOptions!: FileOptionsInput | null;

  @Field(() => SplitInput, { nullable: true, description: splitDescription })
  split!: SplitInput | null;

  @Field(() => String, { nullable: true, description: splitColumnDescription })
  splitColumn!: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'Other splits for the rows of a dataset version.' })
export class ResplitDatasetVersionInput {
  @Field(() => ID, { description: 'The version whose rows get other splits. It stays as it is.' })
  datasetVersionId!: string;

  @Field(() => SplitInput, { nullable: true, description: splitDescription })
  split!: SplitInput | null;

  @Field(() => String, { nullable: true, description: splitColumnDescription })
  splitColumn!: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'A dataset version whose rows become a split of another one.' })
export class JoinedPartInput {
  @Field(() => ID, { description: 'The version, of any dataset of the project. Its own splits do not matter.' })
  datasetVersionId!: string;

  @Field(() => String, { description: 'The split that its rows become, such as `train` or `test`.' })
  split!: string;
}

@InputType({ description: 'Dataset versions to join, each as a split.' })
export class JoinDatasetVersionsInput {
  @Field(() => ID, { description: 'The dataset whose next version is made.' })
  datasetId!: string;

  @Field(() => [JoinedPartInput], { description: 'The versions, 2 to 20, in the order of their rows.' })
  parts!: JoinedPartInput[];

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

/** The two ways to specify how rows are split. */
export type SplitChoice = Pick<CreateDatasetInput, 'split' | 'splitColumn'>;
