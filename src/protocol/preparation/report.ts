import { z } from 'zod';
import { ColumnRole } from './column-role.js';
import { ReportFinding } from './report-finding.js';

const count = z.number().int().min(0);
const share = z.number().min(0).max(1);

const SplitCount = z.object({ split: z.string(), rows: count });

const ReportedColumn = z.object({
  column: z.string(),
  role: ColumnRole.nullable(),
  /** About how many different values there are (HyperLogLog, some percent off). */
  distinctValues: count,
  /** By split, rows without a value, and rows whose text has white space alone. */
  missing: z.array(z.object({ split: z.string(), rows: count, missing: count, blank: count })),
});
export type ReportedColumn = z.infer<typeof ReportedColumn>;

export const LabelDistribution = z.object({
  column: z.string(),
  split: z.string(),
  /** Labels that were counted: of lists, each item. */
  labels: count,
  classes: count,
  /** The most frequent ones, at most `mostListedClasses`. */
  counts: z.array(z.object({ label: z.string(), count })),
  /** Examples of the most frequent class for one of the rarest. */
  ratio: z.number().min(1),
  /** exp of the entropy: how many equally frequent classes would be as uncertain (Hill's number of order 1). */
  effectiveClasses: z.number().min(1),
  /** Entropy by its greatest possible value; 1 when all classes are equally frequent, and when there is but one. */
  normalizedEntropy: share,
});
export type LabelDistribution = z.infer<typeof LabelDistribution>;

export const LengthUnit = z.enum(['CHARACTERS', 'WORDS', 'TOKENS']);
export type LengthUnit = z.infer<typeof LengthUnit>;

export const LengthDistribution = z.object({
  /** The column; of tokens, all columns that a model reads together. */
  columns: z.array(z.string()),
  unit: LengthUnit,
  split: z.string(),
  /** Texts that were measured: all for characters, a sample of large versions for words and tokens. */
  texts: count,
  mean: z.number(),
  /** At 0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99 and 1, interpolated linearly. */
  quantiles: z.array(z.object({ at: share, length: z.number() })),
  /** Lengths in `from <= length < to`; bounds are the same in all reports. The last bin has no upper bound. */
  histogram: z.array(z.object({ from: count, to: count.nullable(), texts: count })),
  /** Of tokens: how many texts are longer than the model reads. */
  truncation: z.object({ maxLength: count, texts: count, share }).nullable(),
});
export type LengthDistribution = z.infer<typeof LengthDistribution>;

const VocabularyCoverage = z.object({
  rows: count,
  words: count,
  tokens: count,
  tokensPerWord: z.number(),
  unknownTokens: count,
  unknownShare: share,
  /** Words with a token for the unknown, the most frequent ones first. */
  unknownWords: z.array(z.object({ word: z.string(), count })),
  /** Words of five pieces or more, the most frequent ones first. */
  splitWords: z.array(z.object({ word: z.string(), pieces: count, count })),
});
export type VocabularyCoverage = z.infer<typeof VocabularyCoverage>;

export const DuplicateKind = z.enum(['EXACT', 'NORMALIZED', 'NEAR']);
export type DuplicateKind = z.infer<typeof DuplicateKind>;

/** Rows of `split` that double a row of `other`; of the same split, rows that double one before them. */
export const SplitDuplicates = z.object({
  kind: DuplicateKind,
  split: z.string(),
  other: z.string(),
  rows: count,
  /** By the rows of `split`. */
  share,
});
export type SplitDuplicates = z.infer<typeof SplitDuplicates>;

const PersonalDataCount = z.object({
  column: z.string(),
  kind: z.string(),
  rows: count,
  finds: count,
});
export type PersonalDataCount = z.infer<typeof PersonalDataCount>;

/** How many labels were looked at for likely errors, of examples in a sample. */
const LabelJudgement = z.object({
  column: z.string(),
  judged: count,
  notJudged: count,
  /** Why some were not judged, as a sentence; null: all were. */
  reason: z.string().nullable(),
});
export type LabelJudgement = z.infer<typeof LabelJudgement>;

/** Among how many rows near copies were looked for: all of a version, or none. */
const NearDuplicateSearch = z.object({
  rows: count,
  /** Why none were looked for, as a sentence; null: they were. */
  reason: z.string().nullable(),
});
export type NearDuplicateSearch = z.infer<typeof NearDuplicateSearch>;

const LanguageCount = z.object({ language: z.string(), rows: count });
export type LanguageCount = z.infer<typeof LanguageCount>;

/** What is known of a dataset version before a model learns from it. */
export const DatasetReport = z.object({
  rows: count,
  /** Rows whose texts were read word by word: all, or a sample of large versions. */
  readRows: count,
  splits: z.array(SplitCount),
  columns: z.array(ReportedColumn),
  labels: z.array(LabelDistribution),
  lengths: z.array(LengthDistribution),
  /** Null without a tokenizer. */
  vocabulary: VocabularyCoverage.nullable(),
  duplicates: z.array(SplitDuplicates),
  personalData: z.array(PersonalDataCount),
  languages: z.array(LanguageCount),
  /** Null: there is no column of one label a row, or no text; or the report is older than this field. */
  labelJudgement: LabelJudgement.nullable().default(null),
  /** Null: the report is older than this field. */
  nearDuplicateSearch: NearDuplicateSearch.nullable().default(null),
  /** The worst first, but for those whose steps have to be applied before those of others. */
  findings: z.array(ReportFinding),
});
export type DatasetReport = z.infer<typeof DatasetReport>;
