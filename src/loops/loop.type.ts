import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type ScoreMeasure, ScoreMeasureEnum } from '../evaluations/score-measure.js';
import { FeedbackKindEnum } from '../feedback/feedback-question.type.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime, Seed } from '../graphql/scalars.js';
import type { FeedbackKind } from '../protocol/feedback.js';
import { FeedbackLoopRuleEnum, FeedbackLoopStepEnum } from './loop.input.js';
import {
  type LoopComparison,
  LoopEndReason,
  type LoopGate,
  LoopStatus,
  type LoopStep,
  type LoopVerdict,
  RoundOutcome,
  readSettings,
  VerdictReason,
} from './loop.js';
import type { LoopRow, RoundRow } from './loop.reads.js';

/** Copies: each name of an enum in the graph needs an object of its own. */
export const FeedbackLoopStatusEnum = { ...LoopStatus.enum };
export const FeedbackLoopEndReasonEnum = { ...LoopEndReason.enum };
export const FeedbackRoundOutcomeEnum = { ...RoundOutcome.enum };
const FeedbackVerdictReasonEnum = { ...VerdictReason.enum };

registerEnumType(FeedbackLoopStatusEnum, {
  name: 'FeedbackLoopStatus',
  description: 'Where a feedback loop stands.',
  valuesConfig: {
    RUNNING: { description: 'It takes its steps, or waits for people or a worker.' },
    PAUSED: { description: 'It takes no step.' },
    FAILED: { description: 'A step could not be taken; `problem` says why, and what to do.' },
    ENDED: { description: 'It has ended, for good.' },
  },
});
registerEnumType(FeedbackLoopEndReasonEnum, {
  name: 'FeedbackLoopEndReason',
  description: 'Why a feedback loop has ended. New reasons may be added.',
  valuesConfig: {
    ROUNDS_DONE: { description: 'It took as many rounds as it was to take.' },
    BY_REQUEST: { description: 'Somebody ended it.' },
  },
});
registerEnumType(FeedbackRoundOutcomeEnum, {
  name: 'FeedbackRoundOutcome',
  description: "What became of a round's model. New outcomes may be added.",
  valuesConfig: {
    PROMOTED: { description: "It became the loop's model." },
    KEPT: { description: 'It did not pass the gate: the former model is kept.' },
    ABANDONED: { description: 'The loop was ended before the round was.' },
  },
});
registerEnumType(FeedbackVerdictReasonEnum, {
  name: 'FeedbackVerdictReason',
  description: 'Why a model passed the gate, or did not. New reasons may be added.',
  valuesConfig: {
    FIRST: { description: 'It passed: there was no model before it.' },
    NOT_WORSE: { description: 'It passed: it is not worse than the former one by more than the margin.' },
    BETTER: { description: 'It passed: it is better than the former one, by the sign test.' },
    WORSE: { description: 'It is worse than the former one by more than the margin.' },
    NOT_BETTER: { description: 'The sign test does not show that it is better than the former one.' },
    NOT_COMPARABLE: { description: 'There is nothing that both models were measured or judged by.' },
    PERPLEXITY_TOO_HIGH: { description: 'Its perplexity is too many times that of the first model.' },
    PREFERENCES_WORSE: { description: 'Its accuracy on held-out pairs fell by more than `maxPreferenceDrop`.' },
  },
});

@ObjectType('FeedbackLoopScores', {
  description: 'A score of three models on the same rows; null where a model was not measured, or does not have it.',
  simpleResolvers: true,
})
class FeedbackLoopScoresType {
  @Field(() => Float, { nullable: true, description: "Of the round's model." })
  candidate!: number | null;

  @Field(() => Float, { nullable: true, description: "Of the model that was the loop's before." })
  current!: number | null;

  @Field(() => Float, { nullable: true, description: 'Of the model that the loop began with.' })
  start!: number | null;
}

@ObjectType('FeedbackLoopComparison', {
  description:
    "How the round's model did against another one: of models that people judge, by prompts; else by rows that only one of them has right.",
  simpleResolvers: true,
})
class FeedbackLoopComparisonType implements LoopComparison {
  @Field(() => Float, { description: 'Prompts or rows that it won.' })
  wins!: number;

  @Field(() => Float, { description: 'Prompts or rows that it lost.' })
  losses!: number;

  @Field(() => Float, { description: 'Prompts or rows in which neither is better.' })
  ties!: number;

  @Field(() => Float, {
    description: 'Of the ties, prompts to which both models wrote the same, which nobody was asked about.',
  })
  equal!: number;

  @Field(() => Float, { description: 'The share that it won, ties as halves.' })
  rate!: number;

  @Field(() => Float, { description: "The lower end of the rate's interval of 95 %, by Wilson's formula." })
  lower!: number;

  @Field(() => Float, { description: 'The upper end of the interval.' })
  upper!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'The p-value of the exact sign test of wins against losses, of two sides; null: there are neither.',
  })
  p!: number | null;
}

@ObjectType('FeedbackLoopVerdict', {
  description: "What the gate said of a round's model, and by which figures.",
  simpleResolvers: true,
})
export class FeedbackLoopVerdictType {
  @Field(() => Boolean, { description: 'Whether it passed.' })
  passed!: boolean;

  @Field(() => FeedbackVerdictReasonEnum, { description: 'Why.' })
  reason!: VerdictReason;

  @Field(() => FeedbackLoopScoresType, { description: "By the gate's measure." })
  scores!: FeedbackLoopScoresType;

  @Field(() => FeedbackLoopScoresType, { description: 'The perplexity of the measured texts, of language models.' })
  perplexity!: FeedbackLoopScoresType;

  @Field(() => FeedbackLoopScoresType, {
    description:
      'Of models that `preferences` scores: the share of held-out pairs whose better answer has the likelier tokens.',
  })
  preferenceAccuracy!: FeedbackLoopScoresType;

  @Field(() => FeedbackLoopComparisonType, { nullable: true, description: 'Against the former model.' })
  againstCurrent!: FeedbackLoopComparisonType | null;

  @Field(() => FeedbackLoopComparisonType, {
    nullable: true,
    description: 'Against the model that the loop began with.',
  })
  againstStart!: FeedbackLoopComparisonType | null;
}

@ObjectType('FeedbackLoopRound', {
  description: 'A round of a feedback loop: what was asked, learnt and measured, and what came of it.',
  simpleResolvers: true,
})
export class FeedbackLoopRoundType {
  projectUuid!: string;
  row!: RoundRow;

  @Field(() => Int, { description: 'Counts from 1 within the loop.' })
  number!: number;

  @Field(() => FeedbackLoopStepEnum, { description: 'The step that it is in, or ended in.' })
  step!: LoopStep;

  @Field(() => Int, { description: 'How many times the step was begun.' })
  attempt!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'How many pairs a reward model judged in place of people; null: it judges none, or has not yet.',
  })
  modelJudgedCount!: number | null;

  @Field(() => FeedbackRoundOutcomeEnum, { nullable: true, description: 'What came of it; null: it has not ended.' })
  outcome!: RoundOutcome | null;

  @Field(() => FeedbackLoopVerdictType, {
    nullable: true,
    description: 'What the gate said; null: it has not come to that.',
  })
  verdict!: FeedbackLoopVerdictType | null;

  @Field(() => DateTime, { description: 'When it began.' })
  startedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null;
}

@ObjectType('FeedbackLoopGate', {
  description: "What a round's model has to be to become the loop's.",
  simpleResolvers: true,
})
class FeedbackLoopGateType implements LoopGate {
  @Field(() => FeedbackLoopRuleEnum, { description: 'What is asked of it.' })
  rule!: LoopGate['rule'];

  @Field(() => ScoreMeasureEnum, { description: 'Of NOT_WORSE, the score that is compared.' })
  measure!: ScoreMeasure;

  @Field(() => Float, { description: 'Of NOT_WORSE, by how much it may be worse.' })
  margin!: number;

  @Field(() => Float, { description: 'Of BETTER, the greatest p-value.' })
  significance!: number;

  @Field(() => Float, {
    nullable: true,
    description: "How many times the first model's perplexity it may have; null: it is not looked at.",
  })
  maxPerplexityRatio!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'By how much its accuracy on held-out pairs may fall; null: it is not looked at.',
  })
  maxPreferenceDrop!: number | null;
}

@ObjectType('FeedbackLoop', {
  description:
    'Rounds in which people are asked, a model learns from their answers, and what passes the gate is promoted.',
  implements: Node,
  simpleResolvers: true,
})
export class FeedbackLoopType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  row!: LoopRow;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => FeedbackLoopStatusEnum, { description: 'Where it stands.' })
  status!: LoopStatus;

  @Field(() => FeedbackLoopEndReasonEnum, { nullable: true, description: 'Why it has ended; null: it has not.' })
  endReason!: LoopEndReason | null;

  @Field(() => ProblemType, { nullable: true, description: 'Why it failed, and what to do.' })
  problem!: ProblemType | null;

  @Field(() => Int, { description: 'The present round, from 1; of a loop that has ended, the last one.' })
  round!: number;

  @Field(() => Int, { description: 'How many rounds it takes.' })
  roundCount!: number;

  @Field(() => FeedbackKindEnum, {
    nullable: true,
    description: 'The kind of the question that rounds ask; null: nobody is asked.',
  })
  questionKind!: FeedbackKind | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many rows, or prompts, each round asks about at most; null: nobody is asked.',
  })
  itemsPerRound!: number | null;

  @Field(() => FeedbackLoopGateType, { description: 'What is promoted.' })
  gate!: FeedbackLoopGateType;

  @Field(() => [String], {
    description:
      'What was changed and counts from the next round on: of `ask`, `measuring`, `preferences`, and a `gate` on these measures.',
  })
  pendingChanges!: string[];

  @Field(() => String, { nullable: true, description: "The alias that stands for the loop's model, if there is one." })
  alias!: string | null;

  @Field(() => Seed, { description: 'Draws rows, prompts and what models write.' })
  seed!: number;

  @Field(() => BigIntScalar, { description: 'The end of its event log.' })
  lastSeq!: number;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null;
}

export const feedbackLoops = connectionOf('FeedbackLoop', 'feedback loops', FeedbackLoopType);

const loopResult = (name: string, what: string) => resultUnion(name, what, FeedbackLoopType);

export const createFeedbackLoopResult = loopResult('CreateFeedbackLoopResult', 'The loop; or why there is none.');
export const updateFeedbackLoopResult = loopResult(
  'UpdateFeedbackLoopResult',
  'The changed loop; or why nothing was changed.',
);
export const pauseFeedbackLoopResult = loopResult('PauseFeedbackLoopResult', 'The loop; or why it was not paused.');
export const resumeFeedbackLoopResult = loopResult('ResumeFeedbackLoopResult', 'The loop; or why it was not resumed.');
export const retryFeedbackLoopResult = loopResult('RetryFeedbackLoopResult', 'The loop; or why it does not go on.');
export const endFeedbackLoopResult = loopResult('EndFeedbackLoopResult', 'The loop; or why it was not ended.');

export function toFeedbackLoopType(row: LoopRow): FeedbackLoopType {
  const { id, projectId, createdBy, problem, rounds, settings: stored } = row;
  const { name, description, status, endReason, round, lastSeq, createdAt, endedAt } = row;
  const { ask, gate, alias, seed } = readSettings(stored);
  return Object.assign(new FeedbackLoopType(), {
    id: globalId('FeedbackLoop', id),
    uuid: id,
    projectUuid: projectId,
    authorUuid: createdBy,
    row,
    name,
    description,
    status,
    endReason,
    problem: problem === null ? null : toProblemType(problem),
    round,
    roundCount: rounds,
    questionKind: ask.kind === 'nobody' ? null : ask.kind === 'uncertain' ? ('labels' as const) : ('pairwise' as const),
    itemsPerRound: ask.kind === 'nobody' ? null : ask.most,
    gate: Object.assign(new FeedbackLoopGateType(), gate),
    pendingChanges: Object.keys(row.nextSettings ?? {}).sort(),
    alias,
    seed,
    lastSeq,
    createdAt,
    endedAt,
  });
}

export function toFeedbackLoopRoundType(row: RoundRow): FeedbackLoopRoundType {
  const { projectId, number, step, attempt, modelJudgedCount, outcome, verdict, startedAt, endedAt } = row;
  return Object.assign(new FeedbackLoopRoundType(), {
    projectUuid: projectId,
    row,
    number,
    step,
    attempt,
    modelJudgedCount,
    outcome,
    verdict: verdict === null ? null : toFeedbackLoopVerdictType(verdict),
    startedAt,
    endedAt,
  });
}

const noScores = { candidate: null, current: null, start: null };

export function toFeedbackLoopVerdictType(verdict: LoopVerdict): FeedbackLoopVerdictType {
  const { scores, perplexity, preferenceAccuracy, againstCurrent, againstStart, ...rest } = verdict;
  const compared = (of: LoopComparison | null) =>
    // Of verdicts that were given before equal answers counted, none did.
    of === null ? null : Object.assign(new FeedbackLoopComparisonType(), { equal: 0 }, of);
  return Object.assign(new FeedbackLoopVerdictType(), rest, {
    scores: Object.assign(new FeedbackLoopScoresType(), scores),
    perplexity: Object.assign(new FeedbackLoopScoresType(), perplexity),
    // Verdicts that were given before there were held-out pairs have none.
    preferenceAccuracy: Object.assign(new FeedbackLoopScoresType(), noScores, preferenceAccuracy),
    againstCurrent: compared(againstCurrent),
    againstStart: compared(againstStart),
  });
}
