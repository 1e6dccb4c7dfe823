import { z } from 'zod';

/** What people are asked of each item of a task. */
export const FeedbackQuestion = z.discriminatedUnion('kind', [
  /** Which of two answers is better; both may be good, or neither. */
  z.object({ kind: z.literal('pairwise'), strengths: z.number().int().min(1) }),
  /** In what order the answers stand, the best first. */
  z.object({ kind: z.literal('ranking'), tiesAllowed: z.boolean() }),
  /** A whole number from `from` to `to`; `labels` name each of them, or are empty. */
  z.object({ kind: z.literal('rating'), from: z.number().int(), to: z.number().int(), labels: z.array(z.string()) }),
  /** One of the classes, or any number of them. */
  z.object({ kind: z.literal('labels'), classes: z.array(z.string()).min(2), several: z.boolean() }),
  /** Parts of the text, each with a label. */
  z.object({ kind: z.literal('spans'), labels: z.array(z.string()).min(1) }),
  /** A better form of the text. */
  z.object({ kind: z.literal('correction'), mayBeUnchanged: z.boolean() }),
  /** What a good answer to the prompt is. */
  z.object({ kind: z.literal('demonstration'), minCharacters: z.number().int().min(1) }),
  /** Whether it is good, and why. */
  z.object({ kind: z.literal('thumbs'), reasonRequired: z.boolean() }),
]);
export type FeedbackQuestion = z.infer<typeof FeedbackQuestion>;
export const FeedbackKind = z.enum(FeedbackQuestion.options.map(({ shape }) => shape.kind.value));
export type FeedbackKind = FeedbackQuestion['kind'];

/** An answer that people judge. The key names it in values, whatever side it stood on. */
const JudgedAnswer = z.object({
  key: z.string(),
  text: z.string(),
  /** Row ids of what wrote it, as far as that is known. */
  modelId: z.uuid().nullable(),
  generationId: z.uuid().nullable(),
  /** How it was written, for whoever reads the results. */
  settings: z.record(z.string(), z.unknown()).nullable(),
});

/** What an item of a task shows. */
export const FeedbackItemContent = z.object({
  prompt: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('text'), text: z.string() }),
      z.object({
        kind: z.literal('messages'),
        messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
      }),
    ])
    .nullable(),
  /** What is labelled, rated or corrected. */
  text: z.string().nullable(),
  answers: z.array(JudgedAnswer),
  /** The row of a dataset version that it was made of: the row id of the version, and the row's place in it, from 0. */
  row: z.object({ versionId: z.uuid(), row: z.number().int().min(0) }).nullable(),
  /** Items of equal group are about the same prompt, and go into the same split. */
  group: z.string(),
});
export type FeedbackItemContent = z.infer<typeof FeedbackItemContent>;

/** Offsets count UTF-16 code units of the text; `end` is exclusive. */
export const FeedbackSpan = z.object({ start: z.number().int(), end: z.number().int(), label: z.string() });
export type FeedbackSpan = z.infer<typeof FeedbackSpan>;

export const PairwiseOutcome = z.enum(['preferred', 'bothGood', 'neither']);
export type PairwiseOutcome = z.infer<typeof PairwiseOutcome>;

/** What a person says of an item. */
export const FeedbackValue = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('pairwise'),
    outcome: PairwiseOutcome,
    /** Key of the better answer; null unless one is preferred. */
    preferred: z.string().nullable(),
    /** From 1 to the question's `strengths`; null unless one is preferred. */
    strength: z.number().int().nullable(),
  }),
  /** Keys of the answers, the best first; those in one list are tied. */
  z.object({ kind: z.literal('ranking'), ranks: z.array(z.array(z.string())) }),
  z.object({ kind: z.literal('rating'), rating: z.number() }),
  z.object({ kind: z.literal('labels'), labels: z.array(z.string()) }),
  z.object({ kind: z.literal('spans'), spans: z.array(FeedbackSpan) }),
  z.object({ kind: z.literal('correction'), text: z.string() }),
  z.object({ kind: z.literal('demonstration'), text: z.string() }),
  z.object({ kind: z.literal('thumbs'), up: z.boolean(), reason: z.string().nullable() }),
]);
export type FeedbackValue = z.infer<typeof FeedbackValue>;

/** What a reward model said of a pair of answers that nobody is asked about. */
export const ModelJudgement = z.object({
  modelId: z.uuid(),
  /** Key of the answer with the higher reward. */
  preferred: z.string(),
  /** By how much it is higher, in standard deviations of the model's rewards of held-out answers. */
  gap: z.number().gt(0),
  /** σ of the difference of the two outputs of its head: above 0.5. */
  probability: z.number(),
});
export type ModelJudgement = z.infer<typeof ModelJudgement>;

/** How many answers an item gets. */
export const FeedbackOverlap = z.object({
  atLeast: z.number().int().min(1),
  atMost: z.number().int().min(1),
  /** It is settled before `atMost` once its likeliest category is so probable; null: it gets `atMost`. */
  sureAt: z.number().gt(0).lt(1).nullable(),
});
export type FeedbackOverlap = z.infer<typeof FeedbackOverlap>;

/** When a task closes by itself: at the first of these. */
export const FeedbackEnds = z.object({
  /** Once every item is settled. */
  itemsSettled: z.boolean(),
  /** Once so many answers are there; null: never for that. */
  answers: z.number().int().min(1).nullable(),
  /** Once Krippendorff's alpha is at least `alpha` over `units` items or more with two answers; null: never. */
  agreement: z.object({ alpha: z.number(), units: z.number().int().min(2) }).nullable(),
});
export type FeedbackEnds = z.infer<typeof FeedbackEnds>;

export const FeedbackTaskStatus = z.enum(['PREPARING', 'OPEN', 'PAUSED', 'CLOSED', 'FAILED']);
export type FeedbackTaskStatus = z.infer<typeof FeedbackTaskStatus>;

export const FeedbackCloseReason = z.enum(['BY_REQUEST', 'ITEMS_SETTLED', 'ANSWERS_REACHED', 'AGREEMENT_REACHED']);
export type FeedbackCloseReason = z.infer<typeof FeedbackCloseReason>;

/** Of which item and claim of a task an event tells, and who made it so; all by row id. */
const ofClaim = { itemId: z.uuid(), claimId: z.uuid(), userId: z.uuid() };

/** What happens in a task. Each event has a number in the task's log, `seq`, from 1 without gaps. */
export const LoggedFeedbackEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('itemsAdded'),
    firstPosition: z.number().int(),
    lastPosition: z.number().int(),
  }),
  z.object({
    kind: z.literal('answerSubmitted'),
    ...ofClaim,
    answerId: z.uuid(),
    late: z.boolean(),
  }),
  z.object({ kind: z.literal('answerChanged'), ...ofClaim, answerId: z.uuid() }),
  z.object({ kind: z.literal('itemSkipped'), ...ofClaim, reason: z.string() }),
  z.object({ kind: z.literal('itemFlagged'), ...ofClaim, reason: z.string() }),
  z.object({
    kind: z.literal('itemSettled'),
    itemId: z.uuid(),
    answerCount: z.number().int(),
    category: z.string().nullable(),
    probability: z.number().nullable(),
  }),
  /** Somebody decided what is right of an item, in place of what was decided before. */
  z.object({ kind: z.literal('itemAdjudicated'), itemId: z.uuid() }),
  /** A changed answer made an item unsure again. */
  z.object({ kind: z.literal('itemReopened'), itemId: z.uuid() }),
  z.object({
    kind: z.literal('statusChanged'),
    from: FeedbackTaskStatus.nullable(),
    to: FeedbackTaskStatus,
    reason: FeedbackCloseReason.nullable(),
  }),
]);
export type LoggedFeedbackEvent = z.infer<typeof LoggedFeedbackEvent>;
