import { Field, Float, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { Seed } from '../graphql/scalars.js';
import { FeedbackQuestionInput } from './feedback-question.type.js';
import type { FeedbackOrder } from './feedback-task.reads.js';
import { FeedbackItemSourceInput } from './sources/item-source.input.js';
import { taskLimits as limits } from './task-limits.js';

export const FeedbackOrderEnum = {
  AS_GIVEN: 'AS_GIVEN',
  RANDOM: 'RANDOM',
  UNCERTAINTY: 'UNCERTAINTY',
  DIVERSITY: 'DIVERSITY',
  DISAGREEMENT: 'DISAGREEMENT',
  ENSEMBLE_DISAGREEMENT: 'ENSEMBLE_DISAGREEMENT',
  PREDICTED_GAP: 'PREDICTED_GAP',
} as const satisfies Readonly<Record<FeedbackOrder, string>>;

registerEnumType(FeedbackOrderEnum, {
  name: 'FeedbackOrder',
  description: 'Which item is handed out next. New orders may be added.',
  valuesConfig: {
    AS_GIVEN: { description: 'The first that needs answers, in the order in which items were added.' },
    RANDOM: { description: 'Any that needs answers, all being equally likely.' },
    UNCERTAINTY: {
      description:
        'The one that a model is most unsure of: that with the greatest `priority`, which `source` of predictions sets by ENTROPY or MARGIN, and whoever gives items may set. Those without one come last.',
    },
    DIVERSITY: {
      description:
        'The one that differs most from those before it: that with the greatest `priority`, which `source` of predictions sets by DIVERSITY, and whoever gives items may set. Those without one come last.',
    },
    DISAGREEMENT: {
      description:
        'The one that people differ most about: that whose answers have the greatest entropy, which becomes its `priority`. Those without answers come last, unless they were given a `priority`.',
    },
    ENSEMBLE_DISAGREEMENT: {
      description:
        'The pair that several reward models differ most about: that with the greatest variance of r_a − r_b, which becomes its `priority`, by `rankedBy` of `source`, or whoever gives items. Those without one come last.',
    },
    PREDICTED_GAP: {
      description:
        'The pair whose answers a reward model sees nearest to each other, or farthest apart, as `rankedBy` of `source` says: the gap becomes its `priority`, which whoever gives items may set, too. Those without one come last.',
    },
  },
});

@InputType({ description: 'How many answers an item gets.' })
export class FeedbackOverlapInput {
  @Field(() => Int, { defaultValue: 1, description: `Answers at least, from 1 to ${limits.maxOverlap}.` })
  atLeast!: number;

  @Field(() => Int, {
    nullable: true,
    description: `Answers at most, from \`atLeast\` to ${limits.maxOverlap}: an item gets more than \`atLeast\`, one by one, until its likeliest answer is sure. Written texts are not compared: there \`atLeast\` are enough. Default: \`atLeast\`.`,
  })
  atMost?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: `How probable the likeliest answer has to be, above 0 and below 1, if each person is right with probability 0.8. Default: ${limits.defaultSureAt} where \`atMost\` is above \`atLeast\`.`,
  })
  sureAt?: number | null;
}

@InputType({ description: 'Agreement at which a task closes.' })
export class FeedbackAgreementEndInput {
  @Field(() => Float, {
    description:
      "The alpha that `FeedbackTask.agreement` shows, above 0 up to 1: Krippendorff's, of ratings with interval distances, else nominal.",
  })
  alpha!: number;

  @Field(() => Int, {
    defaultValue: limits.defaultAgreementUnits,
    description: 'Over so many items with two answers at least, from 2 on.',
  })
  units!: number;
}

@InputType({
  description: 'When a task closes by itself: at the first of these. Items that are held then may still be answered.',
})
export class FeedbackEndsInput {
  @Field(() => Boolean, { defaultValue: true, description: 'Once all items that are there are settled.' })
  itemsSettled!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: 'Once there are so many answers, those to gold items left out. Default: never for that.',
  })
  answers?: number | null;

  @Field(() => FeedbackAgreementEndInput, {
    nullable: true,
    description:
      'Once people agree so far. It is computed whenever a twentieth more of the items is settled. Default: never for that.',
  })
  agreement?: FeedbackAgreementEndInput | null;
}

const participants =
  'Who may take part, of those who may annotate in the project: ids of users. An empty list, or null: all of them.';
const instructions = `What people are to go by, in Markdown, at most ${limits.maxInstructionsCharacters} characters.`;

@InputType({ description: 'A task in which people answer a question about items.' })
export class CreateFeedbackTaskInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, { description: 'Name for people; it need not be unique.' })
  name!: string;

  @Field(() => String, { defaultValue: '', description: 'What it is for; annotators see it, too.' })
  description!: string;

  @Field(() => FeedbackQuestionInput, { description: 'What people are asked of each item. It never changes.' })
  question!: FeedbackQuestionInput;

  @Field(() => String, { defaultValue: '', description: instructions })
  instructions!: string;

  @Field(() => FeedbackOverlapInput, {
    nullable: true,
    description: 'How many answers an item gets. Default: one.',
  })
  overlap?: FeedbackOverlapInput | null;

  @Field(() => FeedbackOrderEnum, { defaultValue: 'AS_GIVEN', description: 'Which item is handed out next.' })
  order!: FeedbackOrder;

  @Field(() => Float, {
    defaultValue: limits.defaultRandomShare,
    description:
      'The share of items that are drawn instead of taken in order, from 0.01 to 1; in the order RANDOM it is 1. With each answer is stored how probable its item was, so that estimates over all items can be made.',
  })
  randomShare!: number;

  @Field(() => Boolean, {
    defaultValue: true,
    description: "Whether annotators see nothing of others' answers before the task is closed.",
  })
  blind!: boolean;

  @Field(() => Int, {
    defaultValue: limits.defaultClaimSeconds,
    description: `How long an item is held for whoever claimed it, from ${limits.minClaimSeconds} to ${limits.maxClaimSeconds} seconds. Afterwards others may get it; an answer is still kept.`,
  })
  claimSeconds!: number;

  @Field(() => Float, {
    defaultValue: 0,
    description:
      'The share of gold items among those that a person gets, from 0 to 0.5, as long as there are any left.',
  })
  goldShare!: number;

  @Field(() => Float, {
    defaultValue: 0,
    description:
      'The share of items that a person gets a second time, from 0 to 0.5, two answers on swapped sides: it tells how consistent they are. The second answer counts toward nothing.',
  })
  repeatShare!: number;

  @Field(() => [ID], { nullable: true, description: participants })
  participants?: string[] | null;

  @Field(() => FeedbackEndsInput, {
    nullable: true,
    description: 'When it closes by itself. Default: once all items are settled.',
  })
  ends?: FeedbackEndsInput | null;

  @Field(() => Seed, {
    nullable: true,
    description:
      'Decides, with a secret of the task, the order in which each person sees the answers of an item. Default: a random one.',
  })
  seed?: number | null;

  @Field(() => FeedbackItemSourceInput, {
    nullable: true,
    description:
      'What its items are made of, by a job: the task is PREPARING until they are there. Default: nothing; items are given by addFeedbackItems.',
  })
  source?: FeedbackItemSourceInput | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether it begins PAUSED, so that items can be added before anybody gets one. Else it is OPEN.',
  })
  paused!: boolean;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'What of a task to change. Fields that are left out stay.' })
export class UpdateFeedbackTaskInput {
  @Field(() => ID, { description: 'The task.' })
  taskId!: string;

  @Field(() => String, { nullable: true, description: 'Its new name.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Its new description.' })
  description?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `${instructions} Another text is a new version: answers name the one that they were given under.`,
  })
  instructions?: string | null;

  @Field(() => FeedbackOverlapInput, {
    nullable: true,
    description:
      'How many answers an item gets. Items are judged anew: some may be settled, others need answers again. Of more than 10,000 items the rest is judged in the background (`isJudgedAnew`).',
  })
  overlap?: FeedbackOverlapInput | null;

  @Field(() => Int, {
    nullable: true,
    description: `How long items are held that are claimed from now on, from ${limits.minClaimSeconds} to ${limits.maxClaimSeconds} seconds.`,
  })
  claimSeconds?: number | null;

  @Field(() => Float, { nullable: true, description: 'The new share of gold items, from 0 to 0.5.' })
  goldShare?: number | null;

  @Field(() => Float, { nullable: true, description: 'The new share of repeated items, from 0 to 0.5.' })
  repeatShare?: number | null;

  @Field(() => [ID], { nullable: true, description: participants })
  participants?: string[] | null;

  @Field(() => FeedbackEndsInput, { nullable: true, description: 'When it closes by itself: all of it anew.' })
  ends?: FeedbackEndsInput | null;
}

@InputType({ description: 'A feedback task to act on.' })
export class FeedbackTaskActionInput {
  @Field(() => ID, { description: 'The task.' })
  taskId!: string;
}
