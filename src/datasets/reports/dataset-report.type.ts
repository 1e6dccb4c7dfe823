import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.js';
import { globalId } from '../../graphql/global-id.js';
import { Node } from '../../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../../graphql/problem.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { TransferStatus } from '../../protocol/job.js';
import { ReportStage } from '../../protocol/preparation/report-job.js';
import type { DatasetReportRow } from './dataset-report.reads.js';
import { DatasetFactsType, toDatasetFactsType } from './report-facts.type.js';
import { VersionComparisonType } from './version-comparison.type.js';

/** A copy: each name of an enum in the graph needs an object of its own. */
const DatasetReportStatusEnum = { ...TransferStatus.enum };
const DatasetReportStageEnum = ReportStage.enum;

registerEnumType(DatasetReportStatusEnum, {
  name: 'DatasetReportStatus',
  description: 'Where a report on a dataset version stands.',
  valuesConfig: {
    QUEUED: { description: 'Waiting for a worker: new, or returned by a worker that was stopped.' },
    RUNNING: { description: 'A worker looks at the version. If the worker is lost, the next one does.' },
    SUCCEEDED: { description: 'The report is there.' },
    FAILED: { description: 'There is no report; `problem` says why.' },
    CANCELED: { description: 'A user canceled it.' },
  },
});

registerEnumType(DatasetReportStageEnum, {
  name: 'DatasetReportStage',
  description: 'What a report is doing. New stages may be added.',
  valuesConfig: {
    COLUMNS: { description: 'It looks for missing values.' },
    TEXTS: { description: 'It measures the texts of all rows.' },
    LABELS: { description: 'It counts labels.' },
    DUPLICATES: { description: 'It searches for copies.' },
    FINDINGS: { description: 'It looks for what a person should know.' },
    LABEL_ERRORS: { description: 'It looks for labels that are probably wrong.' },
    COMPARING: { description: 'It compares two versions.' },
  },
});

const ReportFeaturesEnum = { HASHED_WORDS: 'HASHED_WORDS', MODEL: 'MODEL' } as const;

registerEnumType(ReportFeaturesEnum, {
  name: 'ReportFeatures',
  description: 'By what a report compares texts.',
  valuesConfig: {
    HASHED_WORDS: { description: 'How often words occur, which know topics and nothing of what words mean.' },
    MODEL: { description: 'The vectors of a frozen model, `featureModel`.' },
  },
});

@ObjectType('DatasetReport', {
  description: 'A report on a dataset version, or the comparison of a version with an older one, by a worker.',
  implements: Node,
  simpleResolvers: true,
})
export class DatasetReportType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  datasetVersionUuid!: string;
  comparedWithUuid!: string | null;
  featureModelUuid!: string | null;

  @Field(() => DatasetReportStatusEnum, { description: 'Where it stands.' })
  status!: TransferStatus;

  @Field(() => Boolean, { description: 'Whether cancellation was requested and the work has not ended yet.' })
  canceling!: boolean;

  @Field(() => DatasetReportStageEnum, { nullable: true, description: 'What it is doing; null before it begins.' })
  stage!: ReportStage | null;

  @Field(() => ProblemType, { nullable: true, description: 'Why it failed; null if it did not.' })
  problem!: ProblemType | null;

  @Field(() => ReportFeaturesEnum, {
    description: 'By what texts are compared: for likely label errors, for texts that are far from others, for drift.',
  })
  features!: keyof typeof ReportFeaturesEnum;

  @Field(() => DatasetFactsType, {
    nullable: true,
    description: 'What was found; null until then, and of a comparison.',
  })
  facts!: DatasetFactsType | null;

  @Field(() => VersionComparisonType, {
    nullable: true,
    description: 'Of a comparison, what differs; null until then.',
  })
  comparison!: VersionComparisonType | null;

  @Field(() => DateTime, { description: 'When it was requested.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it reached a final status.' })
  finishedAt!: Date | null;
}

export const datasetReports = connectionOf('DatasetReport', 'reports', DatasetReportType);

export const reportDatasetResult = resultUnion(
  'ReportDatasetResult',
  'The queued report; or why it was not queued.',
  DatasetReportType,
);

export const compareDatasetVersionsResult = resultUnion(
  'CompareDatasetVersionsResult',
  'The queued comparison; or why it was not queued.',
  DatasetReportType,
);

export const cancelDatasetReportResult = resultUnion(
  'CancelDatasetReportResult',
  'The report; or why it can not be canceled.',
  DatasetReportType,
);

export function toDatasetReportType({ facts, problem, progress, ...row }: DatasetReportRow): DatasetReportType {
  const report = facts?.report ?? null;
  return Object.assign(new DatasetReportType(), {
    ...row,
    id: globalId('DatasetReport', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    authorUuid: row.createdBy,
    datasetVersionUuid: row.datasetVersionId,
    comparedWithUuid: row.comparedWithId,
    featureModelUuid: row.featureModelId,
    features: row.featureModelId === null ? 'HASHED_WORDS' : 'MODEL',
    stage: progress?.reportStage ?? null,
    problem: problem === null ? null : toProblemType(problem),
    facts: report === null ? null : toDatasetFactsType(report),
    comparison: facts?.comparison ?? null,
  });
}
