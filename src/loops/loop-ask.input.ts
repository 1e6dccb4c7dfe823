import { Extensions, Field, Float, ID, InputType, Int } from 'type-graphql';
import { FeedbackOverlapInput } from '../feedback/feedback-task.input.js';
import { PickRowsByEnum, split, textColumn } from '../feedback/sources/item-source.input.js';
import { taskLimits } from '../feedback/task-limits.js';
import { SamplingInput } from '../generations/generation.input.js';
import { generationLimits } from '../generations/generation-limits.js';
import type { PickRowsBy } from '../protocol/feedback/make-items-job.js';
import { itemSourceLimits } from '../protocol/feedback/make-items-job.js';
import { loopLimits } from './loop.js';

@InputType({ description: 'Rows that the model is unsure of, for people to label.' })
export class AskUncertainInput {
  @Field(() => ID, { description: 'The version whose rows are labelled. Its labels, if it has any, are not read.' })
  datasetVersionId!: string;

  @Field(() => String, split)
  split?: string | null;

  @Field(() => String, textColumn)
  textColumn?: string | null;

  @Field(() => [String], { description: 'The labels that people choose from, 2 at least.' })
  classes!: string[];

  @Field(() => Boolean, { defaultValue: false, description: 'Whether a text may have several labels, or none.' })
  several!: boolean;

  @Field(() => PickRowsByEnum, {
    defaultValue: 'ENTROPY',
    description: 'Which rows are asked about. As long as the loop has no model, they are drawn at random.',
  })
  by!: PickRowsBy;

  @Field(() => Int, {
    nullable: true,
    description: `How many rows the model predicts for, drawn anew in each round, up to ${itemSourceLimits.maxPool}. Default: all, up to that.`,
  })
  pool?: number | null;

  @Field(() => Int, {
    description: `How many rows each round asks about, from 1 to ${loopLimits.maxItems}. No row is asked about in two rounds.`,
  })
  most!: number;
}

@InputType({ description: 'How models write the answers that people compare.' })
export class LoopWritingInput {
  @Field(() => SamplingInput, {
    nullable: true,
    description: 'How tokens are chosen. Default: as the model gives their probabilities, with a seed for each round.',
  })
  sampling?: SamplingInput | null;

  @Field(() => Int, {
    defaultValue: generationLimits.defaultTokens,
    description: `Tokens of an answer at most, from 1 to ${generationLimits.maxTokens}.`,
  })
  maxTokens!: number;

  @Field(() => [String], {
    nullable: true,
    description: `Texts before which an answer ends: up to ${generationLimits.maxStops}.`,
  })
  stop?: string[] | null;
}

/** Prompts that models write to, which are compared then. */
@InputType()
export abstract class LoopPromptsInput {
  @Field(() => ID, { description: 'The version with the prompts.' })
  datasetVersionId!: string;

  @Field(() => String, split)
  split?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The column of the prompts: texts, or conversations. Default: the only column with the role PROMPT or MESSAGES, else TEXT.',
  })
  promptColumn?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether a prompt that is a text is said by a user, for models with a chat template.',
  })
  asConversation!: boolean;
}

@InputType({
  description:
    'A reward model that judges pairs in place of people. Those to whose answers it gives equal rewards are left out, unless they go to people.',
})
export class LoopPairJudgeInput {
  @Field(() => ID, {
    description: 'The reward model. It has to be above chance on held-out pairs (`RewardHead.steers`).',
  })
  modelId!: string;

  @Field(() => Int, {
    defaultValue: 0,
    description:
      'How many pairs of a round go to people all the same, fewer than `most`: those that the model is least sure of. It judges the others.',
  })
  toPeople!: number;
}

@InputType({ description: "Pairs of the model's answers to prompts, for people to compare." })
export class AskPairsInput extends LoopPromptsInput {
  @Field(() => Int, {
    description: `How many prompts each round asks about, from 1 to ${loopLimits.maxItems}, drawn at random.`,
  })
  most!: number;

  @Field(() => Int, { defaultValue: 1, description: 'How many grades there are of how much better an answer is.' })
  strengths!: number;

  @Field(() => LoopWritingInput, { nullable: true, description: 'How the model writes. Default: all defaults.' })
  writing?: LoopWritingInput | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "The model that writes, the same one in all rounds: for loops whose model judges answers, as a reward model does. Default: the loop's model.",
  })
  writerId?: string | null;

  @Field(() => LoopPairJudgeInput, {
    nullable: true,
    description: 'A reward model that judges pairs which rounds learn from. Default: people judge all of them.',
  })
  judge?: LoopPairJudgeInput | null;
}

@InputType({
  description:
    'Prompts that nobody is asked about: the training method rewards what the model writes to them, by reward models or rules.',
})
export class AskNobodyInput {
  @Field(() => ID, { description: 'The version with the prompts, which each round learns from.' })
  datasetVersionId!: string;

  @Field(() => String, { defaultValue: 'train', description: 'The split with the prompts.' })
  split!: string;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What people are asked in each round: exactly one of the fields.' })
export class LoopAskInput {
  @Field(() => AskUncertainInput, { nullable: true, description: 'Labels of rows that the model is unsure of.' })
  uncertain?: AskUncertainInput | null;

  @Field(() => AskPairsInput, { nullable: true, description: "Which of two of the model's answers is better." })
  pairs?: AskPairsInput | null;

  @Field(() => AskNobodyInput, { nullable: true, description: 'Nobody: rewards alone say what is better.' })
  nobody?: AskNobodyInput | null;
}

@InputType({ description: 'How people are asked, in each of the tasks that the loop creates.' })
export class LoopPeopleInput {
  @Field(() => String, { defaultValue: '', description: 'What people are to go by, in Markdown.' })
  instructions!: string;

  @Field(() => FeedbackOverlapInput, { nullable: true, description: 'How many answers an item gets. Default: one.' })
  overlap?: FeedbackOverlapInput | null;

  @Field(() => [ID], {
    nullable: true,
    description: 'Who may take part, of those who may annotate in the project: ids of users. Default: all of them.',
  })
  participants?: string[] | null;

  @Field(() => Int, {
    defaultValue: taskLimits.defaultClaimSeconds,
    description: 'How many seconds an item is held for whoever claimed it.',
  })
  claimSeconds!: number;

  @Field(() => Float, { defaultValue: 0, description: 'The share of items that a person gets a second time.' })
  repeatShare!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'A round has collected enough once there are so many answers. Default: once all of its items are settled. `closeFeedbackTask` ends it earlier.',
  })
  answers?: number | null;
}
