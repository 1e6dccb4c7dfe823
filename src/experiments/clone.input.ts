import { Field, ID, InputType, Int } from 'type-graphql';
import { type UnknownLabels, UnknownLabelsEnum } from '../datasets/unknown-labels.type.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { notesDescription, tagsDescription } from '../organizing/text-fields.js';
import { HyperparametersInput } from './hyperparameters.input.js';
import { TrainingMethodInput } from './methods/input.js';
import { priorityDescription } from './organizing.input.js';

const asSource = "Default: the source's.";

@InputType({
  description:
    "A new experiment like another one, in the same project. Fields that are left out have the source's values. Paths of problems point to where createExperiment has the value, even when the value comes from the source.",
})
export class CloneExperimentInput {
  @Field(() => ID, { description: 'The source.' })
  experimentId!: string;

  @Field(() => String, { nullable: true, description: `Name for people, 1 to 200 characters. ${asSource}` })
  name?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: `The model to start from. ${asSource}`,
  })
  baseModelId?: string | null;

  @Field(() => ID, { nullable: true, description: `The data to learn from. ${asSource}` })
  datasetVersionId?: string | null;

  @Field(() => TrainingMethodInput, {
    nullable: true,
    description: `The training method and its heads; replaces the source's as a whole. ${asSource}`,
  })
  method?: TrainingMethodInput | null;

  @Field(() => String, { nullable: true, description: `The split to learn from. ${asSource}` })
  trainSplit?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `The split to measure on after each epoch. Default: the source's; or, as there, examples that are held out of the training split.`,
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
    description:
      "Hyperparameters. Each given field replaces the source's value, `freeze`, `adapter` and `earlyStopping` as a whole. Null means the same as in createExperiment, e.g. the default, or no adapter. What is left out here is as in the source; but what was left out there too, and so chosen by the model, by what is trained and by how many examples, is chosen anew where these change. `planClone { defaults }` tells what would be.",
  })
  hyperparameters?: HyperparametersInput | null;

  @Field(() => [String], { nullable: true, description: `${tagsDescription} ${asSource} Null: none.` })
  tags?: string[] | null;

  @Field(() => String, { nullable: true, description: `${notesDescription} ${asSource} Null: none.` })
  notes?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `${priorityDescription} Default 0, whatever the source's priority is.`,
  })
  priority?: number | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
