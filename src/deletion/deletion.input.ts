import { Field, ID, InputType } from 'type-graphql';

const cascade = {
  defaultValue: false,
  description:
    'Whether all that uses the object, or came out of it, goes too, and what uses that, and so on. Default: an object that is used is refused, and the problem names its users.',
} as const;

const dryRun = {
  defaultValue: false,
  description: 'Whether only to tell what would go, and how many bytes would be freed. Nothing is deleted.',
} as const;

/** The two choices of each deletion. */
export interface HowToDelete {
  readonly cascade: boolean;
  readonly dryRun: boolean;
}

@InputType({ description: 'A dataset to delete, with all its versions.' })
export class DeleteDatasetInput implements HowToDelete {
  @Field(() => ID, { description: 'The dataset.' })
  datasetId!: string;

  @Field(() => Boolean, cascade)
  cascade!: boolean;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'A version of a dataset to delete.' })
export class DeleteDatasetVersionInput implements HowToDelete {
  @Field(() => ID, { description: 'The version.' })
  datasetVersionId!: string;

  @Field(() => Boolean, cascade)
  cascade!: boolean;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'A model to delete.' })
export class DeleteModelInput implements HowToDelete {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => Boolean, cascade)
  cascade!: boolean;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'An experiment to delete, which has ended.' })
export class DeleteExperimentInput implements HowToDelete {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;

  @Field(() => Boolean, cascade)
  cascade!: boolean;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'An evaluation to delete.' })
export class DeleteEvaluationInput {
  @Field(() => ID, { description: 'The evaluation.' })
  evaluationId!: string;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'A batch prediction to delete, which has ended, with its file. The model stays.' })
export class DeleteBatchPredictionInput {
  @Field(() => ID, { description: 'The batch prediction.' })
  batchPredictionId!: string;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({
  description:
    'A batch of samples to delete, which has ended. The model, the version with the prompts and datasets that were made of it stay.',
})
export class DeleteScoredSamplesInput {
  @Field(() => ID, { description: 'The batch.' })
  samplesId!: string;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({
  description: 'An export of a dataset version to delete, which has ended, with its files. The version stays.',
})
export class DeleteDatasetExportInput {
  @Field(() => ID, { description: 'The export.' })
  datasetExportId!: string;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'An import to delete, which has ended. The model that it brought stays.' })
export class DeleteModelImportInput {
  @Field(() => ID, { description: 'The import.' })
  importId!: string;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'An export to delete, which has ended, with its files. The model stays.' })
export class DeleteModelExportInput {
  @Field(() => ID, { description: 'The export.' })
  exportId!: string;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'A feedback task to delete, open or closed.' })
export class DeleteFeedbackTaskInput {
  @Field(() => ID, { description: 'The task.' })
  taskId!: string;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'A feedback loop to delete, which has ended.' })
export class DeleteFeedbackLoopInput {
  @Field(() => ID, { description: 'The loop.' })
  loopId!: string;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'A project to delete.' })
export class DeleteProjectInput implements HowToDelete {
  @Field(() => String, { description: 'Slug of the project. No project is deleted that is not named.' })
  projectSlug!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether all that the project holds goes with it. Default: only a project that holds nothing is deleted.',
  })
  cascade!: boolean;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}

@InputType({ description: 'A user whose personal data are to be deleted.' })
export class DeleteUserInput {
  @Field(() => ID, { description: 'The user.' })
  userId!: string;

  @Field(() => Boolean, dryRun)
  dryRun!: boolean;
}
