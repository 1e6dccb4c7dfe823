import type { GraphQLClient } from './graphql-client.js';

const problems = /* GraphQL */ `... on Problems { problems { path code message hint } }`;

/** What a model wrote to a prompt, the best first by its rewards. */
export interface ScoredPrompt {
  readonly prompt: string;
  /** `sample` is its place in the order of the draw, from 0. */
  readonly samples: readonly { readonly sample: number; readonly text: string; readonly reward: number | null }[];
}

interface PromptPage {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly nodes: readonly {
    readonly prompt: { readonly text: string | null };
    readonly samples: ScoredPrompt['samples'];
  }[];
}

/** What a model wrote to prompts, and the id of the batch. */
export interface ScoredSamples {
  readonly id: string;
  readonly prompts: readonly ScoredPrompt[];
}

/** Has a model write several answers to each prompt, and rewards score them. */
export async function scoreSamples(client: GraphQLClient, input: Record<string, unknown>): Promise<ScoredSamples> {
  const { id } = await client.mutate<{ id: string }>(
    /* GraphQL */ `mutation ($input: ScoreSamplesInput!) {
      scoreSamples(input: $input) { ... on ScoredSamples { id } ${problems} }
    }`,
    input,
  );
  for await (const { scoredSamplesChanged: changed } of client.subscribe<{
    scoredSamplesChanged: { status: string; problem: { message: string } | null };
  }>(/* GraphQL */ `subscription ($id: ID!) { scoredSamplesChanged(samplesId: $id) { status problem { message } } }`, {
    id,
  })) {
    if (changed.status === 'FAILED') throw new Error(`No samples were scored: ${changed.problem?.message}`);
  }
  const prompts: ScoredPrompt[] = [];
  let page = await promptPage(client, id, null);
  for (;;) {
    prompts.push(...page.nodes.map(({ prompt, samples }) => ({ prompt: prompt.text!, samples })));
    if (!page.pageInfo.hasNextPage) return { id, prompts };
    page = await promptPage(client, id, page.pageInfo.endCursor);
  }
}

async function promptPage(client: GraphQLClient, id: string, after: string | null): Promise<PromptPage> {
  const { node } = await client.request<{ node: { prompts: PromptPage } }>(
    /* GraphQL */ `query ($id: ID!, $after: String) {
      node(id: $id) {
        ... on ScoredSamples {
          prompts(first: 100, after: $after) {
            pageInfo { hasNextPage endCursor }
            nodes { prompt { text } samples { sample text reward } }
          }
        }
      }
    }`,
    { id, after },
  );
  return node.prompts;
}
