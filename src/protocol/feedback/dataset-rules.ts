import { z } from 'zod';

/** How the answers of an item become the value of a row. */
export const FeedbackPolicy = z.discriminatedUnion('kind', [
  /** What most people said; of ties all leaders, each with its share of the weight, or none. */
  z.object({ kind: z.literal('majority'), ties: z.enum(['DROP', 'KEEP_ALL']) }),
  /** Everything that anybody said: once, weighted by how many did, or as often as it was said. */
  z.object({ kind: z.literal('allVotes'), repeated: z.boolean() }),
  /** What is likeliest by Dawid and Skene's model of how people err, if it is at least so probable. */
  z.object({ kind: z.literal('posterior'), atLeast: z.number().min(0).max(1) }),
  /** What is likeliest by CROWDLAB, of people and of the classifier that the items were made of predictions of. */
  z.object({ kind: z.literal('crowdlab'), atLeast: z.number().min(0).max(1) }),
  /** What somebody decided; of items that nobody decided what all say, or nothing. */
  z.object({ kind: z.literal('adjudicated'), undisputed: z.boolean() }),
  /** Of ratings the mean or the median. */
  z.object({ kind: z.literal('scale'), statistic: z.enum(['MEAN', 'MEDIAN']) }),
]);
export type FeedbackPolicy = z.infer<typeof FeedbackPolicy>;

/** By what rules the answers of feedback tasks become rows. */
export const FeedbackDatasetRules = z.object({
  policy: FeedbackPolicy,
  /** Items of which a smaller share of the answers agrees are left out; null: none is for that. */
  leastAgreement: z.number().min(0).max(1).nullable(),
  /** Items with fewer answers that count are left out. */
  leastAnswers: z.number().int().min(1),
  /** Whether each judged answer becomes a row of its own, good or not. */
  unpaired: z.boolean(),
  /** Whether a correction becomes a pair: the corrected text, which is better, and the one that was corrected. */
  correctionPairs: z.boolean(),
  /** Whether pairs that a reward model judged in place of people are rows, too; left out: they are not. */
  modelJudgements: z.boolean().optional(),
});
export type FeedbackDatasetRules = z.infer<typeof FeedbackDatasetRules>;

/** Why items are in no row. */
export const leftOutReasons = [
  'TOO_FEW_ANSWERS',
  'NOT_ADJUDICATED',
  'TIED',
  'TOO_LITTLE_AGREEMENT',
  'NOT_SURE_ENOUGH',
  'NOT_PREDICTED',
  'NO_PREFERENCE',
] as const;
export const LeftOutReason = z.enum(leftOutReasons);
export type LeftOutReason = z.infer<typeof LeftOutReason>;

const count = z.number().int().min(0);

/** What became of the items. Of rankings each pair of answers counts as one. */
export const FeedbackFigures = z.object({
  items: count,
  /** Those that became rows. */
  kept: count,
  rows: count,
  /** How many were left out, by the first rule that they fell to. */
  leftOut: z.partialRecord(LeftOutReason, count),
  /** Spans that were left out because they overlap others that more people marked. */
  overlappingSpans: count,
});
export type FeedbackFigures = z.infer<typeof FeedbackFigures>;

/** What of recorded feedback becomes rows. */
const recordedForms = ['THUMBS', 'BETTER_ANSWERS', 'DEMONSTRATIONS', 'LABELS', 'SCORES'] as const;
export const RecordedForm = z.enum(recordedForms);
export type RecordedForm = z.infer<typeof RecordedForm>;

/** Which feedback of applications rows were made of. */
export const RecordedReading = z.object({
  form: RecordedForm,
  /** The models that wrote or predicted what was judged, most records first; `modelId` null: it was gone. */
  models: z.array(z.object({ modelId: z.uuid().nullable(), name: z.string(), records: count })),
  records: count,
  /** Different people, as far as the applications tell them apart. */
  people: count,
  /** When the first and the last of them was recorded. */
  from: z.iso.datetime(),
  until: z.iso.datetime(),
});
export type RecordedReading = z.infer<typeof RecordedReading>;

/** Of which answers rows were made, and how. */
export const FeedbackReading = z.object({
  rules: FeedbackDatasetRules,
  /** The tasks, by row id, up to which event of its log each was read, and whose answers counted then. */
  tasks: z.array(
    z.object({
      taskId: z.uuid(),
      name: z.string(),
      seq: count,
      /** Those with most answers first. Left out: the job was queued before they were kept. */
      people: z.array(z.object({ userId: z.uuid(), answers: count })).optional(),
    }),
  ),
  /** Of feedback that applications recorded; left out: there is none of it. */
  recorded: RecordedReading.optional(),
  figures: FeedbackFigures,
});
export type FeedbackReading = z.infer<typeof FeedbackReading>;
