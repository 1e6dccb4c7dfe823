import { untilMade } from './feedback-operations.js';
import type { GraphQLClient } from './graphql-client.js';
import { evaluateTokens } from './operations.js';

const problems = /* GraphQL */ `... on Problems { problems { path code message hint } }`;

/**
 * The Kullback–Leibler divergence of a policy from where it started, in nats a text: how much likelier the policy finds
 * what it wrote than the start does, as a mean over its samples.
 * @param samplesId what the policy wrote with all of its distribution
 */
export async function divergenceOf(
  client: GraphQLClient,
  { name, samplesId, modelId, startId }: { name: string; samplesId: string; modelId: string; startId: string },
): Promise<number> {
  const { id } = await client.mutate<{ id: string }>(
    /* GraphQL */ `mutation ($input: CreateDatasetFromSamplesInput!) {
      createDatasetFromSamples(input: $input) { ... on Preparation { id } ${problems} }
    }`,
    { name, samplesId, rows: 'ALL', withCut: true, fractions: [{ name: 'test', fraction: 1 }] },
  );
  const written = await untilMade(client, id);
  const { exampleCount, tokenCount, perplexity, baseline } = await evaluateTokens(client, {
    modelId,
    datasetVersionId: written.id,
    split: 'test',
    tokens: {
      baselineId: startId,
      conversation: { promptCompletion: { promptColumn: 'prompt', completionColumn: 'completion' } },
    },
  });
  return (Math.log(baseline.perplexity / perplexity) * tokenCount) / exampleCount;
}
