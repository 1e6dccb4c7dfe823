import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { SplitFractionInput } from '../../datasets/dataset.input.js';
import { idempotencyKey } from '../../graphql/idempotency-key.js';
import { projectSlugOptions } from '../../graphql/project-slug.js';
import { Seed } from '../../graphql/scalars.js';
import { usualSplit } from '../../protocol/datasets/split-request.js';
import { FeedbackPolicyInput } from './feedback-policy.type.js';

@InputType({ description: 'A dataset version to make of what people answered.' })
export class CreateDatasetFromFeedbackInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => [ID], {
    description:
      'The feedback tasks, 1 to 20, in the order of the rows. Their questions are of one kind and scale; labels may differ. They may be open: what was answered until now is taken.',
  })
  taskIds!: string[];

  @Field(() => ID, { nullable: true, description: 'The dataset whose next version is made. Null: a new one, `name`.' })
  datasetId?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the new dataset, unique in the project.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Description of the new dataset.' })
  description?: string | null;

  @Field(() => FeedbackPolicyInput, { description: 'How the answers of an item become the value of a row.' })
  policy!: FeedbackPolicyInput;

  @Field(() => Float, {
    nullable: true,
    description:
      'Items of which a smaller share of the answers agrees are left out, from 0 to 1; of several labels and of spans the least agreed one counts. Default: none is for that.',
  })
  leastAgreement?: number | null;

  @Field(() => Int, {
    defaultValue: 1,
    description:
      'Items with fewer answers are left out, unless they are adjudicated. Gold items and repetitions never count.',
  })
  leastAnswers!: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Of PAIRWISE: whether each of the two answers is a row of its own, with a `label` that says whether it is good. Default: a row is a pair, and items without a preference are left out.',
  })
  unpaired!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Of CORRECTION: whether a row is a pair of the corrected text, which is better, and the other. Default: it is both texts, one to be made of the other.',
  })
  correctionPairs!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Of PAIRWISE: whether pairs that a reward model judged in place of people, in a feedback loop, are rows, too. Default: people alone count.',
  })
  modelJudgements!: boolean;

  @Field(() => [SplitFractionInput], {
    defaultValue: usualSplit.fractions,
    description: 'The splits and their shares. Items of one group, as those about one prompt, are in one split.',
  })
  fractions!: SplitFractionInput[];

  @Field(() => Seed, { defaultValue: 0, description: 'Determines the draw of the splits.' })
  seed!: number;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
