import { z } from 'zod';
import { Sha256 } from '../sha256.js';
import { SourcedRoles } from './assigned-roles.js';
import { VersionComparison } from './comparison.js';
import { DatasetReport } from './report.js';
import { PersonalDataSearch, usualScan } from './steps/personal-data.js';

const count = z.number().int().min(0);

/** The file of a dataset version, with what its columns are for. */
const ReportedVersion = z.object({ digest: Sha256, roles: SourcedRoles });

/** A dataset version is looked at, or two of them are compared. */
export const ReportJob = z.object({
  kind: z.literal('report'),
  reportId: z.uuid(),
  version: ReportedVersion,
  /** The version that it is compared with, which is the older one. Null: the report is on the one version. */
  comparedWith: ReportedVersion.nullable(),
  /** Of a comparison: the columns that say which rows belong together; none: the whole row does. */
  key: z.array(z.string()),
  /** The model by whose tokenizer texts are measured. Null: in words and characters alone. */
  modelDigest: Sha256.nullable(),
  /** The most tokens that the model is to read; null: as many as it can. */
  maxLength: z.number().int().positive().nullable(),
  /**
   * The model by whose frozen features texts are compared: likely label errors, outliers, drift. Null or absent: they
   * are compared by hashed words.
   */
  featureModel: z.object({ modelId: z.uuid(), digest: Sha256 }).nullable().default(null),
  /** What is looked for as personal data. Absent: the usual. */
  personalData: PersonalDataSearch.default(() => PersonalDataSearch.parse(usualScan)),
  /** Classes with fewer examples in the learnt split are a finding. */
  fewExamples: count,
  /** About how many rows are read word by word, and how many are compared by vectors of their texts. */
  readRows: z.number().int().positive(),
  encodedRows: z.number().int().positive(),
  /** Versions with more rows are not searched for near copies; the search takes some hundred bytes of memory a row. */
  mostNearRows: count,
  seed: z.number().int().min(0).max(0xffff_ffff),
});
export type ReportJob = z.infer<typeof ReportJob>;

/** What a report is doing. */
export const ReportStage = z.enum([
  'COLUMNS',
  'TEXTS',
  'LABELS',
  'DUPLICATES',
  'FINDINGS',
  'LABEL_ERRORS',
  'COMPARING',
]);
export type ReportStage = z.infer<typeof ReportStage>;

export const ReportProgress = z.object({ reportStage: ReportStage });
export type ReportProgress = z.infer<typeof ReportProgress>;

/** What a report job has found: one of both. */
export const ReportedFacts = z.object({ report: DatasetReport.nullable(), comparison: VersionComparison.nullable() });
export type ReportedFacts = z.infer<typeof ReportedFacts>;
