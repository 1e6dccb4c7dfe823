import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import { startTestApi, type TestApi, topicCounts } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset, tinyBert } from '../../support/rows.js';

let api: TestApi;
let source: string;
beforeAll(async () => {
  api = await startTestApi();
  const part = 'train (held-out part)';
  api.labelCounts = {
    ...topicCounts,
    labelled: { ...topicCounts.labelled, [part]: 10 },
    labels: {
      ...topicCounts.labels,
      label: [
        ...topicCounts.labels.label!,
        { split: part, label: 'ham', count: 6 },
        { split: part, label: 'spam', count: 4 },
      ],
    },
  };
  const bert = await insertBaseModel(api.dataSource, api.projectId, { name: 'bert', manifest: tinyBert });
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'mails' });
  const made = await api.request<{ createExperiment: { id: string } }>(
    /* GraphQL */ `mutation ($input: CreateExperimentInput!) {
      createExperiment(input: $input) { ... on Experiment { id } ... on Problems { problems { message } } }
    }`,
    {
      input: {
        name: 'spam or ham',
        baseModelId: ids.baseModel(bert),
        datasetVersionId: ids.version(versionIds[0]!),
        method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
        hyperparameters: { epochs: 2, learningRate: 0.01 },
        tags: ['mail'],
      },
    },
  );
  source = made.createExperiment.id;
});
afterAll(() => api?.close());

interface Fold {
  readonly number: number;
  readonly experiment: {
    readonly id: string;
    readonly name: string;
    readonly tags: readonly string[];
    readonly status: string;
    readonly clonedFrom: { readonly id: string };
    readonly heldOut: { readonly fold: number; readonly foldColumn: string; readonly examples: number };
  };
}
interface CrossValidation {
  readonly foldColumn: string;
  readonly folds: readonly Fold[];
  readonly metrics: readonly {
    readonly definition: { readonly key: string };
    readonly mean: number;
    readonly standardDeviation: number | null;
    readonly experimentCount: number;
  }[];
}

async function crossValidate(input: { readonly foldColumn: string; readonly idempotencyKey?: string }) {
  const data = await api.request<{
    createFoldExperiments:
      | {
          readonly __typename: 'Experiment';
          readonly id: string;
          readonly crossValidations: readonly CrossValidation[];
        }
      | { readonly __typename: 'Problems'; readonly problems: readonly object[] };
  }>(
    /* GraphQL */ `mutation ($input: CreateFoldExperimentsInput!) { createFoldExperiments(input: $input) {
      __typename
      ... on Experiment { id crossValidations {
        foldColumn
        folds { number experiment {
          id name tags status clonedFrom { id } heldOut { fold foldColumn examples }
        } }
        metrics { definition { key } mean standardDeviation experimentCount }
      } }
      ... on Problems { problems { path code message } }
    } }`,
    { input: { experimentId: source, ...input } },
  );
  return data.createFoldExperiments;
}

async function made(input: Parameters<typeof crossValidate>[0]): Promise<CrossValidation> {
  const answer = await crossValidate(input);
  if (answer.__typename !== 'Experiment') throw new Error(JSON.stringify(answer));
  expect(answer.id).toBe(source);
  expect(answer.crossValidations).toHaveLength(1);
  return answer.crossValidations[0]!;
}

async function rowOf(id: string): Promise<{ readonly spec: RunSpec; readonly runId: string }> {
  const rows = await api.dataSource.query(
    `SELECT e.spec, r.id AS "runId" FROM experiments e JOIN runs r ON r.experiment_id = e.id WHERE e.id = $1`,
    [parseGlobalId(id)!.uuid],
  );
  return rows[0];
}

test('an experiment is cross-validated: one experiment a fold, and mean and deviation of what they measure', async () => {
  const first = await made({ foldColumn: 'stars', idempotencyKey: 'once' });
  // Stars 1, 2 and 3 are in 40, 20 and 10 of the training rows.
  expect(first.folds.map(({ number, experiment }) => [number, experiment.name, experiment.heldOut])).toEqual([
    [1, 'spam or ham, fold 1', { fold: 1, foldColumn: 'stars', examples: 40 }],
    [2, 'spam or ham, fold 2', { fold: 2, foldColumn: 'stars', examples: 20 }],
    [3, 'spam or ham, fold 3', { fold: 3, foldColumn: 'stars', examples: 10 }],
  ]);
  for (const { experiment } of first.folds) {
    expect(experiment).toMatchObject({ status: 'QUEUED', tags: ['mail'], clonedFrom: { id: source } });
  }
  expect(first.metrics).toEqual([]);

  // All but what is measured on is as in the source.
  const { spec: own } = await rowOf(source);
  const { spec } = await rowOf(first.folds[1]!.experiment.id);
  expect(spec).toEqual({
    ...own,
    validationSplit: 'train',
    heldOut: {
      examples: 20,
      seed: 0,
      stratifyBy: [],
      keepTogether: ['text'],
      fold: { column: 'stars', number: 2 },
    },
  });

  // The same key makes nothing new.
  const again = await made({ foldColumn: 'stars', idempotencyKey: 'once' });
  expect(again.folds.map(({ experiment }) => experiment.id)).toEqual(
    first.folds.map(({ experiment }) => experiment.id),
  );

  for (const [i, f1] of [0.5, 0.75, 0.25].entries()) {
    const { runId } = await rowOf(first.folds[i]!.experiment.id);
    await api.dataSource.query(
      `INSERT INTO run_metrics (run_id, key, attempt, step, epoch, value, at)
       VALUES ($1, 'validation/f1', 1, 5, 1, $2, now()), ($1, 'train/loss', 1, 5, 1, 0.1, now())`,
      [runId, f1],
    );
    // The third has not ended.
    if (i < 2)
      await api.dataSource.query(`UPDATE runs SET status = 'SUCCEEDED', finished_at = now() WHERE id = $1`, [runId]);
  }
  const { metrics } = await made({ foldColumn: 'stars', idempotencyKey: 'once' });
  // Of 0.5 and 0.75: deviations of 1/8 from 5/8, whose squares sum to 1/32.
  expect(metrics).toEqual([
    {
      definition: { key: 'validation/f1' },
      mean: 0.625,
      standardDeviation: Math.sqrt(1 / 32),
      experimentCount: 2,
    },
  ]);
});

test('a clone of a fold holds out the same fold, unless it learns from other rows', async () => {
  const { folds } = await made({ foldColumn: 'stars', idempotencyKey: 'once' });
  const clone = async (input: object) => {
    const { cloneExperiment } = await api.request<{ cloneExperiment: { heldOut: { fold: number } | null } }>(
      /* GraphQL */ `mutation ($input: CloneExperimentInput!) {
        cloneExperiment(input: $input) { ... on Experiment { heldOut { fold } } ... on Problems { problems { message } } }
      }`,
      { input: { experimentId: folds[2]!.experiment.id, name: 'other', ...input } },
    );
    return cloneExperiment.heldOut;
  };
  expect(await clone({ hyperparameters: { epochs: 3 } })).toEqual({ fold: 3 });
  expect(await clone({ validationSplit: 'test' })).toBeNull();
});

test('says what is wrong, and makes nothing', async () => {
  expect(await crossValidate({ foldColumn: 'label' })).toMatchObject({
    problems: [{ path: ['foldColumn'], code: 'WRONG_COLUMN_TYPE' }],
  });
  expect(await crossValidate({ foldColumn: 'fold' })).toMatchObject({
    problems: [{ path: ['foldColumn'], code: 'UNKNOWN_COLUMN' }],
  });
  const { labels } = api.labelCounts;
  api.labelCounts = { ...api.labelCounts, labels: { ...labels, stars: [{ split: 'train', label: '1', count: 80 }] } };
  expect(await crossValidate({ foldColumn: 'stars' })).toMatchObject({
    problems: [
      {
        path: ['foldColumn'],
        code: 'INVALID_VALUE',
        message: 'Rows of the split “train” have one number in column “stars”: folds are 2 to 20.',
      },
    ],
  });
});
