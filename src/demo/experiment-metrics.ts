import type { GraphQLClient } from './graphql-client.js';

/** The newest values of an experiment's metrics, by key; those that are not finite, or were not measured, are left out. */
export async function newestMetrics(
  client: GraphQLClient,
  experimentId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { experiment } = await client.request<{
    experiment: { summary: readonly { definition: { key: string }; value: number | null }[] };
  }>(
    /* GraphQL */ `query ($id: ID!, $keys: [String!]) {
      experiment(id: $id) { summary(keys: $keys) { definition { key } value } }
    }`,
    { id: experimentId, keys },
  );
  return new Map(
    experiment.summary.flatMap(({ definition, value }) => (value === null ? [] : [[definition.key, value]])),
  );
}

/** How often a reward model puts the better answer of a held-out pair first. Wilson's interval of 95 %. */
export interface RewardEvidence {
  readonly pairs: number;
  readonly right: number;
  readonly low: number;
  readonly high: number;
}

/** What held-out pairs say of a reward model; null: nothing. */
export async function evidenceOf(client: GraphQLClient, modelId: string): Promise<RewardEvidence | null> {
  const { node } = await client.request<{ node: { heads: readonly { evidence?: RewardEvidence | null }[] } }>(
    /* GraphQL */ `query ($id: ID!) {
      node(id: $id) { ... on BaseModel { heads { ... on RewardHead { evidence { pairs right low high } } } } }
    }`,
    { id: modelId },
  );
  return node.heads.find(({ evidence }) => evidence != null)?.evidence ?? null;
}
