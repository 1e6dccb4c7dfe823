import { z } from 'zod';

const count = z.number().int().min(0);

/**
 * ERROR: scores of a model that learns from this version are wrong, or it can not learn. WARNING: a model gets worse
 * than it could be. NOTICE: something that a person should look at.
 */
export const FindingSeverity = z.enum(['ERROR', 'WARNING', 'NOTICE']);
export type FindingSeverity = z.infer<typeof FindingSeverity>;

export const ReportFindingCode = z.enum([
  'MISSING_VALUES',
  'EMPTY_TEXTS',
  'CONSTANT_COLUMN',
  'ID_LIKE_COLUMN',
  'SINGLE_CLASS',
  'FEW_EXAMPLES',
  'CLASS_MISSING_IN_SPLIT',
  'IMBALANCED_LABELS',
  'LABEL_VARIANTS',
  'EXACT_DUPLICATES',
  'NORMALIZED_DUPLICATES',
  'NEAR_DUPLICATES',
  'DUPLICATES_ACROSS_SPLITS',
  'NEAR_DUPLICATES_ACROSS_SPLITS',
  'LABEL_CONFLICTS',
  'GROUP_IN_SEVERAL_SPLITS',
  'COLUMN_GIVES_LABEL_AWAY',
  'WORD_GIVES_LABEL_AWAY',
  'MOST_TEXTS_TRUNCATED',
  'UNKNOWN_TOKENS',
  'DAMAGED_ENCODING',
  'PERSONAL_DATA',
  'MIXED_LANGUAGES',
  'LENGTH_OUTLIERS',
  'NUMBER_OUTLIERS',
  'NON_FINITE_NUMBERS',
  'EMBEDDING_OUTLIERS',
  'UNREADABLE_CONVERSATIONS',
  'TURNS_DO_NOT_ALTERNATE',
  'CONVERSATION_BEGINS_WITH_ASSISTANT',
  'CONVERSATION_ENDS_WITH_USER',
  'EMPTY_TURNS',
  'UNKNOWN_ROLES',
  'CHOSEN_EQUALS_REJECTED',
  'LIKELY_LABEL_ERRORS',
]);
export type ReportFindingCode = z.infer<typeof ReportFindingCode>;

/** A row that shows what a finding is about. */
export const FindingExample = z.object({
  row: count,
  /** Of a pair, the row that the first is compared with. */
  otherRow: count.nullable(),
  /** The beginning of what is meant in the row. */
  excerpt: z.string(),
  /** What is wrong in this row, where rows differ in that. */
  detail: z.string().nullable(),
});
export type FindingExample = z.infer<typeof FindingExample>;

/** A step of a recipe, as its JSON. */
const SuggestedStep = z.looseObject({ kind: z.string() });
export type SuggestedStep = z.infer<typeof SuggestedStep>;

/** Something about a dataset version that a person should know before a model learns from it. */
export const ReportFinding = z.object({
  code: ReportFindingCode,
  severity: FindingSeverity,
  /** What was found, with its figures. */
  message: z.string(),
  /** Why that matters. */
  explanation: z.string(),
  columns: z.array(z.string()),
  splits: z.array(z.string()),
  /** Rows that are meant; of findings about columns or classes, these. */
  count,
  /** `count` as a share of what was looked at, from 0 to 1; null where it is a share of nothing. */
  share: z.number().min(0).max(1).nullable(),
  /** The first ten. */
  examples: z.array(FindingExample).max(10),
  /** A step that mends it and can be appended to a recipe as it is; null where a person has to decide. */
  suggestedStep: SuggestedStep.nullable(),
});
export type ReportFinding = z.infer<typeof ReportFinding>;
