import { sha256Hex } from '../protocol/sha256-hex.js';
import { createGraphQLClient, type GraphQLClient } from './graphql-client.js';

/** A program that answers in place of a person: a service account of the project, with a key of its own. */
export interface ScriptedAnnotator {
  readonly userId: string;
  /** How often it says what is not so. */
  readonly errorRate: number;
  /** Acts as the service account. */
  readonly client: GraphQLClient;
  /** Uniform in [0, 1): the same for the same annotator and the same words, whenever and in whatever order it asks. */
  draw(words: string): number;
}

const problems = /* GraphQL */ `... on Problems { problems { path code message hint } }`;

/** Makes the accounts and their keys, which expire after a day. @param people their names are unique in the project */
export async function createAnnotators(
  client: GraphQLClient,
  people: readonly { readonly name: string; readonly errorRate: number; readonly seed: string }[],
): Promise<ScriptedAnnotator[]> {
  const { project } = await client.request<{ project: { slug: string } }>('{ project { slug } }');
  const annotators: ScriptedAnnotator[] = [];
  for (const { name, errorRate, seed } of people) {
    const { user } = await client.mutate<{ user: { id: string } }>(
      /* GraphQL */ `mutation ($input: CreateServiceAccountInput!) {
        createServiceAccount(input: $input) { ... on Member { user { id } } ${problems} }
      }`,
      { name, role: 'ANNOTATOR' },
    );
    const { secret } = await client.mutate<{ secret: string }>(
      /* GraphQL */ `mutation ($input: CreateApiKeyInput!) {
        createApiKey(input: $input) { ... on CreatedApiKey { secret } ${problems} }
      }`,
      {
        name,
        userId: user.id,
        projectSlug: project.slug,
        scopes: ['ANNOTATE'],
        expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
      },
    );
    annotators.push({
      userId: user.id,
      errorRate,
      client: createGraphQLClient(client.url, secret),
      draw: (words) => Number.parseInt(sha256Hex(`${seed}\n${words}`).slice(0, 8), 16) / 2 ** 32,
    });
  }
  return annotators;
}

/** Ends the accounts with their keys. What they answered stays. */
export async function removeAnnotators(client: GraphQLClient, annotators: readonly ScriptedAnnotator[]): Promise<void> {
  for (const annotator of annotators) {
    await annotator.client.close();
    await client.mutate(
      /* GraphQL */ `mutation ($input: RemoveMemberInput!) {
        removeMember(input: $input) { ... on Project { id } ${problems} }
      }`,
      { userId: annotator.userId },
    );
  }
}

/** What an annotator is given to judge. */
export interface ClaimedItem {
  readonly text: string | null;
  readonly prompt: { readonly text: string | null } | null;
  readonly answers: readonly { readonly key: string; readonly text: string }[];
}

/**
 * Annotators answer in turn, an item each, until the task has closed because its items are settled. The order is always
 * the same, so that who answers which item does not depend on how fast the machine is.
 * @param say what an annotator says of an item, as a `FeedbackValueInput`
 * @returns how many answers there were
 */
export async function answerAll(
  annotators: readonly ScriptedAnnotator[],
  taskId: string,
  say: (annotator: ScriptedAnnotator, item: ClaimedItem) => object,
): Promise<number> {
  let answers = 0;
  let idle = 0;
  for (let turn = 0; ; turn++) {
    const annotator = annotators[turn % annotators.length]!;
    const { claim } = await annotator.client.mutate<{
      claim: { readonly id: string; readonly item: ClaimedItem } | null;
    }>(
      /* GraphQL */ `mutation ($input: ClaimFeedbackItemInput!) {
        claimFeedbackItem(input: $input) {
          ... on ClaimedFeedbackItem { claim { id item { text prompt { text } answers { key text } } } } ${problems}
        }
      }`,
      { taskId },
    );
    if (claim === null) {
      idle += 1;
      if (idle === annotators.length) throw new Error('Nobody gets an item, and the task is still open.');
      continue;
    }
    idle = 0;
    const { task } = await annotator.client.mutate<{ task: { status: string } }>(
      /* GraphQL */ `mutation ($input: SubmitFeedbackInput!) {
        submitFeedback(input: $input) { ... on FeedbackAnswer { task { status } } ${problems} }
      }`,
      { claimId: claim.id, value: say(annotator, claim.item) },
    );
    answers += 1;
    if (task.status === 'CLOSED') return answers;
  }
}
