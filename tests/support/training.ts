import { createExperiment, findBaseModel } from '../../src/demo/operations.js';
import type { GraphQLClient } from './graphql-client.js';

const problems = '... on Problems { problems { path code message hint } }';

/**
 * Texts of two topics that can be told apart by their words, with a second label for multi-task runs. Every third row
 * lacks the second label.
 */
export function topicRows(count: number): { text: string; topic: string; mood: string | null }[] {
  const subjects = ['the goalkeeper', 'our striker', 'the soup', 'this recipe'];
  const verbs = ['was wonderful', 'was awful', 'surprised everyone', 'disappointed us'];
  const places = ['in the last match', 'at the stadium', 'from the old kitchen', 'with fresh basil'];
  return Array.from({ length: count }, (_, index) => {
    const subject = index % 4;
    const verb = Math.floor(index / 4) % 4;
    const place = (subject < 2 ? 0 : 2) + (Math.floor(index / 16) % 2);
    return {
      text: `${subjects[subject]} ${verbs[verb]} ${places[place]}, note ${index}`,
      topic: subject < 2 ? 'sport' : 'food',
      mood: index % 3 === 0 ? null : verb % 2 === 0 ? 'good' : 'bad',
    };
  });
}

export async function uploadRows(client: GraphQLClient, rows: readonly object[]): Promise<string> {
  const upload = await client.mutate<{ id: string; url: string }>(
    `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on Upload { id url } ${problems} } }`,
    { fileName: 'rows.jsonl', format: 'JSONL' },
  );
  await client.upload(upload.url, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return upload.id;
}

/** A dataset of `count` rows in three splits; returns its version's id. */
export async function createTopics(client: GraphQLClient, count: number, name = 'topics'): Promise<string> {
  const dataset = await client.mutate<{ latest: { id: string } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } ${problems} } }`,
    { name, uploadId: await uploadRows(client, topicRows(count)), split: { seed: 7, stratifyBy: 'topic' } },
  );
  return dataset.latest.id;
}

/** A short run with real weights: `rows / batchSize` optimizer steps an epoch, a checkpoint every third step. */
export async function startTopicRun(
  client: GraphQLClient,
  datasetVersionId: string,
  hyperparameters: Record<string, unknown> = {},
  options: Record<string, unknown> = {},
): Promise<string> {
  const baseModel = await findBaseModel(client, 'use-lite');
  const { id } = await createExperiment(client, {
    name: 'topics',
    baseModelId: baseModel.id,
    datasetVersionId,
    method: { supervised: { textColumn: 'text', labelColumn: 'topic' } },
    hyperparameters: { maxLength: 16, batchSize: 8, epochs: 2, checkpointEverySteps: 3, seed: 5, ...hyperparameters },
    ...options,
  });
  return id;
}

export type ExperimentEvent = { __typename: string; seq: number; attempt: number; step?: number; to?: string };

const eventFields = `__typename
  ... on StatusChanged { seq attempt to }
  ... on MetricsRecorded { seq attempt step }
  ... on CheckpointSaved { seq attempt step }
  ... on LogLine { seq attempt }
  ... on ProgressMade { seq attempt step }`;

/** All events after `afterSeq`, until the run has ended. */
export async function* watch(
  client: GraphQLClient,
  experimentId: string,
  afterSeq = 0,
): AsyncGenerator<ExperimentEvent> {
  for await (const { experimentEvents } of client.subscribe<{ experimentEvents: ExperimentEvent }>(
    `subscription ($id: ID!, $afterSeq: Int!) { experimentEvents(experimentId: $id, afterSeq: $afterSeq) { ${eventFields} } }`,
    { id: experimentId, afterSeq },
  )) {
    yield experimentEvents;
  }
}

/** Waits for the run's end and returns all its events. */
export async function allEvents(client: GraphQLClient, experimentId: string): Promise<ExperimentEvent[]> {
  const events: ExperimentEvent[] = [];
  for await (const event of watch(client, experimentId)) events.push(event);
  return events;
}

/** Waits until `matches` holds for an event. */
export async function firstEvent(
  client: GraphQLClient,
  experimentId: string,
  matches: (event: ExperimentEvent) => boolean,
): Promise<ExperimentEvent> {
  for await (const event of watch(client, experimentId)) {
    if (matches(event)) return event;
  }
  throw new Error('The run ended before the event came.');
}

export interface ExperimentState {
  readonly status: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly attempts: readonly {
    readonly attempt: number;
    readonly outcome: string | null;
    readonly resumedFromStep: number;
  }[];
  readonly metricSeries: readonly {
    readonly definition: { readonly key: string };
    readonly points: readonly { readonly step: number; readonly attempt: number; readonly value: number | null }[];
  }[];
  readonly model: { readonly id: string; readonly digest: string } | null;
}

export async function readExperiment(
  client: GraphQLClient,
  id: string,
  attempt: number | null = null,
): Promise<ExperimentState> {
  const { experiment } = await client.request<{ experiment: ExperimentState }>(
    `query ($id: ID!, $attempt: Int) {
      experiment(id: $id) {
        status
        problem { code message }
        attempts { attempt outcome resumedFromStep }
        metricSeries(maxPoints: 5000, attempt: $attempt) { definition { key } points { step attempt value } }
        model { id digest }
      }
    }`,
    { id, attempt },
  );
  return experiment;
}

export function pointsOf(state: ExperimentState, key: string) {
  return state.metricSeries.find((series) => series.definition.key === key)?.points ?? [];
}
