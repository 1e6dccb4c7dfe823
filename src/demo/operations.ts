import type { GraphQLClient } from './graphql-client.js';

type Operations = Pick<GraphQLClient, 'request' | 'mutate' | 'subscribe'>;

const problems = /* GraphQL */ `... on Problems { problems { path code message hint } }`;

export interface ScoredTask {
  readonly task: string;
  readonly exampleCount: number;
  readonly accuracy: number;
  readonly loss: number;
  readonly macro: { readonly precision: number; readonly recall: number; readonly f1: number };
  readonly confusionMatrix: { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] };
}

export interface DatasetVersion {
  readonly id: string;
  readonly exampleCount: number;
  readonly rejectedCount: number;
  readonly splits: readonly { readonly name: string; readonly exampleCount: number }[];
}

const versionFields = /* GraphQL */ `id exampleCount rejectedCount splits { name exampleCount }`;

export async function findBaseModel(client: Operations, name: string) {
  const { project } = await client.request<{ project: { baseModel: { id: string; parameterCount: number } | null } }>(
    /* GraphQL */ `query ($name: String!) { project { baseModel(name: $name) { id parameterCount } } }`,
    { name },
  );
  if (!project.baseModel) throw new Error(`The base model ${name} is not registered.`);
  return project.baseModel;
}

/** The dataset's latest version; if the dataset does not exist, uploads the rows as JSON lines. */
export async function ensureDataset(
  client: GraphQLClient,
  options: { name: string; description: string; rows: () => Promise<readonly object[]> } & (
    | { stratifyBy: string }
    | { splitColumn: string }
  ),
): Promise<DatasetVersion & { readonly reused: boolean }> {
  const { project } = await client.request<{ project: { dataset: { latest: DatasetVersion | null } | null } }>(
    /* GraphQL */ `query ($name: String!) { project { dataset(name: $name) { latest { ${versionFields} } } } }`,
    { name: options.name },
  );
  if (project.dataset?.latest) return { ...project.dataset.latest, reused: true };

  const rows = await options.rows();
  const uploadId = await client.uploadRows(options.name, rows);
  const dataset = await client.mutate<{ latest: DatasetVersion }>(
    /* GraphQL */ `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { ${versionFields} } } ${problems} } }`,
    {
      name: options.name,
      description: options.description,
      uploadId,
      ...('splitColumn' in options
        ? { splitColumn: options.splitColumn }
        : {
            split: {
              fractions: [
                { name: 'train', fraction: 0.8 },
                { name: 'validation', fraction: 0.1 },
                { name: 'test', fraction: 0.1 },
              ],
              seed: 42,
              stratifyBy: options.stratifyBy,
              keepTogether: ['text'],
            },
          }),
    },
  );
  return { ...dataset.latest, reused: false };
}

export async function createExperiment(
  client: Operations,
  input: Record<string, unknown>,
): Promise<{ id: string; name: string }> {
  return client.mutate(
    /* GraphQL */ `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id name } ${problems} } }`,
    input,
  );
}

/** Waits until an experiment has its model, and shows nothing meanwhile. */
export async function untilTrained(client: Operations, experiment: { id: string; name: string }): Promise<void> {
  for await (const { experimentEvents: event } of client.subscribe<{
    experimentEvents: { to?: string; problem?: { message: string; hint: string | null } | null };
  }>(
    /* GraphQL */ `subscription ($id: ID!, $afterSeq: Int! = 0) {
      experimentEvents(experimentId: $id, afterSeq: $afterSeq, kinds: [STATUS_CHANGED]) {
        __typename
        ... on StatusChanged { seq to problem { message hint } }
      }
    }`,
    { id: experiment.id },
  )) {
    if (event.to !== 'FAILED' && event.to !== 'CANCELED') continue;
    const reason = [event.problem?.message, event.problem?.hint].filter(Boolean).join(' ');
    throw new Error(`${experiment.name} ended as ${event.to}: ${reason}`);
  }
}

/** Scores an experiment's model on a split, and waits for the result. */
export async function evaluateExperiment(
  client: Operations,
  options: {
    experimentId: string;
    datasetVersionId: string;
    split: string;
    textColumn: string;
    tasks: readonly { task: string; labelColumn: string }[];
  },
): Promise<{ modelId: string; tasks: readonly ScoredTask[] }> {
  const model = await findTrainedModel(client, options.experimentId);
  const { id } = await client.mutate<{ id: string }>(
    /* GraphQL */ `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } ${problems} } }`,
    {
      modelId: model.id,
      datasetVersionId: options.datasetVersionId,
      split: options.split,
      textColumn: options.textColumn,
      tasks: options.tasks,
    },
  );
  const scores = await evaluated<{ tasks: readonly ScoredTask[] }>(
    client,
    id,
    /* GraphQL */ `tasks { task exampleCount accuracy loss macro { precision recall f1 } confusionMatrix { labels counts } }`,
  );
  return { modelId: model.id, tasks: scores.tasks };
}

/** How well tokens are predicted. */
export interface ScoredTokens {
  readonly exampleCount: number;
  readonly tokenCount: number;
  readonly perplexity: number;
  readonly tokenAccuracy: number;
  /** Of the model that training started from, on the same tokens. */
  readonly baseline: { readonly perplexity: number; readonly tokenAccuracy: number };
}

/** Scores a language model, and the one that its training started from or another one, on a split, and waits. */
export async function evaluateTokens(
  client: Operations,
  input: { modelId: string; datasetVersionId: string; split: string; tokens?: object },
): Promise<ScoredTokens> {
  const { id } = await client.mutate<{ id: string }>(
    /* GraphQL */ `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } ${problems} } }`,
    { tokens: {}, ...input },
  );
  const { scores } = await evaluated<{ scores: readonly [ScoredTokens] }>(
    client,
    id,
    /* GraphQL */ `scores {
      ... on TokenScores { exampleCount tokenCount perplexity tokenAccuracy baseline { perplexity tokenAccuracy } }
    }`,
  );
  return scores[0];
}

/** Waits for an evaluation. @param fields of it, to be returned */
async function evaluated<Scores>(client: Operations, id: string, fields: string): Promise<Scores> {
  for (;;) {
    const { node } = await client.request<{
      node: Scores & { status: string; problem: { message: string } | null };
    }>(
      /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on Evaluation { status problem { message } ${fields} } } }`,
      { id },
    );
    if (node.status === 'SUCCEEDED') return node;
    if (node.status === 'FAILED') throw new Error(`The evaluation failed: ${node.problem?.message}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The model that an experiment made. */
export async function findTrainedModel(client: Operations, experimentId: string): Promise<{ id: string }> {
  const { experiment } = await client.request<{ experiment: { model: { id: string } } }>(
    /* GraphQL */ `query ($id: ID!) { experiment(id: $id) { model { id } } }`,
    { id: experimentId },
  );
  return experiment.model;
}

export async function predict(client: Operations, modelId: string, texts: readonly string[]) {
  const prediction = await client.mutate<{
    texts: readonly { tasks: readonly { task: string; labels: readonly { label: string; probability: number }[] }[] }[];
  }>(
    /* GraphQL */ `mutation ($input: PredictInput!) {
      predict(input: $input) { ... on Prediction { texts { tasks { task labels { label probability } } } } ${problems} }
    }`,
    { modelId, texts },
  );
  return prediction.texts;
}
