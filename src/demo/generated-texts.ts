import type { GraphQLClient } from './graphql-client.js';

const eventsDocument = /* GraphQL */ `
  subscription Follow($generationId: ID!, $afterSeq: Int! = 0) {
    generationEvents(generationId: $generationId, afterSeq: $afterSeq) {
      __typename
      ... on SequencedGenerationEvent { seq }
      ... on TokensGenerated { prompt text }
      ... on AnswerFinished { prompt finishReason }
      ... on GenerationEnded { status problem { message hint } }
    }
  }
`;

type GenerationEvent =
  | { __typename: 'GenerationStarted' }
  | { __typename: 'TokensGenerated'; prompt: number; text: string }
  | { __typename: 'AnswerFinished'; prompt: number }
  | { __typename: 'GenerationEnded'; status: string; problem: { message: string; hint: string | null } | null };

export interface GenerationSpeed {
  readonly firstTokenMs: number | null;
  readonly tokensPerSecond: number | null;
}

/** Asks a model to go on from a text, and passes its answer on as it is written. */
export async function generate(
  client: GraphQLClient,
  input: { modelId: string; prompt: string; maxTokens: number; stop: readonly string[]; sampling: object },
  onText: (text: string) => void,
): Promise<GenerationSpeed> {
  const { prompt, ...rest } = input;
  const { id } = await client.mutate<{ id: string }>(
    /* GraphQL */ `mutation ($input: GenerateInput!) {
      generate(input: $input) { ... on Generation { id } ... on Problems { problems { path code message hint } } }
    }`,
    { ...rest, prompts: [{ text: prompt }], wait: false },
  );
  for await (const { generationEvents: event } of client.subscribe<{ generationEvents: GenerationEvent }>(
    eventsDocument,
    { generationId: id },
  )) {
    if (event.__typename === 'TokensGenerated') onText(event.text);
    if (event.__typename === 'GenerationEnded' && event.status !== 'SUCCEEDED') {
      throw new Error(
        `The generation ended as ${event.status}: ${event.problem?.message} ${event.problem?.hint ?? ''}`,
      );
    }
  }
  const { node } = await client.request<{ node: { times: GenerationSpeed } }>(
    /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on Generation { times { firstTokenMs tokensPerSecond } } } }`,
    { id },
  );
  return node.times;
}
