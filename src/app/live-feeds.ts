import type { LiveFeeds } from '../access/context.js';
import { followProgress } from '../activity/experiment-progress.js';
import { readProjectLogEnd } from '../activity/project-event.reads.js';
import { batchPredictionsByIds } from '../batch-predictions/batch-prediction.reads.js';
import { datasetExportsByIds } from '../dataset-exports/dataset-export.reads.js';
import { preparationsByIds } from '../datasets/preparation/preparation.reads.js';
import { datasetReportsByIds } from '../datasets/reports/dataset-report.reads.js';
import { evaluationsByIds } from '../evaluations/evaluation.reads.js';
import { whileListening } from '../generations/listeners.js';
import type { Query } from '../protocol/sql/query.js';
import { recommendationsByIds } from '../recommendations/recommendation.reads.js';
import { scoredSamplesByIds } from '../scored-samples/scored-samples.reads.js';
import { modelExportsByIds, modelImportsByIds } from '../transfers/transfer.reads.js';
import type { Events } from './open-events.js';

/** The feeds of all slices, on the events of this process. */
export function createLiveFeeds(
  events: Pick<
    Events,
    | 'runEvents'
    | 'generationEvents'
    | 'generationListeners'
    | 'feedbackEvents'
    | 'loopEvents'
    | 'projectEvents'
    | 'workerChanges'
    | 'transferChanges'
  >,
  query: Query,
  log: (message: string) => void,
): LiveFeeds {
  return {
    runEvents: (runId, afterSeq) => events.runEvents.subscribe(runId, afterSeq),
    generationEvents: (id, afterSeq) =>
      whileListening(events.generationEvents.subscribe(id, afterSeq), () => events.generationListeners.listen(id)),
    seenGeneration: (id) => events.generationListeners.seen(id),
    feedbackEvents: (taskId, afterSeq) => events.feedbackEvents.subscribe(taskId, afterSeq),
    loopEvents: (loopId, afterSeq) => events.loopEvents.subscribe(loopId, afterSeq),
    projectEvents: (projectId, afterSeq) => events.projectEvents.subscribe(projectId, afterSeq),
    projectLogEnd: (slug) => readProjectLogEnd(query, slug),
    workerChanges: () => events.workerChanges.subscribe(),
    experimentProgress: (projectId, everyMs) => followProgress(query, projectId, everyMs, log),
    evaluation: (id) => events.transferChanges.follow(id, async () => (await evaluationsByIds(query, [id]))[0] ?? null),
    batchPrediction: (id) =>
      events.transferChanges.follow(id, async () => (await batchPredictionsByIds(query, [id]))[0] ?? null),
    scoredSamples: (id) =>
      events.transferChanges.follow(id, async () => (await scoredSamplesByIds(query, [id]))[0] ?? null),
    datasetExport: (id) =>
      events.transferChanges.follow(id, async () => (await datasetExportsByIds(query, [id]))[0] ?? null),
    datasetReport: (id) =>
      events.transferChanges.follow(id, async () => (await datasetReportsByIds(query, [id]))[0] ?? null),
    modelRecommendation: (id) =>
      events.transferChanges.follow(id, async () => (await recommendationsByIds(query, [id]))[0] ?? null),
    preparation: (id) =>
      events.transferChanges.follow(id, async () => (await preparationsByIds(query, [id]))[0] ?? null),
    modelImport: (id) =>
      events.transferChanges.follow(id, async () => (await modelImportsByIds(query, [id]))[0] ?? null),
    modelExport: (id) =>
      events.transferChanges.follow(id, async () => (await modelExportsByIds(query, [id]))[0] ?? null),
  };
}
