import { z } from 'zod';
import { columnTypes } from '../datasets/column-type.js';
import { FileOptions } from '../datasets/file-options.js';
import { LeftOutColumn } from '../datasets/left-out-column.js';
import { SplitRequest, UploadFormat } from '../datasets/split-request.js';
import { FeedbackReading } from '../feedback/dataset-rules.js';
import { SamplesReading } from '../samples/samples-reading.js';
import { Sha256 } from '../sha256.js';
import { AssignedRoles } from './assigned-roles.js';
import { NamedVersion } from './named-versions.js';
import { Recipe } from './recipe.js';

/** A file that was uploaded. */
const UploadSource = z.object({
  kind: z.literal('upload'),
  uploadId: z.uuid(),
  fileName: z.string(),
  digest: Sha256,
  format: UploadFormat,
  /** Null: the usual options of the format. */
  fileOptions: FileOptions.nullable(),
  /** The split that all its rows become. Null: they get their split as the preparation says. */
  split: z.string().nullable(),
});

/** The rows of a dataset version. */
const VersionSource = z.object({
  kind: z.literal('version'),
  versionId: z.uuid(),
  digest: Sha256,
  columns: z.array(z.object({ name: z.string(), type: z.enum(columnTypes) })),
  leftOutColumns: z.array(LeftOutColumn),
  exampleCount: z.number().int().min(0),
  /** What somebody said that its columns are for. */
  saidRoles: AssignedRoles.default([]),
  /** The split that all its rows become. Null: each row keeps its own. */
  split: z.string().nullable(),
});

/** The key under which lines of appended examples have their splits; no column of theirs begins so. */
export const appendedSplitKey = 'attune_split';

/** Examples that were appended to a dataset, as JSON Lines. */
const AppendedSource = z.object({
  kind: z.literal('appended'),
  datasetId: z.uuid(),
  /** The file of the lines. */
  digest: Sha256,
  /** The lines themselves, of a preview, which has no file. */
  lines: z.string().nullable(),
  /** The columns of the dataset's latest version, whose types the values get; others have those that are found. */
  columns: z.array(z.object({ name: z.string(), type: z.enum(columnTypes) })),
  /** The key of the lines that names the split; null: no example says it. */
  splitKey: z.string().nullable(),
  exampleCount: z.number().int().min(0),
  /** The split that all of them become. Null: each has its own, or gets one. */
  split: z.string().nullable(),
});

/** Rows that people's answers became, as JSON Lines. */
const FeedbackSource = z.object({
  kind: z.literal('feedback'),
  /** The file of the lines. */
  digest: Sha256,
  columns: z.array(z.object({ name: z.string(), type: z.enum(columnTypes) })),
  exampleCount: z.number().int().min(0),
  /** Of which answers, and by what rules. */
  reading: FeedbackReading,
  /** The split that all of them become. Null: they get their split as the preparation says. */
  split: z.string().nullable(),
});

/** Rows that samples of a model became, as JSON Lines. */
const SamplesSource = z.object({
  kind: z.literal('samples'),
  /** The file of the lines. */
  digest: Sha256,
  columns: z.array(z.object({ name: z.string(), type: z.enum(columnTypes) })),
  exampleCount: z.number().int().min(0),
  /** Of which samples, and by what rules. */
  reading: SamplesReading,
  split: z.null(),
});

/** Where rows come from. */
export const RowSource = z.discriminatedUnion('kind', [
  UploadSource,
  VersionSource,
  AppendedSource,
  FeedbackSource,
  SamplesSource,
]);
export type RowSource = z.infer<typeof RowSource>;

/** What a preparation makes. The ids are those that the rows will have. */
export const PreparationTarget = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('newDataset'),
    datasetId: z.uuid(),
    versionId: z.uuid(),
    name: z.string(),
    description: z.string().nullable(),
  }),
  z.object({ kind: z.literal('version'), datasetId: z.uuid(), versionId: z.uuid() }),
  /** Rows that become no dataset. */
  z.object({ kind: z.literal('rows') }),
]);
export type PreparationTarget = z.infer<typeof PreparationTarget>;

/** The rows of sources, taken through the steps of a recipe, become a dataset version. */
export const PrepareJob = z.object({
  kind: z.literal('prepare'),
  preparationId: z.uuid(),
  target: PreparationTarget,
  sources: z.array(RowSource).min(1),
  recipe: Recipe,
  /** The versions beside the sources that steps read. */
  namedVersions: z.array(NamedVersion).default([]),
  /** How rows without a split get one. Null: rows keep what they have, and those without are drawn as is usual. */
  split: SplitRequest.nullable(),
  /** Names that the texts may have, of a file that is read for its texts. Null: all of its columns are read. */
  textNames: z.array(z.string()).nullable(),
  /** What the columns are, as their owner says; the others are guessed. */
  roles: AssignedRoles,
});
export type PrepareJob = z.infer<typeof PrepareJob>;

/** What a preparation is doing. */
export const PreparationStage = z.enum(['READING', 'STEPS', 'SPLITTING', 'DESCRIBING', 'WRITING']);
export type PreparationStage = z.infer<typeof PreparationStage>;

/** How far a preparation has come. */
export const PreparationProgress = z.object({
  stage: PreparationStage,
  /** Of the stage STEPS: which step, from 0. */
  step: z.number().int().min(0).nullable(),
  /** Rows read so far, or those that the step began with; null: not known yet. */
  rows: z.number().int().min(0).nullable(),
});
export type PreparationProgress = z.infer<typeof PreparationProgress>;
