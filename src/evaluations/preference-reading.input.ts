import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { TruncationSideEnum } from '../models/model-settings.type.js';
import type { PreferenceEvaluation } from '../protocol/preference-evaluation.js';

const ofTraining = 'Default: as in the training that the model came out of';

@InputType({
  description:
    'How a language model reads judged answers, and the reference that its probabilities are compared with. `{}` is enough for one that an experiment trained.',
})
export class PreferenceReadingInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'The model to compare with, of the same project, with the same tokenizer. Default: the reference of the training that the model came out of, else the model that the training started from, if it has the same tokenizer; of a model from elsewhere, none.',
  })
  referenceId?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Compares with no model.' })
  withoutReference!: boolean;

  @Field(() => Number, {
    nullable: true,
    description: `What log-ratios to the reference are multiplied by, above 0: of the margin and the loss, not of the accuracy. ${ofTraining} by DPO or KTO, else 0.1.`,
  })
  beta?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Tokens that prompts with their answers are cut to, 2 to 8192. ${ofTraining}, else 512, or as many as the models read.`,
  })
  maxLength?: number | null;

  @Field(() => TruncationSideEnum, {
    nullable: true,
    description: `Where those that are too long are cut. ${ofTraining}, else as the model cuts texts.`,
  })
  truncationSide?: PreferenceEvaluation['truncationSide'] | null;

  @Field(() => String, {
    nullable: true,
    description: "A chat template in place of the model's own, in Jinja. The reference reads the same tokens.",
  })
  chatTemplate?: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: `The present for templates that ask for it (\`strftime_now\`). ${ofTraining}, else now.`,
  })
  templateTime?: Date | null;
}
