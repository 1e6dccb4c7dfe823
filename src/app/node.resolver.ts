import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { may, mayAdministerServer, onlyProject, type Viewer } from '../access/viewer.js';
import { toBatchPredictionType } from '../batch-predictions/batch-prediction.type.js';
import { toDatasetExportType } from '../dataset-exports/dataset-export.type.js';
import { toDatasetType } from '../datasets/dataset.type.js';
import { toDatasetVersionType } from '../datasets/dataset-version.type.js';
import { toPreparationType } from '../datasets/preparation/preparation.type.js';
import { toDatasetReportType } from '../datasets/reports/dataset-report.type.js';
import { toEvaluationType } from '../evaluations/evaluation.type.js';
import { toCheckpointType } from '../experiments/checkpoint.type.js';
import { toExperimentType } from '../experiments/experiment.type.js';
import { toFeedbackAnswerType } from '../feedback/feedback-answer.type.js';
import { toFeedbackClaimType } from '../feedback/feedback-claim.type.js';
import { toFeedbackItemType } from '../feedback/feedback-item.type.js';
import { toFeedbackTaskType } from '../feedback/feedback-task.type.js';
import { toRecordedFeedbackType } from '../feedback/recorded/recorded-feedback.type.js';
import { maySeeOthers } from '../feedback/visible-answers.js';
import { toGenerationType } from '../generations/generation.type.js';
import { parseGlobalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { toFeedbackLoopType } from '../loops/loop.type.js';
import { toModelAliasType } from '../models/aliases/model-alias.type.js';
import { toBaseModelType } from '../models/base-model.type.js';
import type { ApiKeyRow } from '../people/api-key.reads.js';
import { toApiKeyType } from '../people/api-key.type.js';
import { toMemberType } from '../people/member.type.js';
import { toSessionType } from '../people/session.type.js';
import { shareProject } from '../people/user.reads.js';
import { toUserType } from '../people/user.type.js';
import { toViewerType } from '../people/viewer.type.js';
import { toProjectType } from '../projects/project.type.js';
import type { Query as DatabaseQuery } from '../protocol/sql/query.js';
import { toRecommendationType } from '../recommendations/recommendation.type.js';
import { toScoredSamplesType } from '../scored-samples/scored-samples.type.js';
import { toModelExportType } from '../transfers/model-export.type.js';
import { toModelImportType } from '../transfers/model-import.type.js';
import { toWebhookType } from '../webhooks/webhook.type.js';
import { toWebhookDeliveryType } from '../webhooks/webhook-delivery.type.js';
import { toWorkerType } from '../workers/worker.type.js';

@Resolver()
export class NodeResolver {
  constructor(private readonly query: DatabaseQuery) {}

  @Query(() => Node, { nullable: true, description: 'Any object by its id; null when it does not exist.' })
  async node(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Ctx() { loaders, viewer }: GraphQLContext,
  ): Promise<Node | null> {
    const parsed = parseGlobalId(id);
    if (parsed === null) return null;
    const { type, uuid } = parsed;
    switch (type) {
      case 'Project':
        return found(await loaders.projects.load(uuid), toProjectType);
      case 'Dataset':
        return found(await loaders.datasets.byId.load(uuid), toDatasetType);
      case 'DatasetVersion':
        return found(await loaders.datasets.versionById.load(uuid), toDatasetVersionType);
      case 'BaseModel':
        return found(await loaders.baseModels.byId.load(uuid), toBaseModelType);
      case 'ModelAlias':
        return found(await loaders.modelAliases.byId.load(uuid), toModelAliasType);
      case 'Experiment':
        return found(await loaders.experiments.byId.load(uuid), toExperimentType);
      case 'Checkpoint':
        return found(await loaders.experiments.checkpointById.load(uuid), toCheckpointType);
      case 'Evaluation':
        return found(await loaders.evaluations.byId.load(uuid), toEvaluationType);
      case 'Generation':
        return found(await loaders.generations.byId.load(uuid), toGenerationType);
      case 'FeedbackTask':
        return found(await loaders.feedback.taskById.load(uuid), toFeedbackTaskType);
      case 'FeedbackItem':
        return found(await loaders.feedback.itemById.load(uuid), toFeedbackItemType);
      case 'FeedbackClaim': {
        const claim = await loaders.feedback.claimById.load(uuid);
        const isShown = claim !== null && (claim.userId === viewer.userId || may(viewer, 'TRAIN', claim.projectId));
        return isShown ? toFeedbackClaimType(claim) : null;
      }
      case 'FeedbackAnswer': {
        const answer = await loaders.feedback.answerById.load(uuid);
        if (answer === null) return null;
        const task = await loaders.feedback.taskById.load(answer.taskId);
        const isShown = answer.userId === viewer.userId || (task !== null && maySeeOthers(viewer, task));
        return isShown ? toFeedbackAnswerType(answer) : null;
      }
      case 'FeedbackLoop':
        return found(await loaders.loops.byId.load(uuid), toFeedbackLoopType);
      case 'RecordedFeedback':
        return found(await loaders.recordedFeedback.byId.load(uuid), toRecordedFeedbackType);
      case 'DatasetExport':
        return found(await loaders.datasetExports.byId.load(uuid), toDatasetExportType);
      case 'DatasetReport':
        return found(await loaders.datasetReports.byId.load(uuid), toDatasetReportType);
      case 'ModelRecommendation':
        return found(await loaders.recommendations.byId.load(uuid), toRecommendationType);
      case 'Preparation':
        return found(await loaders.preparations.byId.load(uuid), toPreparationType);
      case 'ScoredSamples':
        return found(await loaders.scoredSamples.byId.load(uuid), toScoredSamplesType);
      case 'BatchPrediction':
        return found(await loaders.batchPredictions.byId.load(uuid), toBatchPredictionType);
      case 'ModelImport':
        return found(await loaders.transfers.importById.load(uuid), toModelImportType);
      case 'ModelExport':
        return found(await loaders.transfers.exportById.load(uuid), toModelExportType);
      case 'Webhook':
        return found(await loaders.webhooks.byId.load(uuid), toWebhookType);
      case 'WebhookDelivery':
        return found(await loaders.webhooks.deliveryById.load(uuid), toWebhookDeliveryType);
      case 'Worker':
        return found(await loaders.workers.load(uuid), toWorkerType);
      case 'Viewer':
        return viewer.userId === uuid ? toViewerType(viewer) : null;
      case 'User':
        return (await this.maySeeUser(viewer, uuid))
          ? found(await loaders.people.userById.load(uuid), toUserType)
          : null;
      case 'Member':
        return found(await loaders.people.memberById.load(uuid), toMemberType);
      case 'ApiKey':
        return found(ownKey(await loaders.people.apiKeyById.load(uuid), viewer), toApiKeyType);
      case 'Session': {
        const session = await loaders.people.sessionById.load(uuid);
        return session?.userId === viewer.userId && onlyProject(viewer) === null ? toSessionType(session) : null;
      }
      case 'Upload':
        // The object's URL holds a secret that is shown once and not stored.
        return null;
      default:
        return type satisfies never;
    }
  }

  /** Viewers see themselves and the members of their projects; administrators of the server see every user. */
  private async maySeeUser(viewer: Viewer, userId: string): Promise<boolean> {
    if (viewer.userId === userId || mayAdministerServer(viewer)) return true;
    return shareProject(this.query, viewer.userId, userId);
  }
}

/**
 * The key if the viewer may see it: one's own, as far as the asking key opens its project, and those of projects that
 * the viewer administers.
 */
function ownKey(key: ApiKeyRow | null, viewer: Viewer): ApiKeyRow | null {
  if (key === null || mayAdministerServer(viewer)) return key;
  if (key.userId === viewer.userId) {
    const only = onlyProject(viewer);
    return only === null || only === key.projectId ? key : null;
  }
  return key.projectId !== null && may(viewer, 'ADMINISTER', key.projectId) ? key : null;
}

function found<Row>(row: Row | null, toNode: (row: Row) => Node): Node | null {
  return row === null ? null : toNode(row);
}
