import { Field, Float, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { SplitFractionInput } from '../../datasets/dataset.input.js';
import { idempotencyKey } from '../../graphql/idempotency-key.js';
import { projectSlugOptions } from '../../graphql/project-slug.js';
import { DateTime, Seed } from '../../graphql/scalars.js';
import { usualSplit } from '../../protocol/datasets/split-request.js';
import { RecordedForm } from '../../protocol/feedback/dataset-rules.js';
import { FeedbackPolicyInput } from '../datasets/feedback-policy.type.js';

export const RecordedFormEnum = RecordedForm.enum;
registerEnumType(RecordedFormEnum, {
  name: 'RecordedFeedbackForm',
  description: 'What recorded feedback becomes rows, and of which form. New forms may be added.',
  valuesConfig: {
    THUMBS: {
      description: 'Thumbs about written answers: `prompt`, `completion`, `label` (true: it is good), `reason`.',
    },
    BETTER_ANSWERS: {
      description:
        'Better answers as pairs: `prompt`, `chosen`, the better answer, and `rejected`, what the model wrote.',
    },
    DEMONSTRATIONS: {
      description: 'Better answers as what to write: `prompt` and `completion`, or `messages` of conversations.',
    },
    LABELS: { description: 'The right labels of predictions: `text`, and `label` or `labels`.' },
    SCORES: { description: 'Scores of written answers: `prompt`, `text`, the answer, and `rating`.' },
  },
});

@InputType({ description: 'A dataset version to make of what users of applications thought.' })
export class CreateDatasetFromRecordedFeedbackInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => RecordedFormEnum, { description: 'What becomes rows.' })
  form!: RecordedForm;

  @Field(() => [ID], { nullable: true, description: 'Only feedback about these models, 1 to 50. Default: about all.' })
  models?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Of LABELS: only predictions of the head of this name.' })
  task?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Only feedback from these people, 1 to 1,000 pseudonyms. Default: from all.',
  })
  subjects?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Only what was recorded from this moment on.' })
  from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Only what was recorded before this moment.' })
  until?: Date | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Of LABELS: whether thumbs that are up say that the labels are right which were predicted.',
  })
  confirmed!: boolean;

  @Field(() => ID, { nullable: true, description: 'The dataset whose next version is made. Null: a new one, `name`.' })
  datasetId?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the new dataset, unique in the project.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Description of the new dataset.' })
  description?: string | null;

  @Field(() => FeedbackPolicyInput, {
    description:
      'What becomes of several records about the same: `majority`, `allVotes` or, of scores, `scale`. Of one person the newest counts.',
  })
  policy!: FeedbackPolicyInput;

  @Field(() => Float, {
    nullable: true,
    description:
      'What a smaller share of the people agrees about is left out, from 0 to 1. Default: nothing is for that.',
  })
  leastAgreement?: number | null;

  @Field(() => Int, { defaultValue: 1, description: 'What fewer people said something of is left out.' })
  leastAnswers!: number;

  @Field(() => [SplitFractionInput], {
    defaultValue: usualSplit.fractions,
    description: 'The splits and their shares. Rows about one prompt or text are in one split.',
  })
  fractions!: SplitFractionInput[];

  @Field(() => Seed, { defaultValue: 0, description: 'Determines the draw of the splits.' })
  seed!: number;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
