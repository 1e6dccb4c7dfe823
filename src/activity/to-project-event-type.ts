import { globalId } from '../graphql/global-id.js';
import { type ProblemType, toProblemType } from '../graphql/problem.type.js';
import type { ExperimentProgress } from './experiment-progress.js';
import type { ProjectEvent, StoredProjectEvent } from './project-event.js';
import {
  BaseModelRegisteredType,
  BatchPredictionFinishedType,
  DatasetExportFinishedType,
  DatasetReportFinishedType,
  DatasetVersionCreatedType,
  EvaluationFinishedType,
  ExperimentCreatedType,
  ExperimentProgressedType,
  ExperimentStatusChangedType,
  FeedbackLoopChangedType,
  FeedbackLoopRoundFinishedType,
  FeedbackTaskClosedType,
  FeedbackTaskOpenedType,
  MemberChangedType,
  ModelAliasMovedType,
  ModelExportFinishedType,
  ModelImportFinishedType,
  ModelRecommendationFinishedType,
  ObjectDeletedType,
  PreparationFinishedType,
  type ProjectEventType,
  ScoredSamplesFinishedType,
} from './project-event.type.js';

export function toProjectEventType({ projectId, seq, at, event }: StoredProjectEvent): ProjectEventType {
  const common = { projectUuid: projectId, seq, at };
  const problem = 'problem' in event ? toEventProblem(event.problem) : null;
  switch (event.kind) {
    case 'experiment.created':
      return Object.assign(new ExperimentCreatedType(), common, {
        experimentUuid: event.experimentId,
        name: event.name,
      });
    case 'experiment.status_changed': {
      const { experimentId, modelId, name, from, to } = event;
      return Object.assign(new ExperimentStatusChangedType(), common, {
        experimentUuid: experimentId,
        modelUuid: modelId,
        name,
        fromStatus: from,
        toStatus: to,
        from,
        to,
        problem,
      });
    }
    case 'evaluation.finished': {
      const { evaluationId, modelName, split, status } = event;
      return Object.assign(new EvaluationFinishedType(), common, {
        evaluationUuid: evaluationId,
        modelName,
        split,
        evaluationStatus: status,
        status,
        problem,
      });
    }
    case 'batch_prediction.finished': {
      const { batchPredictionId, modelName, fileName, rowCount, errorCount, status } = event;
      return Object.assign(new BatchPredictionFinishedType(), common, {
        batchPredictionUuid: batchPredictionId,
        modelName,
        fileName,
        rowCount,
        errorCount,
        batchPredictionStatus: status,
        problem,
      });
    }
    case 'model_import.finished': {
      const { importId, name, status } = event;
      return Object.assign(new ModelImportFinishedType(), common, {
        importUuid: importId,
        name,
        ...endingOf(event),
        status,
      });
    }
    case 'model_export.finished': {
      const { exportId, modelName, format, status } = event;
      return Object.assign(new ModelExportFinishedType(), common, {
        exportUuid: exportId,
        modelName,
        format,
        ...endingOf(event),
        status,
      });
    }
    case 'preparation.finished':
      return Object.assign(new PreparationFinishedType(), common, {
        preparationUuid: event.preparationId,
        ...endingOf(event),
      });
    case 'dataset_report.finished':
      return Object.assign(new DatasetReportFinishedType(), common, {
        reportUuid: event.datasetReportId,
        ...endingOf(event),
      });
    case 'model_recommendation.finished':
      return Object.assign(new ModelRecommendationFinishedType(), common, {
        recommendationUuid: event.recommendationId,
        ...endingOf(event),
      });
    case 'scored_samples.finished':
      return Object.assign(new ScoredSamplesFinishedType(), common, {
        samplesUuid: event.samplesId,
        modelName: event.modelName,
        ...endingOf(event),
      });
    case 'dataset_export.finished':
      return Object.assign(new DatasetExportFinishedType(), common, {
        exportUuid: event.datasetExportId,
        name: event.name,
        ...endingOf(event),
      });
    case 'feedback_task.opened':
      return Object.assign(new FeedbackTaskOpenedType(), common, {
        taskUuid: event.feedbackTaskId,
        name: event.name,
        questionKind: event.question,
      });
    case 'feedback_task.closed': {
      const { feedbackTaskId, name, question, status, reason, itemCount, settledCount, answerCount } = event;
      return Object.assign(new FeedbackTaskClosedType(), common, {
        taskUuid: feedbackTaskId,
        name,
        questionKind: question,
        taskStatus: status,
        closedReason: reason,
        itemCount,
        settledCount,
        answerCount,
        problem,
      });
    }
    case 'feedback_loop.status_changed': {
      const { feedbackLoopId, name, from, to, endReason } = event;
      return Object.assign(new FeedbackLoopChangedType(), common, {
        loopUuid: feedbackLoopId,
        name,
        loopStatusBefore: from,
        loopStatus: to,
        endReason,
        problem,
      });
    }
    case 'feedback_loop.round_finished': {
      const { feedbackLoopId, modelId, name, round, outcome } = event;
      return Object.assign(new FeedbackLoopRoundFinishedType(), common, {
        loopUuid: feedbackLoopId,
        modelUuid: modelId,
        name,
        round,
        outcome,
      });
    }
    case 'dataset_version.created': {
      const { datasetVersionId, datasetName, number } = event;
      return Object.assign(new DatasetVersionCreatedType(), common, {
        versionUuid: datasetVersionId,
        datasetName,
        number,
      });
    }
    case 'base_model.registered': {
      const { modelId, experimentId, name } = event;
      return Object.assign(new BaseModelRegisteredType(), common, {
        modelUuid: modelId,
        experimentUuid: experimentId,
        name,
      });
    }
    case 'model_alias.moved': {
      const { alias, fromModelId, fromModelName, toModelId, toModelName } = event;
      return Object.assign(new ModelAliasMovedType(), common, {
        fromModelUuid: fromModelId,
        toModelUuid: toModelId,
        alias,
        fromModelName,
        toModelName,
      });
    }
    case 'object.deleted': {
      const { objectType, objectId, name, objects } = event;
      return Object.assign(new ObjectDeletedType(), common, {
        objectKind: objectType,
        objectId: globalId(objectType, objectId),
        name,
        objectIds: objects.map(({ kind, id }) => globalId(kind, id)),
      });
    }
    case 'member.changed': {
      const { userId, userName, from, to } = event;
      return Object.assign(new MemberChangedType(), common, {
        userUuid: userId,
        userName,
        fromRole: from,
        toRole: to,
        from,
        to,
      });
    }
    default:
      return event satisfies never;
  }
}

export function toProgressedType({ projectId, experimentId, at, lastSeq }: ExperimentProgress): ProjectEventType {
  return Object.assign(new ExperimentProgressedType(), {
    projectUuid: projectId,
    experimentUuid: experimentId,
    at,
    lastSeq,
  });
}

/** What the events have in common by which work on models and datasets ends. */
function endingOf({
  status,
  problem,
}: Pick<Extract<ProjectEvent, { kind: 'preparation.finished' }>, 'status' | 'problem'>) {
  return { transferStatus: status, problem: toEventProblem(problem) };
}

/** The problem's path is not logged: it points into an input that the log's readers did not send. */
function toEventProblem(problem: { readonly code: string; readonly message: string } | null): ProblemType | null {
  return problem === null ? null : toProblemType({ ...problem, path: [], hint: null });
}
