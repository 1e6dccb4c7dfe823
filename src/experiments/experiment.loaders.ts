import DataLoader from 'dataloader';
import { createKeyLoader, createListLoader, SelectingLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import { groupBy } from '../database/group-by.js';
import { KeyLoader } from '../database/key-loader.js';
import type { Query } from '../protocol/sql/query.js';
import { bestPoint } from './best-index.js';
import {
  type ExperimentRow,
  experimentsByIds,
  experimentsByRunIds,
  experimentsOfBaseModel,
  experimentsOfProject,
  experimentsOfVersion,
  type FoldRow,
  foldsOfExperiments,
  type JudgementRow,
  judgementsOfExperiments,
} from './experiment.reads.js';
import { latestMetrics, latestValues, type MetricPointRow, type MetricValueRow } from './metric.reads.js';
import { fewestPoints, type MetricSeries, type MetricSeriesArgs, metricSeries } from './metric-series.reads.js';
import { type TagArgs, type TagCountRow, tagsOfProjects } from './organizing.reads.js';
import {
  attemptsOfRuns,
  type CheckpointRow,
  checkpointsByIds,
  checkpointsOfRuns,
  eventsOfRun,
  type RunAttemptRow,
  type RunEventRow,
} from './run.reads.js';
import type { SeriesPoint } from './series/kept-points.js';
import { type QueuePositionRow, queuePositions, type StatusCountRow, statusCounts } from './status-counts.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly experiments: ReturnType<typeof createExperimentLoaders>;
  }
}

interface SeriesRequest {
  readonly runId: string;
  readonly args: MetricSeriesArgs;
}

interface CountsOfProject {
  readonly projectId: string;
  readonly archived: boolean | null;
}

/** A metric of a run. */
interface RunMetric {
  readonly runId: string;
  readonly key: string;
}

interface TagRequest {
  readonly projectId: string;
  readonly args: TagArgs;
}

export function createExperimentLoaders(query: Query) {
  return {
    byId: new SelectingLoader<ExperimentRow>(
      (ids, select) => experimentsByIds(query, ids, select),
      (row) => row.id,
    ),
    byRunId: createKeyLoader<ExperimentRow>(
      (ids) => experimentsByRunIds(query, ids),
      (row) => row.runId,
    ),
    judgement: createKeyLoader<JudgementRow>(
      (ids) => judgementsOfExperiments(query, ids),
      (row) => row.id,
    ),
    folds: createListLoader<FoldRow>(
      (ids) => foldsOfExperiments(query, ids),
      (row) => row.clonedFromId,
    ),
    ofProject: createChildPageLoader<ExperimentRow>(query, experimentsOfProject),
    ofVersion: createChildPageLoader<ExperimentRow>(query, experimentsOfVersion),
    ofBaseModel: createChildPageLoader<ExperimentRow>(query, experimentsOfBaseModel),
    events: createChildPageLoader<RunEventRow>(query, eventsOfRun),
    attempts: createListLoader<RunAttemptRow>(
      (ids) => attemptsOfRuns(query, ids),
      (row) => row.runId,
    ),
    checkpoints: createListLoader<CheckpointRow>(
      (ids) => checkpointsOfRuns(query, ids),
      (row) => row.runId,
    ),
    checkpointById: createKeyLoader<CheckpointRow>(
      (ids) => checkpointsByIds(query, ids),
      (row) => row.id,
    ),
    latestMetrics: createListLoader<MetricPointRow>(
      (ids) => latestMetrics(query, ids),
      (row) => row.runId,
    ),
    latestValues: new KeyLoader<readonly MetricValueRow[]>((ids) => latestValues(query, ids), []),
    series: new DataLoader<SeriesRequest, readonly MetricSeries[], string>((requests) => loadSeries(query, requests), {
      cacheKeyFn: JSON.stringify,
    }),
    statusCounts: new DataLoader<CountsOfProject, readonly StatusCountRow[], string>(
      (requests) => loadStatusCounts(query, requests),
      { cacheKeyFn: JSON.stringify },
    ),
    queuePosition: createKeyLoader<QueuePositionRow>(
      (runIds) => queuePositions(query, runIds),
      (row) => row.runId,
    ),
    bestMetrics: new DataLoader<RunMetric, SeriesPoint | null, string>((requests) => loadBest(query, requests), {
      cacheKeyFn: ({ runId, key }) => `${runId} ${key}`,
    }),
    tagsOfProject: new DataLoader<TagRequest, readonly TagCountRow[], string>((requests) => loadTags(query, requests), {
      cacheKeyFn: JSON.stringify,
    }),
  };
}

/** Runs one statement for all projects that are asked about the same experiments. */
async function loadStatusCounts(
  query: Query,
  requests: readonly CountsOfProject[],
): Promise<(readonly StatusCountRow[])[]> {
  const groups = groupBy(requests, ({ archived }) => String(archived));
  const rows = new Map<CountsOfProject, readonly StatusCountRow[]>();
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const projectIds = group.map(({ projectId }) => projectId);
      const byProject = groupBy(await statusCounts(query, projectIds, group[0]!.archived), (row) => row.projectId);
      for (const request of group) rows.set(request, byProject.get(request.projectId) ?? []);
    }),
  );
  return requests.map((request) => rows.get(request) ?? []);
}

/** The best points of metrics, from one statement for any number of runs and metrics. */
async function loadBest(query: Query, requests: readonly RunMetric[]): Promise<(SeriesPoint | null)[]> {
  const distinct = (values: readonly string[]) => [...new Set(values)];
  const runIds = distinct(requests.map(({ runId }) => runId));
  const args = { keys: distinct(requests.map(({ key }) => key)), maxPoints: fewestPoints, attempt: null };
  const found = await metricSeries(query, runIds, args);
  const series = new Map(found.map(({ runId, key, points }) => [`${runId} ${key}`, points]));
  return requests.map(({ runId, key }) => bestPoint(key, series.get(`${runId} ${key}`) ?? []));
}

/** Runs one statement for all projects that are requested with the same arguments. */
async function loadTags(query: Query, requests: readonly TagRequest[]): Promise<(readonly TagCountRow[])[]> {
  const groups = groupBy(requests, ({ args }) => JSON.stringify(args));
  const rows = new Map<TagRequest, readonly TagCountRow[]>();
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const projectIds = group.map(({ projectId }) => projectId);
      const byProject = groupBy(await tagsOfProjects(query, projectIds, group[0]!.args), (row) => row.projectId);
      for (const request of group) rows.set(request, byProject.get(request.projectId) ?? []);
    }),
  );
  return requests.map((request) => rows.get(request) ?? []);
}

/** Runs one statement for all runs that are requested with the same metrics. */
async function loadSeries(query: Query, requests: readonly SeriesRequest[]): Promise<(readonly MetricSeries[])[]> {
  const groups = groupBy(requests, ({ args }) => JSON.stringify(args));
  const rows = new Map<SeriesRequest, readonly MetricSeries[]>();
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const runIds = group.map(({ runId }) => runId);
      const byRun = groupBy(await metricSeries(query, runIds, group[0]!.args), (row) => row.runId);
      for (const request of group) rows.set(request, byRun.get(request.runId) ?? []);
    }),
  );
  return requests.map((request) => rows.get(request) ?? []);
}
