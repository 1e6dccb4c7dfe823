import type { DataSource } from 'typeorm';
import { ownerUserId } from '../../src/access/viewer.js';
import { poolQuery } from '../../src/database/transaction.js';
import { globalId, parseGlobalId, type TypeWithId } from '../../src/graphql/global-id.js';
import { LoopVerdict } from '../../src/loops/loop.js';
import { appendLoopEvents } from '../../src/loops/loop-log.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { insertKey, insertMember, insertSession } from './access.js';
import type { TestApi } from './api.js';
import { addFeedbackItems, claimItem, createFeedbackTask, submitFeedback } from './feedback.js';
import { insertGeneration } from './generations.js';
import { ids, insertArtifact, insertBaseModel, insertDataset, insertWorker } from './rows.js';
import { beginAttempt, createTestExperiment, enter, insertCheckpoint, metrics, record } from './runs.js';
import { insertScoredSamples, sampleRequest, scoredPrompt } from './scored-samples.js';

type Api = Pick<TestApi, 'dataSource' | 'projectId' | 'request'>;

const problems = '... on Problems { problems { path code message } }';
const scores = { precision: 0.5, recall: 0.5, f1: 0.5 };
/** Scores of 10 examples, 7 of them right. */
const taskScores = {
  task: 'label',
  exampleCount: 10,
  accuracy: 0.7,
  loss: 0.6,
  macro: scores,
  micro: scores,
  weighted: scores,
  perClass: ['ham', 'spam'].map((label) => ({ label, ...scores, support: 5 })),
  confusionMatrix: [
    [4, 1],
    [2, 3],
  ],
};

/**
 * Creates an object of every type that has an id, with everything that can belong to it: a finished experiment with
 * measurements, checkpoint, model and evaluation, a generation, a batch prediction, an import, an export. Returns
 * the ids by type. Rows that a worker would write are inserted directly.
 */
export async function insertEveryKind(
  api: Api,
  given: { readonly baseModel?: string; readonly version?: string } = {},
): Promise<Record<TypeWithId, string>> {
  const { dataSource, projectId } = api;
  const version =
    given.version ?? (await insertDataset(dataSource, projectId, { name: 'every kind', versions: 2 })).versionIds[0]!;
  const baseModel = given.baseModel ?? (await insertBaseModel(dataSource, projectId, { name: 'every kind' }));
  const experiment = await createTestExperiment(api, { name: 'every kind', baseModel, version });
  const checkpoint = await finishRun(dataSource, experiment.runId);
  const model = await insertBaseModel(dataSource, projectId, {
    name: 'every kind, trained',
    producedByRunId: experiment.runId,
    manifest: await manifestOf(dataSource, baseModel),
    heads: [{ kind: 'classification', task: 'label', labels: ['ham', 'spam'] }],
  });
  const evaluation = await evaluated(api, model, version);
  const batchPrediction = await create(api, 'predictBatch', 'PredictBatchInput', 'BatchPrediction', {
    modelId: ids.baseModel(model),
    datasetVersionId: ids.version(version),
    textColumn: 'text',
  });
  await dataSource.query(
    `UPDATE batch_predictions SET status = 'SUCCEEDED', started_at = now(), finished_at = now(), error_count = 2,
       progress = '{"rowsDone": 100, "rowsTotal": 100}', files = $2 WHERE id = $1`,
    [
      parseGlobalId(batchPrediction)!.uuid,
      JSON.stringify([{ name: 'rows.jsonl', digest: await insertArtifact(dataSource, 'predictions'), sizeBytes: 1 }]),
    ],
  );
  const scored = await insertScoredSamples(
    dataSource,
    projectId,
    sampleRequest({ modelId: model, versionId: version }),
    [scoredPrompt(0, [-1, -2])],
  );
  const generation = await insertGeneration(dataSource, projectId, model);
  const modelImport = await create(api, 'importBaseModel', 'ImportBaseModelInput', 'ModelImport', {
    name: 'every kind, imported',
    source: { hub: { repository: 'organization/model' } },
  });
  const modelExport = await create(api, 'exportModel', 'ExportModelInput', 'ModelExport', {
    modelId: ids.baseModel(model),
    format: 'ONNX',
  });
  await dataSource.query(
    `UPDATE model_exports SET status = 'SUCCEEDED', started_at = now(), finished_at = now(), files = $2 WHERE id = $1`,
    [
      parseGlobalId(modelExport)!.uuid,
      JSON.stringify([
        { name: 'config.json', digest: await insertArtifact(dataSource, 'exported config'), sizeBytes: 1 },
      ]),
    ],
  );
  const [{ dataset }] = await dataSource.query('SELECT dataset_id AS dataset FROM dataset_versions WHERE id = $1', [
    version,
  ]);
  // Created after all events that would be sent to it. The name never resolves (RFC 2606).
  const webhook = await create(api, 'createWebhook', 'CreateWebhookInput', 'WebhookSecret', {
    url: 'https://hooks.invalid/',
    events: ['EXPERIMENT_CREATED'],
  });
  const alias = await create(api, 'setModelAlias', 'SetModelAliasInput', 'ModelAlias', {
    modelId: ids.baseModel(model),
    name: 'every-kind',
  });
  const preparation = await create(api, 'prepareDataset', 'PrepareDatasetInput', 'Preparation', {
    name: 'every kind, prepared',
    sources: [{ version: { datasetVersionId: ids.version(version) } }],
    recipe: [{ collapseWhiteSpace: {} }],
  });
  const report = await create(api, 'reportDataset', 'ReportDatasetInput', 'DatasetReport', {
    datasetVersionId: ids.version(version),
  });
  const datasetExport = await create(api, 'exportDatasetVersion', 'ExportDatasetVersionInput', 'DatasetExport', {
    datasetVersionId: ids.version(version),
    format: 'CSV',
  });
  await dataSource.query(
    `UPDATE dataset_exports SET status = 'SUCCEEDED', started_at = now(), finished_at = now(), row_count = 1,
       left_out_count = 1, left_out = '[{"row": 0, "reason": "none"}]',
       progress = '{"rowsDone": 2, "rowsTotal": 2, "bytesWritten": 1}', files = $2 WHERE id = $1`,
    [
      parseGlobalId(datasetExport)!.uuid,
      JSON.stringify([{ name: 'rows.csv', digest: await insertArtifact(dataSource, 'written rows'), sizeBytes: 1 }]),
    ],
  );
  const recommendation = await create(api, 'recommendBaseModels', 'RecommendBaseModelsInput', 'ModelRecommendation', {
    datasetVersionId: ids.version(version),
    method: { supervised: { textColumn: 'text', head: { classification: { labelColumn: 'label' } } } },
  });
  const feedback = await answeredTask(api, ids.baseModel(model), ids.version(version));
  const loop = await endedLoop(api, {
    model: ids.baseModel(model),
    version: ids.version(version),
    task: feedback.FeedbackTask,
    experiment: experiment.id,
    evaluation,
  });
  const recorded = await create(api, 'recordFeedback', 'RecordFeedbackInput', 'RecordedFeedback', {
    target: { answer: { generationId: globalId('Generation', generation) } },
    feedback: { thumb: { up: false, reason: 'It is too short.' } },
    comment: 'Go on!',
    subject: 'user 7',
  });
  await create(api, 'recordFeedback', 'RecordFeedbackInput', 'RecordedFeedback', {
    target: { prediction: { modelId: ids.baseModel(model), text: 'Buy now', labels: ['ham'], probability: 0.6 } },
    feedback: { labels: ['spam'] },
  });
  const [upload] = await dataSource.query(
    `INSERT INTO uploads (id, project_id, file_name, format, token_digests, status, expires_at, created_by)
     VALUES (gen_random_uuid(), $1, 'rows.csv', 'CSV', '{none}', 'WAITING', now() + interval '1 day', $2) RETURNING id`,
    [projectId, ownerUserId],
  );
  const { viewer } = await api.request<{ viewer: { id: string } }>('{ viewer { id } }');
  return {
    Project: globalId('Project', projectId),
    Dataset: ids.dataset(dataset),
    DatasetVersion: ids.version(version),
    Upload: globalId('Upload', upload.id),
    BaseModel: ids.baseModel(model),
    ModelAlias: alias,
    Experiment: experiment.id,
    Checkpoint: globalId('Checkpoint', checkpoint),
    Evaluation: evaluation,
    Generation: globalId('Generation', generation),
    ...feedback,
    FeedbackLoop: loop,
    RecordedFeedback: recorded,
    BatchPrediction: batchPrediction,
    ScoredSamples: globalId('ScoredSamples', scored),
    Preparation: preparation,
    DatasetReport: report,
    DatasetExport: datasetExport,
    ModelRecommendation: recommendation,
    ModelImport: modelImport,
    ModelExport: modelExport,
    Webhook: webhook,
    WebhookDelivery: await create(api, 'testWebhook', 'WebhookActionInput', 'WebhookDelivery', { webhookId: webhook }),
    // The worker is long gone, so nothing waits for it.
    Worker: globalId('Worker', await insertWorker(dataSource, { seenSecondsAgo: 3600 })),
    Viewer: viewer.id,
    User: globalId('User', ownerUserId),
    Member: globalId('Member', await insertMember(dataSource, projectId)),
    ApiKey: globalId('ApiKey', (await insertKey(dataSource, ownerUserId, { projectId })).id),
    Session: globalId('Session', await insertSession(dataSource, ownerUserId)),
  };
}

/**
 * Writes two attempts of a run, every kind of event, and a metric that was once not finite; the run succeeded. Returns
 * its checkpoint.
 */
export async function finishRun(dataSource: DataSource, runId: string): Promise<string> {
  await beginAttempt(dataSource, runId, 1);
  await enter(dataSource, runId, 'PREPARING', 'TRAINING');
  const digest = await insertArtifact(dataSource, `checkpoint of ${runId}`);
  const checkpoint = await insertCheckpoint(dataSource, runId, 2, digest);
  await record(dataSource, runId, [
    metrics(1, { 'train/loss': 0.7, 'validation/f1': 0.2 }),
    metrics(2, { 'train/loss': Number.NaN, 'validation/f1': 0.4 }),
    { kind: 'checkpointSaved', checkpointId: checkpoint, step: 2, digest, sizeBytes: 5_000_000_000, best: true },
    { kind: 'logLine', level: 'WARNING', message: 'The loss is not finite.' },
    { kind: 'progressMade', step: 2, totalSteps: 10, epoch: 0.2, examplesPerSecond: 12.5, etaSeconds: 4 },
    {
      kind: 'textsGenerated',
      step: 2,
      epoch: 0.2,
      texts: [{ prompt: 'Once', text: ' upon', expected: ' upon a time', isEnded: false }],
    },
  ]);
  await beginAttempt(dataSource, runId, 2);
  await record(dataSource, runId, [metrics(2, { 'train/loss': 0.5 }), metrics(3, { 'train/loss': 0.4 })]);
  await enter(dataSource, runId, 'EVALUATING', 'SUCCEEDED');
  await dataSource.query(`UPDATE workers SET last_seen_at = now() - interval '1 hour'`);
  await dataSource.query(`UPDATE jobs SET state = 'succeeded' WHERE run_id = $1`, [runId]);
  return checkpoint;
}

/**
 * A feedback task in which an item was answered, and the answer was changed, one was skipped and flagged, one is of
 * gold, and one is held. Returns the ids of the task, and of the item, claim and answer of the first.
 */
async function answeredTask(api: Api, modelId: string, datasetVersionId: string) {
  const task = await createFeedbackTask(api, { name: 'every kind', question: { pairwise: { strengths: 2 } } });
  const answers = [
    { text: 'yes', modelId, settings: [{ name: 'temperature', value: '0' }] },
    { text: 'no', modelId },
  ];
  await addFeedbackItems(api, task, [
    { prompt: { text: 'Really?' }, answers, row: { datasetVersionId, row: 0 } },
    { prompt: { messages: [{ role: 'user', content: 'Really?' }] }, answers },
    { prompt: { text: 'True?' }, answers },
    { prompt: { text: 'Right?' }, answers, gold: { pairwise: { preferred: 'a', strength: 1 } } },
  ]);
  const { claim } = await claimItem(api, task);
  const answer = await submitFeedback(api, claim!.id, { pairwise: { preferred: 'a', strength: 1 } }, 'so it is');
  await submitFeedback(api, claim!.id, { pairwise: { preferred: 'b', strength: 2 } });
  const skipped = (await claimItem(api, task)).claim!.id;
  for (const action of ['flagFeedbackItem', 'skipFeedbackItem']) {
    const input = `${action[0]!.toUpperCase()}${action.slice(1)}Input`;
    await create(api, action, input, 'FeedbackClaim', { claimId: skipped, reason: 'None of them is right.' });
  }
  await claimItem(api, task);
  await create(api, 'updateFeedbackTask', 'UpdateFeedbackTaskInput', 'FeedbackTask', {
    taskId: task,
    instructions: 'Choose what is *true*.',
    participants: [globalId('User', ownerUserId)],
    ends: { agreement: { alpha: 0.9 } },
  });
  const data = await api.request<{ node: { item: { id: string } } }>(
    'query ($id: ID!) { node(id: $id) { ... on FeedbackAnswer { item { id } } } }',
    { id: answer.id },
  );
  return { FeedbackTask: task, FeedbackItem: data.node.item.id, FeedbackClaim: claim!.id, FeedbackAnswer: answer.id };
}

/** A feedback loop that was ended in its first round, whose model did not pass the gate. */
async function endedLoop(
  api: Api,
  of: { readonly [Kind in 'model' | 'version' | 'task' | 'experiment' | 'evaluation']: string },
): Promise<string> {
  const loop = await create(api, 'createFeedbackLoop', 'CreateFeedbackLoopInput', 'FeedbackLoop', {
    name: 'every kind',
    baseModelId: of.model,
    startModelId: of.model,
    ask: {
      uncertain: {
        datasetVersionId: of.version,
        split: 'train',
        textColumn: 'text',
        classes: ['ham', 'spam'],
        most: 10,
      },
    },
    training: { method: { supervised: { labelColumn: 'label' } } },
    measuring: { datasetVersionId: of.version, split: 'test' },
    alias: 'looped',
  });
  const row = (id: string) => parseGlobalId(id)!.uuid;
  const scores = { candidate: 0.8, current: 0.9, start: 0.9 };
  const against = { wins: 1, losses: 2, ties: 7, rate: 0.45, lower: 0.2, upper: 0.7, p: 1 };
  const verdict = {
    passed: false,
    reason: 'WORSE',
    scores,
    perplexity: { candidate: 9, current: 8, start: 8 },
    againstCurrent: against,
    againstStart: against,
  };
  await api.dataSource.query(
    `UPDATE feedback_loops SET dataset_id = (SELECT dataset_id FROM dataset_versions WHERE id = $2) WHERE id = $1`,
    [row(loop), row(of.version)],
  );
  await create(api, 'pauseFeedbackLoop', 'FeedbackLoopActionInput', 'FeedbackLoop', { loopId: loop });
  await appendLoopEvents(poolQuery(api.dataSource), row(loop), [
    { kind: 'roundEnded', round: 1, outcome: 'KEPT', verdict: LoopVerdict.parse(verdict) },
  ]);
  await create(api, 'endFeedbackLoop', 'FeedbackLoopActionInput', 'FeedbackLoop', { loopId: loop });
  await api.dataSource.query(
    `UPDATE feedback_loop_rounds r
        SET task_id = $2, judging_task_id = $2, start_judging_task_id = $2, dataset_version_id = $3, experiment_id = $4,
            model_id = $5, evaluation_id = $6, outcome = 'KEPT', verdict = $7, ended_at = now(), step = 'DECIDING'
      WHERE r.loop_id = $1`,
    [row(loop), row(of.task), row(of.version), row(of.experiment), row(of.model), row(of.evaluation), verdict],
  );
  return loop;
}

async function manifestOf(dataSource: DataSource, baseModel: string): Promise<ModelManifest> {
  const [row] = await dataSource.query('SELECT manifest FROM base_models WHERE id = $1', [baseModel]);
  return row.manifest;
}

export async function evaluated(api: Api, model: string, version: string): Promise<string> {
  const evaluation = await create(api, 'evaluate', 'EvaluateInput', 'Evaluation', {
    modelId: ids.baseModel(model),
    datasetVersionId: ids.version(version),
    textColumn: 'text',
    tasks: [{ task: 'label', labelColumn: 'label' }],
  });
  await api.dataSource.query(
    `UPDATE evaluations SET status = 'SUCCEEDED', scores = $2, finished_at = now() WHERE id = $1`,
    [parseGlobalId(evaluation)!.uuid, JSON.stringify([taskScores])],
  );
  return evaluation;
}

/** Calls a mutation that creates an object; returns the object's id. */
async function create(
  api: Api,
  mutation: string,
  inputType: string,
  type: string,
  input: Record<string, unknown>,
): Promise<string> {
  const selection = type === 'WebhookSecret' ? 'webhook { id }' : 'id';
  const data = await api.request<Record<string, { id?: string; webhook?: { id: string } }>>(
    `mutation ($input: ${inputType}!) { ${mutation}(input: $input) { ... on ${type} { ${selection} } ${problems} } }`,
    { input },
  );
  const id = data[mutation]?.id ?? data[mutation]?.webhook?.id;
  if (id === undefined) throw new Error(JSON.stringify(data));
  return id;
}
