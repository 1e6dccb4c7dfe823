import { Field, ID, InputType, Int } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { HyperparametersInput } from './hyperparameters.input.js';
import { TrainingMethodInput } from './methods/input.js';
import { notesDescription, priorityDescription, tagsDescription } from './organizing.input.js';

const asSource = "Default: the source's.";

@InputType({
  description:
    'An experiment like another one, of the same project. What is left out is as the source has it. Paths of problems lead to where createExperiment has the value, also when it comes from the source.',
})
export class CloneExperimentInput {
  @Field(() => ID, { description: 'The source.' })
  experimentId!: string;

  @Field(() => String, { nullable: true, description: `For people, 1 to 200 characters. ${asSource}` })
  name?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: `The model to start from. Hyperparameters stay as the source has them, even where another model has other defaults. ${asSource}`,
  })
  baseModelId?: string | null;

  @Field(() => ID, { nullable: true, description: `The data to learn from. ${asSource}` })
  datasetVersionId?: string | null;

  @Field(() => TrainingMethodInput, {
    nullable: true,
    description: `What to train, by which method; replaces the source's as a whole. ${asSource}`,
  })
  method?: TrainingMethodInput | null;

  @Field(() => String, { nullable: true, description: `The split to learn from. ${asSource}` })
  trainSplit?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `The split to measure on after each epoch. ${asSource}`,
  })
  validationSplit?: string | null;

  @Field(() => HyperparametersInput, {
    nullable: true,
    description:
      "What steers training. Each field that is given replaces the source's, `freeze`, `adapter` and `earlyStopping` as a whole; null: what createExperiment makes of null, e.g. the default, or no adapter.",
  })
  hyperparameters?: HyperparametersInput | null;

  @Field(() => [String], { nullable: true, description: `${tagsDescription} ${asSource} Null: none.` })
  tags?: string[] | null;

  @Field(() => String, { nullable: true, description: `${notesDescription} ${asSource} Null: none.` })
  notes?: string | null;

  @Field(() => Int, { nullable: true, description: `${priorityDescription} Default 0, whatever the source has.` })
  priority?: number | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
