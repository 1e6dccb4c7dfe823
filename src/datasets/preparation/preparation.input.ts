import { Extensions, Field, ID, InputType } from 'type-graphql';
import { idempotencyKey } from '../../graphql/idempotency-key.js';
import { projectSlugOptions } from '../../graphql/project-slug.js';
import { SplitInput } from '../dataset.input.js';
import { FileOptionsInput } from '../file-options.input.js';
import { AssignedRoleInput } from './column-role.type.js';
import { PreparationStepInput } from './recipe.type.js';

const split = 'The split that all of its rows become, such as `test`. Null: each keeps its own, or gets one.';

@InputType({ description: 'Rows of an uploaded file.' })
export class UploadRowsInput {
  @Field(() => ID, { description: 'The upload that received the file.' })
  uploadId!: string;

  @Field(() => FileOptionsInput, {
    nullable: true,
    description: 'How to read it. Default: as is usual for its format.',
  })
  fileOptions?: FileOptionsInput | null;

  @Field(() => String, { nullable: true, description: split })
  split?: string | null;
}

@InputType({ description: 'Rows of a dataset version.' })
export class VersionRowsInput {
  @Field(() => ID, { description: 'The version, of any dataset of the project.' })
  datasetVersionId!: string;

  @Field(() => String, { nullable: true, description: split })
  split?: string | null;
}

@InputType({ description: 'Examples that were appended to a dataset, and are in no version yet.' })
export class AppendedRowsInput {
  @Field(() => ID, {
    description:
      'The dataset. Of prepareDataset it is the one whose next version is made: all examples that wait go into that version, and wait again if it is not made.',
  })
  datasetId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The split that all of them become, such as `train`. Null: each has its own, or gets one.',
  })
  split?: string | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'Where rows come from: exactly one of the fields.' })
export class RowSourceInput {
  @Field(() => UploadRowsInput, { nullable: true, description: 'An uploaded file.' })
  upload?: UploadRowsInput | null;

  @Field(() => VersionRowsInput, { nullable: true, description: 'A dataset version.' })
  version?: VersionRowsInput | null;

  @Field(() => AppendedRowsInput, { nullable: true, description: 'Examples that were appended to a dataset.' })
  appended?: AppendedRowsInput | null;
}

@InputType({ description: 'Rows, and what is done to them.' })
export class PreviewPreparationInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => [RowSourceInput], { description: 'Where the rows come from, 1 to 20 sources, in their order.' })
  sources!: RowSourceInput[];

  @Field(() => [PreparationStepInput], { defaultValue: [], description: 'What is done to them, in order.' })
  recipe!: PreparationStepInput[];
}

@InputType({ description: 'A dataset version to make.' })
export class PrepareDatasetInput extends PreviewPreparationInput {
  @Field(() => ID, { nullable: true, description: 'The dataset whose next version is made. Null: a new one, `name`.' })
  datasetId?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the new dataset, unique in the project.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Description of the new dataset.' })
  description?: string | null;

  @Field(() => SplitInput, {
    nullable: true,
    description:
      'How to draw splits after the last step, for all rows. Default: rows keep their splits, or those that a step gave them; rows without one are drawn, 80 % train, 10 % validation, 10 % test, seed 0.',
  })
  split?: SplitInput | null;

  @Field(() => String, { nullable: true, description: 'In place of `split`: the column that names the splits.' })
  splitColumn?: string | null;

  @Field(() => [AssignedRoleInput], { defaultValue: [], description: 'What columns are for. The others are guessed.' })
  roles!: AssignedRoleInput[];

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A preparation to act on.' })
export class PreparationActionInput {
  @Field(() => ID, { description: 'The preparation.' })
  preparationId!: string;
}
