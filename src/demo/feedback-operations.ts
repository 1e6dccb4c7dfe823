import type { GraphQLClient } from './graphql-client.js';

const problems = /* GraphQL */ `... on Problems { problems { path code message hint } }`;

/** Creates a task whose items a worker makes, and waits until people can answer it. */
export async function openFeedbackTask(client: GraphQLClient, input: Record<string, unknown>): Promise<{ id: string }> {
  const { id } = await client.mutate<{ id: string }>(
    /* GraphQL */ `mutation ($input: CreateFeedbackTaskInput!) {
      createFeedbackTask(input: $input) { ... on FeedbackTask { id } ${problems} }
    }`,
    input,
  );
  for await (const { feedbackActivity: event } of client.subscribe<{ feedbackActivity: { to?: string } }>(
    /* GraphQL */ `subscription ($id: ID!, $afterSeq: BigInt! = 0) {
      feedbackActivity(taskId: $id, afterSeq: $afterSeq) {
        __typename
        ... on SequencedFeedbackEvent { seq }
        ... on FeedbackStatusChanged { to }
      }
    }`,
    { id },
  )) {
    if (event.to === 'OPEN') return { id };
    if (event.to === 'FAILED') break;
  }
  const { node } = await client.request<{ node: { problem: { message: string; hint: string | null } | null } }>(
    /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { problem { message hint } } } }`,
    { id },
  );
  throw new Error(`No items were made: ${node.problem?.message} ${node.problem?.hint ?? ''}`);
}

/** What people said of an item that was asked about a text. */
export interface JudgedItem {
  readonly text: string;
  /** Null: as many people said one thing as another. */
  readonly majority: string | null;
  /** By Dawid and Skene's model, with a matrix of errors for each person, or with one accuracy. */
  readonly byMatrices: string | null;
  readonly byOneCoin: string | null;
}

/** Krippendorff's α with an interval of 95 % over items. */
export interface Alpha {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** How far people agree in a task, and what is likely right of each item. */
export async function judgementOf(
  client: GraphQLClient,
  taskId: string,
): Promise<{ readonly alpha: Alpha; readonly items: readonly JudgedItem[] }> {
  const items: JudgedItem[] = [];
  let page = await judgementPage(client, taskId, null);
  for (;;) {
    const { agreement, byMatrices, byOneCoin } = page;
    // Both lists have the same items in the same order.
    for (const [i, { item, majority, category }] of byMatrices.nodes.entries()) {
      items.push({ text: item.text, majority, byMatrices: category, byOneCoin: byOneCoin.nodes[i]!.category });
    }
    if (!byMatrices.pageInfo.hasNextPage) return { alpha: agreement.alpha, items };
    page = await judgementPage(client, taskId, byMatrices.pageInfo.endCursor);
  }
}

async function judgementPage(client: GraphQLClient, id: string, after: string | null): Promise<JudgementPage> {
  const { node } = await client.request<{ node: JudgementPage }>(
    /* GraphQL */ `query ($id: ID!, $after: String) {
      node(id: $id) {
        ... on FeedbackTask {
          agreement { alpha { value lower upper } }
          byMatrices: likelyAnswers(first: 100, after: $after, method: CONFUSION) {
            pageInfo { hasNextPage endCursor }
            nodes { item { text } majority category }
          }
          byOneCoin: likelyAnswers(first: 100, after: $after, method: ONE_COIN) { nodes { category } }
        }
      }
    }`,
    { id, after },
  );
  return node;
}

interface JudgementPage {
  readonly agreement: { readonly alpha: Alpha };
  readonly byMatrices: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly nodes: readonly {
      readonly item: { readonly text: string };
      readonly majority: string | null;
      readonly category: string | null;
    }[];
  };
  readonly byOneCoin: { readonly nodes: readonly { readonly category: string | null }[] };
}

interface PreparationState {
  readonly status: string;
  readonly problems: readonly { readonly message: string }[];
  readonly datasetVersion: {
    readonly id: string;
    readonly exampleCount: number;
    readonly dataset: { readonly id: string };
  } | null;
}

/** Makes a dataset version of what people answered, and waits for it. */
export async function datasetOfAnswers(client: GraphQLClient, input: Record<string, unknown>): Promise<MadeVersion> {
  const { id } = await client.mutate<{ id: string }>(
    /* GraphQL */ `mutation ($input: CreateDatasetFromFeedbackInput!) {
      createDatasetFromFeedback(input: $input) { ... on Preparation { id } ${problems} }
    }`,
    input,
  );
  return untilMade(client, id);
}

/** A dataset version that a preparation made. */
export interface MadeVersion {
  readonly id: string;
  readonly exampleCount: number;
  readonly datasetId: string;
}

/** Waits until a preparation has made its version. */
export async function untilMade(client: GraphQLClient, preparationId: string): Promise<MadeVersion> {
  let last: PreparationState | null = null;
  for await (const { preparationChanged } of client.subscribe<{ preparationChanged: PreparationState }>(
    /* GraphQL */ `subscription ($id: ID!) {
      preparationChanged(preparationId: $id) {
        status problems { message } datasetVersion { id exampleCount dataset { id } }
      }
    }`,
    { id: preparationId },
  )) {
    last = preparationChanged;
  }
  const version = last?.datasetVersion;
  if (version == null)
    throw new Error(`No dataset was made: ${last?.problems.map(({ message }) => message).join(' ')}`);
  return { id: version.id, exampleCount: version.exampleCount, datasetId: version.dataset.id };
}

/** Makes the next version of a dataset, whose splits are the rows of other versions. */
export async function joinVersions(
  client: GraphQLClient,
  datasetId: string,
  parts: readonly { readonly datasetVersionId: string; readonly split: string }[],
): Promise<{ id: string }> {
  return client.mutate(
    /* GraphQL */ `mutation ($input: JoinDatasetVersionsInput!) {
      joinDatasetVersions(input: $input) { ... on DatasetVersion { id } ${problems} }
    }`,
    { datasetId, parts },
  );
}
