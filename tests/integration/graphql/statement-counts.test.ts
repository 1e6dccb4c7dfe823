import {
  type GraphQLField,
  GraphQLNonNull,
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownerUserId } from '../../../src/access/viewer.js';
import { graphQLSchema } from '../../../src/app/build-schema.js';
import { currentScope } from '../../../src/database/operation-scope.js';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertSession, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { evaluated, finishRun, insertEveryKind } from '../../support/every-kind.js';
import { addFeedbackItems, createFeedbackTask } from '../../support/feedback.js';
import { insertGeneration } from '../../support/generations.js';
import { ids, insertBaseModel, insertDataset } from '../../support/rows.js';
import { createTestExperiment } from '../../support/runs.js';
import { insertScoredSamples, sampleRequest } from '../../support/scored-samples.js';
import { spyOnStatements } from '../../support/statements.js';

/**
 * No N+1, found by walking the schema: every connection of every type, with all that can be selected of its nodes,
 * takes as many statements for many rows as for few.
 */

const schema = graphQLSchema();
const few = 2;
const many = 20;

/** Objects that all lists hang on. */
interface Parents {
  readonly [type: string]: string;
}

let api: TestApi;
let parents: Parents;

beforeAll(async () => {
  api = await startTestApi();
  parents = await insertEveryKind(api);
  const [model, version, webhook] = ['BaseModel', 'DatasetVersion', 'Webhook'].map(
    (type) => parseGlobalId(parents[type]!)!.uuid,
  ) as [string, string, string];
  const parent = { model, version, webhook };
  await grow(0, few, parent);
  await countAll();
  await grow(few, many, parent);
  await countAll();
}, 600_000);
afterAll(() => api?.close());

/** Adds rows from number `from` to below `to` to every list, each with all that belongs to it. */
async function grow(
  from: number,
  to: number,
  parent: { readonly model: string; readonly version: string; readonly webhook: string },
): Promise<void> {
  const { dataSource, projectId } = api;
  for (let i = from; i < to; i += 1) {
    const inserted = await insertDataset(dataSource, projectId, { name: `dataset ${i}` });
    await dataSource.query(
      `INSERT INTO dataset_version_sources (dataset_version_id, position, kind, parent_version_id, parent_name, digest)
       SELECT unnest($2::uuid[]), 0, 'version', id, 'parent', digest FROM dataset_versions WHERE id = $1`,
      [parent.version, inserted.versionIds],
    );
    const member = await insertUser(dataSource, `member-${i}`, { roles: { [projectId]: 'VIEWER' } });
    const task = await growFeedback(i, member);
    await insertKey(dataSource, ownerUserId, { projectId });
    await insertSession(dataSource, ownerUserId);
    await dataSource.query(
      `INSERT INTO uploads (id, project_id, file_name, format, token_digests, status, expires_at, created_by)
       VALUES (gen_random_uuid(), $1, $2, 'CSV', '{none}', 'WAITING', now() + interval '1 day', $3)`,
      [projectId, `upload ${i}`, ownerUserId],
    );
    await dataSource.query(
      `INSERT INTO webhooks (id, project_id, url, description, events, secret, created_by, disabled_reason)
       SELECT gen_random_uuid(), project_id, url, description, events, secret, created_by, 'BY_USER' FROM webhooks WHERE id = $1`,
      [parent.webhook],
    );
    await dataSource.query(
      `INSERT INTO webhook_deliveries (webhook_id, kind, state, settled_at) VALUES ($1, 'ping', 'FAILED', now())`,
      [parent.webhook],
    );
    await dataSource.query(
      `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count, columns, splits, split_plan)
       SELECT gen_random_uuid(), dataset_id, $2, digest, source_digest, format, example_count, 0, columns, splits, split_plan
       FROM dataset_versions WHERE id = $1`,
      [parent.version, i + 3],
    );
    await dataSource.query(
      `INSERT INTO dataset_version_sources (dataset_version_id, position, kind, parent_version_id, parent_name, digest)
       SELECT id, 0, 'version', $1, 'parent', digest FROM dataset_versions
        WHERE number = $2 AND dataset_id = (SELECT dataset_id FROM dataset_versions WHERE id = $1)`,
      [parent.version, i + 3],
    );
    await dataSource.query(
      `WITH source AS (
         INSERT INTO dataset_version_sources (dataset_version_id, position, kind, digest, feedback)
         SELECT id, 1, 'feedback', digest, $3::jsonb FROM dataset_versions
          WHERE number = $2 AND dataset_id = (SELECT dataset_id FROM dataset_versions WHERE id = $1)
         RETURNING dataset_version_id AS id
       )
       INSERT INTO dataset_version_feedback (dataset_version_id, position, place, task_id, task_name, last_seq)
       SELECT id, 1, 0, $4, 'every kind', 1 FROM source`,
      [parent.version, i + 3, JSON.stringify(feedbackReading()), parseGlobalId(parents.FeedbackTask!)!.uuid],
    );
    const scoring = sampleRequest({ modelId: parent.model, versionId: parent.version });
    const source = {
      kind: 'label',
      modelDigest: 'c'.repeat(64),
      task: 'label',
      label: 'ham',
      withPrompt: false,
    } as const;
    const byModel = { name: `model-${i}`, weight: 1, source: { ...source, modelId: parent.model } };
    await insertScoredSamples(dataSource, projectId, { ...scoring, rewards: [...scoring.rewards, byModel] }, []);
    const parentSamples = parseGlobalId(parents.ScoredSamples!)!.uuid;
    await dataSource.query(
      `INSERT INTO scored_prompts (samples_id, position, row_number, prompt, samples)
       SELECT samples_id, $2, row_number, prompt, samples FROM scored_prompts WHERE samples_id = $1 AND position = 0`,
      [parentSamples, i + 1],
    );
    await dataSource.query(
      `INSERT INTO dataset_version_sources (dataset_version_id, position, kind, digest, samples, samples_id)
       SELECT id, 2, 'samples', digest, $3::jsonb, $4 FROM dataset_versions
        WHERE number = $2 AND dataset_id = (SELECT dataset_id FROM dataset_versions WHERE id = $1)`,
      [parent.version, i + 3, JSON.stringify(samplesReading), parentSamples],
    );
    const experiment = await createTestExperiment(api, {
      name: `experiment ${i}`,
      baseModel: parent.model,
      version: parent.version,
    });
    await finishRun(dataSource, experiment.runId);
    const heads = [{ kind: 'classification' as const, task: 'label', labels: ['ham', 'spam'] }];
    const producedByRunId = experiment.runId;
    const produced = await insertBaseModel(dataSource, projectId, { name: `model ${i}`, producedByRunId, heads });
    const evaluation = parseGlobalId(await evaluated(api, produced, parent.version))!.uuid;
    const [added] = await dataSource.query(
      `SELECT id FROM dataset_versions
        WHERE number = $2 AND dataset_id = (SELECT dataset_id FROM dataset_versions WHERE id = $1)`,
      [parent.version, i + 3],
    );
    await growLoops(
      i,
      [added.id, inserted.versionIds[0]!].map((version) => ({
        task,
        version,
        experiment: parseGlobalId(experiment.id)!.uuid,
        model: produced,
        evaluation,
      })),
    );
    await insertGeneration(dataSource, projectId, produced);
    const generation = await insertGeneration(dataSource, projectId, parent.model);
    await dataSource.query(
      `INSERT INTO model_aliases (id, project_id, name, base_model_id, created_by)
       VALUES (gen_random_uuid(), $1, $2, $3, $4)`,
      [projectId, `alias-${i}`, parent.model, ownerUserId],
    );
    await dataSource.query(
      `INSERT INTO model_alias_moves (project_id, alias, moved_by, to_model_id, to_model_name)
       SELECT project_id, alias, moved_by, to_model_id, to_model_name FROM model_alias_moves WHERE alias = 'every-kind' LIMIT 1`,
    );
    await evaluated(api, parent.model, parent.version);
    await api.request(
      `mutation ($import: ImportBaseModelInput!, $export: ExportModelInput!, $batch: PredictBatchInput!,
         $prepared: PrepareDatasetInput!, $report: ReportDatasetInput!, $written: ExportDatasetVersionInput!,
         $task: RecommendBaseModelsInput!, $appended: AppendExamplesInput!, $liked: RecordFeedbackInput!) {
         importBaseModel(input: $import) { __typename } exportModel(input: $export) { __typename }
         predictBatch(input: $batch) { __typename } prepareDataset(input: $prepared) { __typename }
         reportDataset(input: $report) { __typename } exportDatasetVersion(input: $written) { __typename }
         recommendBaseModels(input: $task) { __typename } appendExamples(input: $appended) { __typename }
         recordFeedback(input: $liked) { __typename } }`,
      {
        import: { name: `imported ${i}`, source: { hub: { repository: 'organization/model' } } },
        export: { modelId: ids.baseModel(parent.model), format: 'ONNX' },
        report: { datasetVersionId: ids.version(parent.version) },
        liked: {
          target: { answer: { generationId: globalId('Generation', generation) } },
          feedback: { thumb: { up: true } },
        },
        appended: { datasetId: parents.Dataset, examples: [{ values: { text: `appended ${i}` } }] },
        written: { datasetVersionId: ids.version(parent.version), format: 'CSV' },
        task: {
          datasetVersionId: ids.version(parent.version),
          method: { supervised: { textColumn: 'text', head: { classification: { labelColumn: 'label' } } } },
        },
        prepared: {
          name: `prepared ${i}`,
          sources: [{ version: { datasetVersionId: ids.version(parent.version) } }],
        },
        batch: {
          modelId: ids.baseModel(parent.model),
          datasetVersionId: ids.version(parent.version),
          textColumn: 'text',
        },
      },
    );
  }
}

const samplesReading = {
  rules: { rows: 'winners', leastReward: null, leastMargin: 0, withCut: false },
  figures: { prompts: 1, rows: 1, unscored: 0, tied: 0, belowLeast: 0 },
};

const feedbackReading = () => ({
  rules: {
    policy: { kind: 'allVotes', repeated: false },
    leastAgreement: null,
    leastAnswers: 1,
    unpaired: false,
    correctionPairs: false,
  },
  figures: { items: 1, kept: 1, rows: 1, leftOut: {}, overlappingSpans: 0 },
  recorded: {
    form: 'THUMBS',
    models: [{ modelId: parseGlobalId(parents.BaseModel!)!.uuid, name: 'model', records: 1 }],
    records: 1,
    people: 1,
    from: '2026-01-01T00:00:00.000Z',
    until: '2026-01-01T00:00:00.000Z',
  },
});

/**
 * Another task, of the parents' version and model, and of the parents' task another item, another person's answer to
 * its first one, and another export of its answers.
 * @returns the task's row id
 */
async function growFeedback(i: number, user: string): Promise<string> {
  const { dataSource } = api;
  const participants = [parents.User!];
  const task = await createFeedbackTask(api, { name: `task ${i}`, question: { thumbs: {} }, participants });
  await addFeedbackItems(api, task, [
    {
      answers: [{ text: 'yes', modelId: parents.BaseModel }],
      row: { datasetVersionId: parents.DatasetVersion, row: 0 },
    },
  ]);
  await addFeedbackItems(api, parents.FeedbackTask!, [
    { prompt: { text: `item ${i}` }, answers: [{ text: 'yes', modelId: parents.BaseModel }, { text: 'no' }] },
  ]);
  await api.request('mutation ($input: ExportFeedbackInput!) { exportFeedback(input: $input) { __typename } }', {
    input: { taskId: parents.FeedbackTask },
  });
  const of = [user, parseGlobalId(parents.FeedbackClaim!)!.uuid];
  await dataSource.query(
    `INSERT INTO feedback_claims (id, task_id, item_id, user_id, state, shown, instructions_version, picked, propensity, expires_at)
     SELECT gen_random_uuid(), task_id, item_id, $1, 'ANSWERED', shown, 1, 'ORDER', 1, now() FROM feedback_claims WHERE id = $2`,
    of,
  );
  await dataSource.query(
    `INSERT INTO feedback_answers (id, claim_id, task_id, item_id, user_id, value, category, instructions_version, counts, late, seconds)
     SELECT gen_random_uuid(), mine.id, mine.task_id, mine.item_id, mine.user_id, a.value, a.category, 1, true, false, 1
       FROM feedback_answers a JOIN feedback_claims mine ON mine.item_id = a.item_id AND mine.user_id = $1
      WHERE a.claim_id = $2`,
    of,
  );
  // The new item is answered, too, and flagged, so that it has a likely answer and is in dispute.
  await dataSource.query(
    `WITH item AS (
       UPDATE feedback_items SET flag_count = 1, answer_count = 1
        WHERE id = (SELECT i.id FROM feedback_items i JOIN feedback_claims c ON c.task_id = i.task_id
                     WHERE c.id = $2 ORDER BY i.position DESC LIMIT 1)
       RETURNING id, task_id),
     claim AS (
       INSERT INTO feedback_claims (id, task_id, item_id, user_id, state, shown, instructions_version, picked, propensity, expires_at)
       SELECT gen_random_uuid(), task_id, id, $1, 'ANSWERED', '{a,b}', 1, 'ORDER', 1, now() FROM item
       RETURNING id, task_id, item_id, user_id)
     INSERT INTO feedback_answers (id, claim_id, task_id, item_id, user_id, value, category, instructions_version, counts, late, seconds)
     SELECT gen_random_uuid(), claim.id, claim.task_id, claim.item_id, claim.user_id, a.value, a.category, 1, true, false, 1
       FROM claim, feedback_answers a WHERE a.claim_id = $2`,
    of,
  );
  return parseGlobalId(task)!.uuid;
}

interface MadeInRound {
  readonly task: string;
  readonly version: string;
  readonly experiment: string;
  readonly model: string;
  readonly evaluation: string;
}

/** Another loop, in whose rounds all of this was made: what is newest in the lists of each leads to a round. */
async function growLoops(i: number, made: readonly MadeInRound[]): Promise<void> {
  const [loop] = await api.dataSource.query(
    `INSERT INTO feedback_loops (id, project_id, name, settings, rounds, status, end_reason, base_model_id,
       start_model_id, current_model_id, version_ids, dataset_id, acts_for, created_by)
     SELECT gen_random_uuid(), project_id, name || $2, settings, rounds, status, end_reason, base_model_id,
            start_model_id, current_model_id, version_ids, dataset_id, acts_for, created_by
       FROM feedback_loops WHERE id = $1 RETURNING id`,
    [parseGlobalId(parents.FeedbackLoop!)!.uuid, String(i)],
  );
  for (const [j, { task, version, experiment, model, evaluation }] of made.entries()) {
    await api.dataSource.query(
      `INSERT INTO feedback_loop_rounds (id, loop_id, number, step, task_id, judging_task_id, start_judging_task_id,
         dataset_version_id, experiment_id, model_id, evaluation_id)
       VALUES (gen_random_uuid(), $1, $2, 'DECIDING', $3, $3, $3, $4, $5, $6, $7)`,
      [loop.id, j + 1, task, version, experiment, model, evaluation],
    );
  }
}

const connections = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter((type) => type.getInterfaces().some(({ name }) => name === 'Node'))
  .flatMap((owner) =>
    Object.values(owner.getFields())
      .filter((field) => getNamedType(field.type).name.endsWith('Connection'))
      .map((field) => ({ path: `${owner.name}.${field.name}`, owner: owner.name, field })),
  );

/** Statements by what was selected of the nodes of a list, once with few rows and once with many. */
const counts: Record<string, Record<string, number>[]> = {};
const rows: Record<string, number> = {};

async function countAll(): Promise<void> {
  for (const { path, owner, field } of connections) {
    const bySelection: Record<string, number> = {};
    for (const selection of selectionsOf(nodeOf(field), 0)) {
      const page = `{ totalCount pageInfo { endCursor } nodes { ${selection} } }`;
      const query = `query ($id: ID!) { node(id: $id) { ... on ${owner} { ${field.name}(first: 20) ${page} } } }`;
      bySelection[selection] = await statementsOf(async () => {
        const { node } = await api.request<{ node: Record<string, { totalCount: number } | null> }>(query, {
          id: parents[owner],
        });
        const list = node[field.name];
        // Of this evaluation nothing is kept of single rows.
        if (list == null && path !== 'Evaluation.examples') throw new Error(`${path} is null`);
        rows[path] = list?.totalCount ?? 0;
      });
    }
    counts[path] = [...(counts[path] ?? []), bySelection];
  }
}

/** Those sent for an operation: the server has statements of its own, now and then. */
async function statementsOf(operation: () => Promise<void>): Promise<number> {
  const spy = spyOnStatements(api, () => currentScope() !== null);
  await operation();
  spy.restore();
  return spy.texts().length;
}

function nodeOf(connection: GraphQLField<unknown, unknown>): GraphQLObjectType {
  return getNamedType(
    (getNamedType(connection.type) as GraphQLObjectType).getFields().nodes!.type,
  ) as GraphQLObjectType;
}

/** Short lists within a page keep it below the limit of complexity. */
const arguments_: Readonly<Record<string, string>> = { first: '1', maxPoints: '10', keys: '["train/loss"]' };

/** Statistics of all answers of a task: their complexity keeps them out of pages of tasks of this size. */
const ofOneTask = new Set(['agreement', 'annotators', 'likelyAnswers', 'ranking']);

/**
 * What can be selected without an argument that is required: first all that is no object, then the others one by one.
 */
function selectionsOf(type: GraphQLObjectType, depth: number): string[] {
  const fields = Object.values(type.getFields()).filter(
    ({ name, args }) =>
      !(type.name === 'FeedbackTask' && ofOneTask.has(name)) &&
      !args.some((arg) => arg.type instanceof GraphQLNonNull && arg.defaultValue === undefined),
  );
  const plain = fields.filter((field) => isLeafType(getNamedType(field.type)) && field.args.length === 0);
  const objects = fields.flatMap((field) => {
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) return [];
    const args = field.args.flatMap(({ name }) => (name in arguments_ ? [`${name}: ${arguments_[name]}`] : []));
    const head = args.length === 0 ? field.name : `${field.name}(${args.join(', ')})`;
    if (!isObjectType(inner)) return [`${head} { __typename }`];
    if (inner.name.endsWith('Connection')) return [`${head} { totalCount nodes { __typename } }`];
    if (depth > 0) return [`${head} { __typename }`];
    return [
      `${head} { ${selectionsOf(inner, depth + 1)
        .slice(0, 12)
        .join(' ')} }`,
    ];
  });
  return [plain.map(({ name }) => name).join(' ') || '__typename', ...objects];
}

describe('statements do not grow with rows', () => {
  test.each(connections.map(({ path }) => path))('%s', (path) => {
    const [ofFew, ofMany] = counts[path]!;
    expect(ofMany).toEqual(ofFew);
    expect(Object.values(ofFew!).every((count) => count > 0)).toBe(true);
  });

  /** Of rows that the files tell, not the tables; and a file without a bad row. */
  const fixed = ['DatasetVersion.rejectedRows', 'Evaluation.examples', 'Experiment.dependents'];

  test('of lists that did grow', () => {
    const short = Object.entries(rows).filter(([path, total]) => total < many && !fixed.includes(path));
    expect(short).toEqual([]);
  });
});
