import type { GraphQLClient } from './graphql-client.js';

/** How often a reward model puts the better answer of a held-out pair first. The interval is of 95 %. */
export interface RewardEvidence {
  readonly pairs: number;
  readonly right: number;
  readonly low: number;
  readonly high: number;
}

/** What held-out pairs say of a reward model; null: nothing. */
export async function evidenceOf(client: GraphQLClient, modelId: string): Promise<RewardEvidence | null> {
  const { node } = await client.request<{ node: { allHeads: readonly { evidence?: RewardEvidence | null }[] } }>(
    /* GraphQL */ `query ($id: ID!) {
      node(id: $id) { ... on BaseModel { allHeads { ... on RewardHead { evidence { pairs right low high } } } } }
    }`,
    { id: modelId },
  );
  return node.allHeads.find(({ evidence }) => evidence != null)?.evidence ?? null;
}
