import { Field, ID, InputType, Int } from 'type-graphql';
import { type UnknownLabels, UnknownLabelsEnum } from '../datasets/unknown-labels.type.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { notesDescription, tagsDescription } from '../organizing/text-fields.js';
import { HyperparametersInput } from './hyperparameters.input.js';
import { TrainingMethodInput } from './methods/input.js';
import { priorityDescription } from './organizing.input.js';

@InputType({ description: 'Everything that determines an experiment.' })
export class CreateExperimentInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, { description: 'Name for people, 1 to 200 characters; it need not be unique.' })
  name!: string;

  @Field(() => ID, { description: 'The model to start from.' })
  baseModelId!: string;

  @Field(() => ID, { description: 'The data to learn from.' })
  datasetVersionId!: string;

  @Field(() => TrainingMethodInput, { description: 'The training method and its heads.' })
  method!: TrainingMethodInput;

  @Field(() => String, { defaultValue: 'train', description: 'The split to learn from.' })
  trainSplit!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The split to measure on after each epoch. Default: `validation`; if the version has no examples there, about a tenth of the training split is held out, and measured on. `planExperiment` says so, in `heldOut`.',
  })
  validationSplit?: string | null;

  @Field(() => UnknownLabelsEnum, {
    nullable: true,
    description:
      'What becomes of labels of the validation split that the training split does not have. Default: COUNT.',
  })
  unknownLabels?: UnknownLabels | null;

  @Field(() => HyperparametersInput, {
    nullable: true,
    description: 'Hyperparameters of training. Default: all defaults.',
  })
  hyperparameters!: HyperparametersInput | null;

  @Field(() => [String], { nullable: true, description: `${tagsDescription} Default: none.` })
  tags!: string[] | null;

  @Field(() => String, { nullable: true, description: `${notesDescription} Default: none.` })
  notes!: string | null;

  @Field(() => Int, { nullable: true, description: `${priorityDescription} Default 0.` })
  priority!: number | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

/** The draft of an experiment, from a creation or a clone. */
export type ExperimentDraft = Omit<CreateExperimentInput, 'projectSlug' | 'idempotencyKey'>;

@InputType({ description: 'An experiment to act on.' })
export class ExperimentActionInput {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;
}
