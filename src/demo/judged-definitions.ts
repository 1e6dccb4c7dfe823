import { judgeDefinitions, wordCount } from './definition-judge.js';
import { openFeedbackTask } from './feedback-operations.js';
import type { GraphQLClient } from './graphql-client.js';
import { answerAll, type ScriptedAnnotator } from './scripted-annotators.js';

const problems = /* GraphQL */ `... on Problems { problems { path code message hint } }`;

/** How often one writer's definitions are preferred to those of another, ties as halves. Wilson's interval of 95 %. */
export interface WinRate {
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

/** A writer's definitions of the words that were compared. */
export interface Written {
  readonly winRate: WinRate;
  /** Words of a definition, as a mean. */
  readonly words: number;
}

const comparison = {
  question: { pairwise: {} },
  instructions: 'Prefer the **shorter** definition of three words or more that does not contain the word it defines.',
  overlap: { atLeast: 1 },
};

/** What a model writes: one line, with all of its distribution. */
export const writing = { maxTokens: 40, stop: ['\n'] } as const;

/** Has two definitions of each word that a model writes compared. @returns the id of the task */
export async function compareSamples(
  client: GraphQLClient,
  judges: readonly ScriptedAnnotator[],
  input: { name: string; modelId: string; datasetVersionId: string; split: string; most: number; seed: number },
): Promise<{ readonly id: string; readonly answers: number }> {
  const { name, modelId, datasetVersionId, split, most, seed } = input;
  const variants = [{ modelId, samples: 2, sampling: { temperature: 1, seed }, ...writing }];
  const { id } = await openFeedbackTask(client, {
    ...comparison,
    name,
    participants: judges.map(({ userId }) => userId),
    source: { generations: { datasetVersionId, split, promptColumn: 'prompt', variants, most } },
  });
  return { id, answers: await answerAll(judges, id, judgeDefinitions) };
}

/** Has the definitions of two models compared, a word each at a time. */
export async function compareModels(
  client: GraphQLClient,
  judge: ScriptedAnnotator,
  input: {
    name: string;
    modelId: string;
    againstId: string;
    datasetVersionId: string;
    split: string;
    most: number;
    seed: number;
  },
): Promise<Written> {
  const { name, modelId, againstId, datasetVersionId, split, most, seed } = input;
  const variant = (id: string, of: number) => ({ modelId: id, sampling: { temperature: 1, seed: of }, ...writing });
  const { id } = await openFeedbackTask(client, {
    ...comparison,
    name,
    participants: [judge.userId],
    source: {
      generations: {
        datasetVersionId,
        split,
        promptColumn: 'prompt',
        variants: [variant(modelId, seed), variant(againstId, seed + 1)],
        most,
      },
    },
  });
  await answerAll([judge], id, judgeDefinitions);
  return writtenOf(client, id, 'MODELS', (answer) => answer.model?.id === modelId);
}

/** Two definitions of a word, each with what it is called among the competitors. */
export interface GivenPair {
  readonly prompt: string;
  readonly modelId: string;
  readonly chosen: string;
  readonly other: string;
}

/**
 * Has definitions compared that one model wrote in two ways; equal ones are left out, as those of two models are.
 * @param way what the first way is called
 */
export async function compareWays(
  client: GraphQLClient,
  judge: ScriptedAnnotator,
  { name, way, pairs }: { name: string; way: string; pairs: readonly GivenPair[] },
): Promise<Written> {
  const task = await client.mutate<{ id: string }>(
    /* GraphQL */ `mutation ($input: CreateFeedbackTaskInput!) {
      createFeedbackTask(input: $input) { ... on FeedbackTask { id } ${problems} }
    }`,
    { ...comparison, name, participants: [judge.userId] },
  );
  const answer = (modelId: string, text: string, value: string) => ({
    text,
    modelId,
    settings: [{ name: 'way', value }],
  });
  await client.mutate(
    /* GraphQL */ `mutation ($input: AddFeedbackItemsInput!) {
      addFeedbackItems(input: $input) { ... on AddedFeedbackItems { count } ${problems} }
    }`,
    {
      taskId: task.id,
      items: pairs
        .filter(({ chosen, other }) => chosen !== other)
        .map(({ prompt, modelId, chosen, other }) => ({
          prompt: { text: prompt },
          answers: [answer(modelId, chosen, way), answer(modelId, other, 'one')],
        })),
    },
  );
  await answerAll([judge], task.id, judgeDefinitions);
  return writtenOf(client, task.id, 'ANSWER_SETTINGS', ({ settings }) => settings.some(({ value }) => value === way));
}

interface ComparedAnswer {
  readonly text: string;
  readonly model: { readonly id: string } | null;
  readonly settings: readonly { readonly name: string; readonly value: string }[];
}

interface Competitor extends Omit<ComparedAnswer, 'text'> {
  readonly key: string;
}

async function writtenOf(
  client: GraphQLClient,
  taskId: string,
  of: 'MODELS' | 'ANSWER_SETTINGS',
  isIts: (who: Omit<ComparedAnswer, 'text'>) => boolean,
): Promise<Written> {
  const { node } = await client.request<{ node: { ranking: { competitors: readonly Competitor[] } } }>(
    /* GraphQL */ `query ($id: ID!, $of: FeedbackRankedBy!) {
      node(id: $id) {
        ... on FeedbackTask { ranking(of: $of) { competitors { key model { id } settings { name value } } } }
      }
    }`,
    { id: taskId, of },
  );
  const { competitors } = node.ranking;
  const [own, other] = [competitors.find(isIts), competitors.find((who) => !isIts(who))];
  if (own === undefined || other === undefined) throw new Error('Two were to be compared.');
  const compared = await client.request<{ node: { winRate: WinRate } }>(
    /* GraphQL */ `query ($id: ID!, $of: FeedbackRankedBy!, $competitor: String!, $against: String!) {
      node(id: $id) {
        ... on FeedbackTask {
          winRate(of: $of, competitor: $competitor, against: $against) { rate lower upper wins losses ties }
        }
      }
    }`,
    { id: taskId, of, competitor: own.key, against: other.key },
  );
  const texts = (await answersOf(client, taskId)).filter(isIts).map(({ text }) => text);
  const words = texts.reduce((sum, text) => sum + wordCount(text), 0) / texts.length;
  return { winRate: compared.node.winRate, words };
}

interface ItemPage {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly nodes: readonly { readonly answers: readonly ComparedAnswer[] }[];
}

async function answersOf(client: GraphQLClient, taskId: string): Promise<ComparedAnswer[]> {
  const answers: ComparedAnswer[] = [];
  let page = await itemPage(client, taskId, null);
  for (;;) {
    answers.push(...page.nodes.flatMap((item) => item.answers));
    if (!page.pageInfo.hasNextPage) return answers;
    page = await itemPage(client, taskId, page.pageInfo.endCursor);
  }
}

async function itemPage(client: GraphQLClient, id: string, after: string | null): Promise<ItemPage> {
  const { node } = await client.request<{ node: { items: ItemPage } }>(
    /* GraphQL */ `query ($id: ID!, $after: String) {
      node(id: $id) {
        ... on FeedbackTask {
          items(first: 100, after: $after) {
            pageInfo { hasNextPage endCursor }
            nodes { answers { text model { id } settings { name value } } }
          }
        }
      }
    }`,
    { id, after },
  );
  return node.items;
}
