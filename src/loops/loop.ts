import { z } from 'zod';
import type { CreateExperimentInput } from '../experiments/experiment.input.js';
import type { FeedbackOverlapInput } from '../feedback/feedback-task.input.js';
import { FeedbackPolicy } from '../protocol/feedback/dataset-rules.js';
import { PickRowsBy } from '../protocol/feedback/make-items-job.js';
import { Problem } from '../protocol/run-event.js';

/** What a loop may take. */
export const loopLimits = {
  /** Each round's version is made of the answers of all rounds, and a version takes so many tasks. */
  maxRounds: 20,
  maxItems: 10_000,
  maxDescriptionCharacters: 10_000,
} as const;

export const LoopStatus = z.enum(['RUNNING', 'PAUSED', 'FAILED', 'ENDED']);
export type LoopStatus = z.infer<typeof LoopStatus>;
export const LoopEndReason = z.enum(['ROUNDS_DONE', 'BY_REQUEST']);
export type LoopEndReason = z.infer<typeof LoopEndReason>;

/** The steps of a round, in their order. */
export const LoopStep = z.enum(['MEASURING', 'ASKING', 'PREPARING', 'TRAINING', 'EVALUATING', 'JUDGING', 'DECIDING']);
export type LoopStep = z.infer<typeof LoopStep>;

/** What became of a round's model: it is the loop's, the former one is kept, or the round was not finished. */
export const RoundOutcome = z.enum(['PROMOTED', 'KEPT', 'ABANDONED']);
export type RoundOutcome = z.infer<typeof RoundOutcome>;

/** Which status may follow which. */
export const loopTransitions: Readonly<Record<LoopStatus, readonly LoopStatus[]>> = {
  RUNNING: ['PAUSED', 'FAILED', 'ENDED'],
  PAUSED: ['RUNNING', 'ENDED'],
  FAILED: ['RUNNING', 'ENDED'],
  ENDED: [],
};

/** Rows that a classifier is unsure of; ids are those of the graph. */
const AskUncertain = z.object({
  kind: z.literal('uncertain'),
  datasetVersionId: z.string(),
  split: z.string().nullable(),
  textColumn: z.string().nullable(),
  classes: z.array(z.string()),
  several: z.boolean(),
  by: PickRowsBy,
  /** Rows that the model predicts for; null: as many as a job may. */
  pool: z.number().int().nullable(),
  most: z.number().int(),
});

/** A model that writes, but for the model: AnswerVariantInput of the graph. */
const Writing = z.object({
  sampling: z.record(z.string(), z.unknown()).nullable(),
  maxTokens: z.number().int(),
  stop: z.array(z.string()).nullable(),
});
export type Writing = z.infer<typeof Writing>;

/** Prompts that the model answers, for people to compare. */
const Prompts = z.object({
  datasetVersionId: z.string(),
  split: z.string().nullable(),
  promptColumn: z.string().nullable(),
  asConversation: z.boolean(),
  most: z.number().int(),
});

/** Two answers of a model to each prompt. */
const AskPairs = Prompts.extend({
  kind: z.literal('pairs'),
  strengths: z.number().int(),
  writing: Writing,
  /** The model that writes in all rounds; null: the loop's. */
  writerId: z.string().nullable().default(null),
  /** A reward model that judges all pairs but those that it is least sure of, which people get; null: people judge. */
  judge: z.object({ modelId: z.string(), toPeople: z.number().int() }).nullable().default(null),
});

/** Nobody is asked: the method rewards what the model writes to the prompts of a version. */
const AskNobody = z.object({ kind: z.literal('nobody'), datasetVersionId: z.string(), split: z.string() });

export const LoopAsk = z.discriminatedUnion('kind', [AskUncertain, AskPairs, AskNobody]);
/** What asks people. */
export type PeopleAsk = Exclude<z.infer<typeof LoopAsk>, { readonly kind: 'nobody' }>;
export type LoopAsk = z.infer<typeof LoopAsk>;

/** How people are asked: fields of CreateFeedbackTaskInput. */
export const LoopPeople = z.object({
  instructions: z.string(),
  overlap: z.custom<FeedbackOverlapInput>().nullable(),
  participants: z.array(z.string()).nullable(),
  claimSeconds: z.number().int(),
  repeatShare: z.number(),
  /** The task is closed once there are so many answers; null: once all items are settled. */
  answers: z.number().int().nullable(),
});
export type LoopPeople = z.infer<typeof LoopPeople>;

/** Fields of CreateExperimentInput, which checked them. */
export type LoopTraining = Pick<CreateExperimentInput, 'method' | 'hyperparameters'> & {
  readonly from: 'BASE' | 'CURRENT';
};

/** What models are scored on: fields of EvaluateInput. */
const LoopMeasuring = z.object({
  datasetVersionId: z.string(),
  split: z.string(),
  /** Null: the one that the model learnt from, or that has the role. */
  textColumn: z.string().nullable(),
});

/** Held-out pairs, on which models that write are scored: fields of EvaluateInput. */
const LoopPreferences = z.object({ datasetVersionId: z.string(), split: z.string() });

/** Prompts on which people compare the new model with the former one, and with the first. */
const LoopJudging = Prompts.extend({
  writing: Writing,
  /** Judges in place of people: id of the graph. */
  rewardModelId: z.string().nullable().default(null),
});
export type LoopJudging = z.infer<typeof LoopJudging>;

/** What a round's model has to be to become the loop's. */
export const LoopGate = z.object({
  /** It is not worse than the former one by more than the margin, or it is better, by a sign test. */
  rule: z.enum(['NOT_WORSE', 'BETTER']),
  /** Path of the compared score in EvaluationScores. */
  measure: z.string(),
  margin: z.number().min(0),
  significance: z.number().gt(0).lt(1),
  /** Of language models: how many times the first model's perplexity is too much; null: it is not looked at. */
  maxPerplexityRatio: z.number().gt(0).nullable(),
  /** Of models that write: by how much the accuracy on held-out pairs may fall; null: it is not looked at. */
  maxPreferenceDrop: z.number().min(0).max(1).nullable().default(null),
});
export type LoopGate = z.infer<typeof LoopGate>;

export const LoopSettings = z.object({
  ask: LoopAsk,
  people: LoopPeople,
  policy: FeedbackPolicy,
  leastAnswers: z.number().int(),
  /** The version whose rows come before those of the answers: id of the graph. */
  startDataId: z.string().nullable(),
  training: z.custom<LoopTraining>(),
  measuring: LoopMeasuring.nullable(),
  preferences: LoopPreferences.nullable().default(null),
  judging: LoopJudging.nullable(),
  gate: LoopGate,
  /** The alias that stands for the loop's model. */
  alias: z.string().nullable(),
  seed: z.number(),
});
export type LoopSettings = z.infer<typeof LoopSettings>;

/** Settings that count from the next round on; a gate only with other measures. */
const NextSettings = LoopSettings.pick({ ask: true, measuring: true, preferences: true, gate: true }).partial();
export type NextSettings = z.infer<typeof NextSettings>;

/** How the new model did against another one, on the same rows or prompts. */
export const LoopComparison = z.object({
  wins: z.number(),
  losses: z.number(),
  ties: z.number(),
  /** Of the ties, prompts to which both wrote the same, which nobody was asked about. */
  equal: z.number().default(0),
  /** (wins + ties / 2) / count, and its interval of 95 % by Wilson. */
  rate: z.number(),
  lower: z.number(),
  upper: z.number(),
  /** Of the exact sign test; null: nothing differs. */
  p: z.number().nullable(),
});
export type LoopComparison = z.infer<typeof LoopComparison>;

/** Why a model passed the gate, or did not. */
export const VerdictReason = z.enum([
  'FIRST',
  'NOT_WORSE',
  'BETTER',
  'WORSE',
  'NOT_BETTER',
  'NOT_COMPARABLE',
  'PERPLEXITY_TOO_HIGH',
  'PREFERENCES_WORSE',
]);
export type VerdictReason = z.infer<typeof VerdictReason>;

const Scores = z.object({
  candidate: z.number().nullable(),
  current: z.number().nullable(),
  start: z.number().nullable(),
});

export const LoopVerdict = z.object({
  passed: z.boolean(),
  reason: VerdictReason,
  /** By the gate's measure; null: no evaluation has it. */
  scores: Scores,
  /** Of language models. */
  perplexity: Scores,
  /** Of models that write: the share of held-out pairs whose better answer has the likelier tokens. */
  preferenceAccuracy: Scores.default({ candidate: null, current: null, start: null }),
  againstCurrent: LoopComparison.nullable(),
  againstStart: LoopComparison.nullable(),
});
export type LoopVerdict = z.infer<typeof LoopVerdict>;

/** What happens in a loop, as its log keeps it. */
export const LoggedLoopEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('statusChanged'),
    from: LoopStatus.nullable(),
    to: LoopStatus,
    endReason: LoopEndReason.nullable(),
    problem: Problem.nullable(),
  }),
  z.object({
    kind: z.literal('stepBegan'),
    round: z.number().int(),
    step: LoopStep,
    attempt: z.number().int(),
  }),
  z.object({
    kind: z.literal('roundEnded'),
    round: z.number().int(),
    outcome: RoundOutcome,
    verdict: LoopVerdict.nullable(),
  }),
]);
export type LoggedLoopEvent = z.infer<typeof LoggedLoopEvent>;

/** Settings as they were stored. Their inputs are those that the graph checked; times in them are texts. */
export function readSettings(stored: unknown): LoopSettings {
  return LoopSettings.parse(withTimes(stored));
}

/** Null: none are there. */
export function readNextSettings(stored: unknown): NextSettings | null {
  if (stored === null) return null;
  const known = Object.keys(stored as object);
  // What is left out has no default here: it stays as it is.
  const read = Object.entries(NextSettings.parse(withTimes(stored))).filter(([name]) => known.includes(name));
  return Object.fromEntries(read) as NextSettings;
}

/** JSON has no times: those that inputs of the graph have are made of their texts. */
function withTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTimes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'templateTime' && typeof each === 'string' ? new Date(each) : withTimes(each),
    ]),
  );
}
