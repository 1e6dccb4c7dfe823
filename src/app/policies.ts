import {
  type Audit,
  ofProject,
  ofServer,
  operations,
  type Policies,
  type ProjectFrom,
  parts,
} from '../access/policy.js';
import type { TypeOfProject } from '../access/project-of.js';

const slug: ProjectFrom = { slug: ['input', 'projectSlug'] };
const byId = (field: string, type: TypeOfProject): ProjectFrom => ({ id: ['input', field], type });
/** Notes are texts of people, and stay out of the log. */
const nameAndTags: Audit = { details: ['name', 'tags', 'addTags', 'removeTags'], clearable: ['tags'] };
const quotas = [
  ...['maxStorageBytes', 'maxQueuedExperiments', 'maxRunningExperiments'],
  ...['maxFeedbackTasks', 'maxFeedbackItems', 'maxRecordedFeedback'],
];
/** A model that is named by its id, or by an alias in the project of a slug. */
const byModel: ProjectFrom = { id: ['input', 'modelId'], type: 'BaseModel', orSlug: ['input', 'projectSlug'] };
/** An object to delete, which may have been deleted already. */
const toDelete = (field: string, type: TypeOfProject): ProjectFrom => ({
  id: ['input', field],
  type,
  evenDeleted: true,
});
const byArgument = (argument: string, type: TypeOfProject): ProjectFrom => ({ id: [argument], type });

/**
 * Who may see and do what: this one place lists every type of the graph whose objects have an id or say of which
 * project they are, and every field that needs a right. All other types are parts of the objects that lead to them.
 * compile-policies.ts builds the policies into the schema's resolvers; if a root field or a type with an id is missing
 * here, the server does not start; if a type with a `projectUuid` is missing, tests/unit/app/policies.test.ts fails.
 *
 * A member may read everything in their project. Adding data, models and experiments needs TRAIN, giving feedback needs
 * ANNOTATE, and deciding about the project itself needs ADMINISTER.
 */
export const policies: Policies = {
  Query: operations({
    compareExperiments: { needs: 'SIGN_IN' },
    experiment: { needs: 'SIGN_IN' },
    inspectBaseModel: { needs: 'TRAIN', project: slug },
    node: { needs: 'SIGN_IN' },
    planClone: { needs: 'TRAIN', project: byId('experimentId', 'Experiment') },
    planExperiment: { needs: 'TRAIN', project: slug },
    previewPreparation: { needs: 'TRAIN', project: slug },
    prediction: { needs: 'READ', project: byModel },
    project: { needs: 'SIGN_IN', slug: ['slug'] },
    projects: { needs: 'SIGN_IN' },
    serverInfo: { needs: 'SIGN_IN' },
    users: { needs: 'SERVER' },
    auditLog: { needs: 'SERVER' },
    viewer: { needs: 'SIGN_IN' },
  }),

  Mutation: operations({
    addDatasetVersion: {
      needs: 'TRAIN',
      project: byId('datasetId', 'Dataset'),
      audit: { creates: 'DatasetVersion', details: ['datasetId'] },
    },
    addFeedbackItems: { needs: 'TRAIN', project: byId('taskId', 'FeedbackTask'), audit: {} },
    addMember: { needs: 'ADMINISTER', project: slug, audit: { creates: 'User', details: ['email', 'role'] } },
    appendExamples: { needs: 'TRAIN', project: byId('datasetId', 'Dataset'), audit: { details: ['datasetId'] } },
    adjudicateFeedbackItem: {
      needs: 'TRAIN',
      project: byId('itemId', 'FeedbackItem'),
      audit: { details: ['comment'] },
    },
    archiveExperiment: { needs: 'TRAIN', project: byId('experimentId', 'Experiment'), audit: {} },
    cancelBatchPrediction: { needs: 'TRAIN', project: byId('batchPredictionId', 'BatchPrediction'), audit: {} },
    cancelScoredSamples: { needs: 'TRAIN', project: byId('samplesId', 'ScoredSamples'), audit: {} },
    cancelEvaluation: { needs: 'TRAIN', project: byId('evaluationId', 'Evaluation'), audit: {} },
    cancelExperiment: { needs: 'TRAIN', project: byId('experimentId', 'Experiment'), audit: {} },
    cancelDatasetExport: { needs: 'TRAIN', project: byId('datasetExportId', 'DatasetExport'), audit: {} },
    cancelModelRecommendation: {
      needs: 'TRAIN',
      project: byId('recommendationId', 'ModelRecommendation'),
      audit: {},
    },
    cancelDatasetReport: { needs: 'TRAIN', project: byId('reportId', 'DatasetReport'), audit: {} },
    cancelPreparation: { needs: 'TRAIN', project: byId('preparationId', 'Preparation'), audit: {} },
    cancelUpload: { needs: 'TRAIN', project: byId('uploadId', 'Upload'), audit: {} },
    // Changes what its author asked for, which is not in the audit log. The service decides who else may.
    cancelGeneration: { needs: 'READ', project: byId('generationId', 'Generation') },
    cancelModelExport: { needs: 'TRAIN', project: byId('exportId', 'ModelExport'), audit: {} },
    cancelModelImport: { needs: 'TRAIN', project: byId('importId', 'ModelImport'), audit: {} },
    changeMemberRole: { needs: 'ADMINISTER', project: slug, audit: { details: ['userId', 'role'] } },
    // What people say is kept with who said it, and with what they said before: not in the audit log.
    claimFeedbackItem: { needs: 'ANNOTATE', project: byId('taskId', 'FeedbackTask') },
    closeFeedbackTask: { needs: 'TRAIN', project: byId('taskId', 'FeedbackTask'), audit: {} },
    cloneExperiment: {
      needs: 'TRAIN',
      project: byId('experimentId', 'Experiment'),
      audit: { creates: 'Experiment', details: ['experimentId', 'name'] },
    },
    // For the viewer, or for a member of a project that the viewer administers: the service decides
    // (api-key.service.ts).
    createApiKey: {
      needs: 'SIGN_IN',
      audit: { creates: 'ApiKey', details: ['name', 'projectSlug', 'userId', 'scopes', 'expiresAt'], about: slug },
    },
    createDataset: { needs: 'TRAIN', project: slug, audit: { creates: 'Dataset', details: ['name'] } },
    createDatasetFromFeedback: {
      needs: 'TRAIN',
      project: slug,
      audit: { creates: 'Preparation', details: ['name', 'datasetId', 'taskIds'] },
    },
    createDatasetFromRecordedFeedback: {
      needs: 'TRAIN',
      project: slug,
      audit: { creates: 'Preparation', details: ['name', 'datasetId', 'form', 'models'] },
    },
    createExperiment: { needs: 'TRAIN', project: slug, audit: { creates: 'Experiment', details: ['name'] } },
    createDatasetFromSamples: {
      needs: 'TRAIN',
      project: byId('samplesId', 'ScoredSamples'),
      audit: { creates: 'Preparation', details: ['name', 'datasetId', 'samplesId', 'rows'] },
    },
    createFeedbackTask: { needs: 'TRAIN', project: slug, audit: { creates: 'FeedbackTask', details: ['name'] } },
    createFeedbackLoop: {
      needs: 'TRAIN',
      project: slug,
      audit: { creates: 'FeedbackLoop', details: ['name', 'rounds', 'alias'] },
    },
    createFoldExperiments: {
      needs: 'TRAIN',
      project: byId('experimentId', 'Experiment'),
      audit: { details: ['experimentId', 'foldColumn'] },
    },
    createServiceAccount: { needs: 'ADMINISTER', project: slug, audit: { creates: 'User', details: ['name', 'role'] } },
    createProject: { needs: 'SERVER', audit: { creates: 'Project', details: ['slug', 'name'] } },
    createWebhook: {
      needs: 'ADMINISTER',
      project: slug,
      audit: { creates: 'Webhook', details: ['events', 'statuses', 'experimentTags', 'description'], urls: ['url'] },
    },
    createUpload: { needs: 'TRAIN', project: slug, audit: { details: ['fileName', 'format'] } },
    deactivateUser: { needs: 'SERVER', audit: { details: ['userId'] } },
    deleteBatchPrediction: { needs: 'TRAIN', project: toDelete('batchPredictionId', 'BatchPrediction'), audit: {} },
    deleteScoredSamples: { needs: 'TRAIN', project: toDelete('samplesId', 'ScoredSamples'), audit: {} },
    deleteDatasetExport: { needs: 'TRAIN', project: toDelete('datasetExportId', 'DatasetExport'), audit: {} },
    deleteDataset: { needs: 'TRAIN', project: toDelete('datasetId', 'Dataset'), audit: { details: ['cascade'] } },
    deleteDatasetVersion: {
      needs: 'TRAIN',
      project: toDelete('datasetVersionId', 'DatasetVersion'),
      audit: { details: ['cascade'] },
    },
    deleteEvaluation: { needs: 'TRAIN', project: toDelete('evaluationId', 'Evaluation'), audit: {} },
    deleteExperiment: {
      needs: 'TRAIN',
      project: toDelete('experimentId', 'Experiment'),
      audit: { details: ['cascade'] },
    },
    deleteRecordedFeedback: { needs: 'TRAIN', project: slug, audit: {} },
    deleteFeedbackTask: { needs: 'TRAIN', project: toDelete('taskId', 'FeedbackTask'), audit: {} },
    deleteFeedbackLoop: { needs: 'TRAIN', project: toDelete('loopId', 'FeedbackLoop'), audit: {} },
    endFeedbackLoop: { needs: 'TRAIN', project: byId('loopId', 'FeedbackLoop'), audit: {} },
    deleteModel: { needs: 'TRAIN', project: toDelete('modelId', 'BaseModel'), audit: { details: ['cascade'] } },
    deleteModelExport: { needs: 'TRAIN', project: toDelete('exportId', 'ModelExport'), audit: {} },
    deleteModelImport: { needs: 'TRAIN', project: toDelete('importId', 'ModelImport'), audit: {} },
    deleteProject: { needs: 'ADMINISTER', project: slug, audit: { details: ['projectSlug', 'cascade'] } },
    deleteUser: { needs: 'SERVER', audit: { details: ['userId'], forgetsName: true } },
    deleteWebhook: { needs: 'ADMINISTER', project: byId('webhookId', 'Webhook'), audit: {} },
    discardAppendedExamples: {
      needs: 'TRAIN',
      project: byId('datasetId', 'Dataset'),
      audit: { details: ['datasetId', 'fromNumber', 'toNumber'] },
    },
    // Ends a session of the viewer.
    endSession: { needs: 'SIGN_IN', audit: { details: ['sessionId'] } },
    evaluate: {
      needs: 'TRAIN',
      project: byModel,
      audit: { creates: 'Evaluation', details: ['modelId', 'alias', 'datasetVersionId', 'split'] },
    },
    exportDatasetVersion: {
      needs: 'TRAIN',
      project: byId('datasetVersionId', 'DatasetVersion'),
      audit: { creates: 'DatasetExport', details: ['datasetVersionId', 'format'] },
    },
    exportFeedback: {
      needs: 'TRAIN',
      project: byId('taskId', 'FeedbackTask'),
      audit: { creates: 'DatasetExport', details: ['taskId', 'format'] },
    },
    exportModel: {
      needs: 'TRAIN',
      project: byId('modelId', 'BaseModel'),
      audit: { creates: 'ModelExport', details: ['modelId', 'format'] },
    },
    flagFeedbackItem: { needs: 'ANNOTATE', project: byId('claimId', 'FeedbackClaim') },
    // As predict: it only makes the model write.
    generate: { needs: 'READ', project: byModel },
    importBaseModel: { needs: 'TRAIN', project: slug, audit: { creates: 'ModelImport', details: ['name'] } },
    joinDatasetVersions: {
      needs: 'TRAIN',
      project: byId('datasetId', 'Dataset'),
      audit: { creates: 'DatasetVersion', details: ['datasetId'] },
    },
    reportDataset: {
      needs: 'TRAIN',
      project: byId('datasetVersionId', 'DatasetVersion'),
      audit: { creates: 'DatasetReport', details: ['datasetVersionId'] },
    },
    recommendBaseModels: {
      needs: 'TRAIN',
      project: byId('datasetVersionId', 'DatasetVersion'),
      audit: { creates: 'ModelRecommendation', details: ['datasetVersionId'] },
    },
    compareDatasetVersions: {
      needs: 'TRAIN',
      project: byId('datasetVersionId', 'DatasetVersion'),
      audit: { creates: 'DatasetReport', details: ['datasetVersionId', 'comparedWithId'] },
    },
    prepareDataset: {
      needs: 'TRAIN',
      project: slug,
      audit: { creates: 'Preparation', details: ['name', 'datasetId'] },
    },
    pauseFeedbackTask: { needs: 'TRAIN', project: byId('taskId', 'FeedbackTask'), audit: {} },
    pauseFeedbackLoop: { needs: 'TRAIN', project: byId('loopId', 'FeedbackLoop'), audit: {} },
    pauseExperiment: { needs: 'TRAIN', project: byId('experimentId', 'Experiment'), audit: {} },
    // Changes nothing, and may be called many times a second: not in the audit log.
    predict: { needs: 'READ', project: byModel },
    predictBatch: {
      needs: 'TRAIN',
      project: byModel,
      audit: { creates: 'BatchPrediction', details: ['modelId', 'alias', 'datasetVersionId', 'split', 'uploadId'] },
    },
    // Kept with who sent it, and may come many times a second: not in the audit log. An application that shows what
    // models say needs READ for that, and ANNOTATE to tell what its users thought of it.
    recordFeedback: { needs: 'ANNOTATE', project: slug },
    reactivateUser: { needs: 'SERVER', audit: { details: ['userId'] } },
    redeliverWebhook: { needs: 'ADMINISTER', project: byId('deliveryId', 'WebhookDelivery'), audit: {} },
    removeMember: { needs: 'ADMINISTER', project: slug, audit: { details: ['userId'] } },
    removeModelAlias: { needs: 'TRAIN', project: byId('aliasId', 'ModelAlias'), audit: {} },
    resplitDatasetVersion: {
      needs: 'TRAIN',
      project: byId('datasetVersionId', 'DatasetVersion'),
      audit: { creates: 'DatasetVersion', details: ['datasetVersionId', 'splitColumn'] },
    },
    resumeFeedbackTask: { needs: 'TRAIN', project: byId('taskId', 'FeedbackTask'), audit: {} },
    resumeFeedbackLoop: { needs: 'TRAIN', project: byId('loopId', 'FeedbackLoop'), audit: {} },
    retryFeedbackLoop: { needs: 'TRAIN', project: byId('loopId', 'FeedbackLoop'), audit: { details: ['from'] } },
    resumeExperiment: { needs: 'TRAIN', project: byId('experimentId', 'Experiment'), audit: {} },
    // A key of the viewer, or of a project that the viewer administers: the service decides.
    revokeApiKey: { needs: 'SIGN_IN', audit: { details: ['apiKeyId'], about: byId('apiKeyId', 'ApiKey') } },
    rewardServiceSecret: { needs: 'TRAIN', project: slug, audit: { details: ['secretNumber'], urls: ['url'] } },
    rotateWebhookSecret: { needs: 'ADMINISTER', project: byId('webhookId', 'Webhook'), audit: {} },
    setAdministrator: { needs: 'SERVER', audit: { details: ['userId', 'administrator'] } },
    setExperimentPriority: {
      needs: 'TRAIN',
      project: byId('experimentId', 'Experiment'),
      audit: { details: ['priority'] },
    },
    setLicencePolicy: {
      needs: 'ADMINISTER',
      project: slug,
      audit: { details: ['allow', 'warn', 'deny', 'unlisted', 'unknown'] },
    },
    setModelLicence: {
      needs: 'ADMINISTER',
      project: byId('modelId', 'BaseModel'),
      audit: { details: ['licence'], clearable: ['licence'] },
    },
    setModelAlias: { needs: 'TRAIN', project: byId('modelId', 'BaseModel'), audit: { details: ['name'] } },
    setProjectQuota: {
      needs: 'SERVER',
      slug: ['input', 'projectSlug'],
      audit: {
        details: ['projectSlug', ...quotas],
        clearable: quotas,
      },
    },
    scoreSamples: {
      needs: 'TRAIN',
      project: byModel,
      audit: { creates: 'ScoredSamples', details: ['modelId', 'alias', 'datasetVersionId', 'split'] },
    },
    skipFeedbackItem: { needs: 'ANNOTATE', project: byId('claimId', 'FeedbackClaim') },
    submitFeedback: { needs: 'ANNOTATE', project: byId('claimId', 'FeedbackClaim') },
    updateFeedbackLoop: {
      needs: 'TRAIN',
      project: byId('loopId', 'FeedbackLoop'),
      audit: { details: ['name', 'rounds'] },
    },
    testWebhook: { needs: 'ADMINISTER', project: byId('webhookId', 'Webhook'), audit: {} },
    unarchiveExperiment: { needs: 'TRAIN', project: byId('experimentId', 'Experiment'), audit: {} },
    updateDataset: { needs: 'TRAIN', project: byId('datasetId', 'Dataset'), audit: nameAndTags },
    updateFeedbackTask: {
      needs: 'TRAIN',
      project: byId('taskId', 'FeedbackTask'),
      audit: { details: ['name', 'claimSeconds', 'goldShare', 'repeatShare'] },
    },
    updateExperiment: { needs: 'TRAIN', project: byId('experimentId', 'Experiment'), audit: nameAndTags },
    updateModel: { needs: 'TRAIN', project: byId('modelId', 'BaseModel'), audit: nameAndTags },
    updateProject: { needs: 'ADMINISTER', project: slug, audit: { details: ['name'] } },
    updateWebhook: {
      needs: 'ADMINISTER',
      project: byId('webhookId', 'Webhook'),
      audit: {
        details: ['events', 'statuses', 'experimentTags', 'description', 'enabled'],
        urls: ['url'],
        clearable: ['statuses', 'experimentTags'],
      },
    },
  }),

  Subscription: operations({
    datasetExportChanged: { needs: 'READ', project: byArgument('datasetExportId', 'DatasetExport') },
    modelRecommendationChanged: {
      needs: 'READ',
      project: byArgument('recommendationId', 'ModelRecommendation'),
    },
    datasetReportChanged: { needs: 'READ', project: byArgument('reportId', 'DatasetReport') },
    preparationChanged: { needs: 'READ', project: byArgument('preparationId', 'Preparation') },
    batchPredictionChanged: { needs: 'READ', project: byArgument('batchPredictionId', 'BatchPrediction') },
    evaluationChanged: { needs: 'READ', project: byArgument('evaluationId', 'Evaluation') },
    experimentEvents: { needs: 'READ', project: byArgument('experimentId', 'Experiment') },
    feedbackActivity: { needs: 'ANNOTATE', project: byArgument('taskId', 'FeedbackTask') },
    feedbackLoopChanged: { needs: 'READ', project: byArgument('loopId', 'FeedbackLoop') },
    generationEvents: { needs: 'READ', project: byArgument('generationId', 'Generation') },
    modelExportChanged: { needs: 'READ', project: byArgument('exportId', 'ModelExport') },
    modelImportChanged: { needs: 'READ', project: byArgument('importId', 'ModelImport') },
    projectActivity: { needs: 'READ', project: { slug: ['projectSlug'] } },
    scoredSamplesChanged: { needs: 'READ', project: byArgument('samplesId', 'ScoredSamples') },
    workerStatus: { needs: 'SIGN_IN' },
  }),

  Project: ofProject({
    apiKeys: 'ADMINISTER',
    auditLog: 'ADMINISTER',
    pendingUploads: 'TRAIN',
    recordedFeedback: 'TRAIN',
    webhooks: 'ADMINISTER',
  }),
  Member: ofProject({ email: 'ADMINISTER' }),
  Dataset: ofProject(),
  DatasetVersion: ofProject(),
  BaseModel: ofProject({ recordedFeedback: 'TRAIN' }),
  ModelAlias: ofProject(),
  Experiment: ofProject(),
  ExperimentComparison: ofProject(),
  ExperimentDiff: ofProject(),
  ComparedEvaluations: ofProject(),
  Checkpoint: ofProject(),
  Evaluation: ofProject(),
  Generation: ofProject(),
  FeedbackTask: ofProject({
    agreement: 'TRAIN',
    annotators: 'ANNOTATE',
    answers: 'ANNOTATE',
    disputed: 'TRAIN',
    events: 'ANNOTATE',
    exports: 'TRAIN',
    items: 'TRAIN',
    likelyAnswers: 'TRAIN',
    ranking: 'TRAIN',
    winRate: 'TRAIN',
  }),
  FeedbackTaskReading: ofProject(),
  // What annotators are asked they see through their claims: an item also says what became of it.
  FeedbackItem: ofProject({}, 'TRAIN'),
  FeedbackClaim: ofProject({}, 'ANNOTATE'),
  // Whether an item is one of gold is not for those to know who answer it.
  FeedbackAnswer: ofProject({ isCounted: 'TRAIN', picked: 'TRAIN', propensity: 'TRAIN' }, 'ANNOTATE'),
  // What an application recorded it may read again; all of it is for those who train.
  RecordedFeedback: ofProject({}, 'ANNOTATE'),
  FeedbackLoop: ofProject(),
  FeedbackLoopRound: ofProject(),
  BatchPrediction: ofProject(),
  ScoredSamples: ofProject(),
  Preparation: ofProject(),
  DatasetReport: ofProject(),
  DatasetExport: ofProject(),
  ModelRecommendation: ofProject(),
  ModelImport: ofProject(),
  ModelExport: ofProject(),
  Webhook: ofProject({}, 'ADMINISTER'),
  WebhookDelivery: ofProject({}, 'ADMINISTER'),

  ServerInfo: ofServer(),
  Worker: ofServer(),
  // Only the name is open, for whoever meets the user as an author. Member and Viewer show the rest.
  User: ofServer({ email: 'SERVER', administrator: 'SERVER', deactivatedAt: 'SERVER' }),
  Viewer: ofServer(),

  // Reached through the viewer to whom they belong, or through a field that needs ADMINISTER.
  ...parts('ApiKey', 'Session'),
  // Reached through an object of their project, or through an operation on it, alone.
  ...parts(
    'BaseModelRegistered',
    'BatchPredictionFinished',
    'DatasetVersionCreated',
    'EvaluationFinished',
    'ExperimentCreated',
  ),
  ...parts('ExperimentStatusChanged', 'MemberChanged', 'ModelExportFinished', 'ModelImportFinished'),
  ...parts('PreparationFinished', 'DatasetReportFinished', 'ModelRecommendationFinished', 'DatasetExportFinished'),
  ...parts('ScoredSamplesFinished'),
  ...parts('FeedbackAnswerSubmitted', 'FeedbackAnswerChanged', 'FeedbackItemSkipped', 'FeedbackItemFlagged'),
  ...parts('FeedbackCounts', 'FeedbackItemSettled', 'FeedbackItemAdjudicated', 'FeedbackItemReopened'),
  ...parts('FeedbackTaskOpened', 'FeedbackTaskClosed'),
  ...parts('FeedbackLoopChanged', 'FeedbackLoopRoundFinished'),
  ...parts('ExperimentProgressed', 'ModelAliasMoved', 'ObjectDeleted', 'RemovedModelAlias'),
  ...parts(
    'CanceledUpload',
    'DeletedWebhook',
    'DeletedRecordedFeedback',
    'ProjectEventPage',
    'ProjectUsage',
    'Upload',
    'WebhookAttempt',
    'WebhookSecret',
  ),
};
