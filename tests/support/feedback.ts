import { parseGlobalId } from '../../src/graphql/global-id.js';
import type { TestApi } from './api.js';

type Api = Pick<TestApi, 'request'> & Partial<Pick<TestApi, 'send' | 'dataSource'>>;

interface Refusal {
  readonly problems?: readonly { readonly path: string[]; readonly code: string; readonly message: string }[];
}

const problems = '... on Problems { problems { path code message } }';

/** Runs an operation as whoever has the key; as the owner without one. Throws if it does not succeed. */
async function run<Data>(api: Api, query: string, variables: Record<string, unknown>, key?: string): Promise<Data> {
  if (key === undefined) return api.request<Data>(query, variables);
  const { body } = await api.send!<Data>(query, variables, key);
  if (body.errors !== undefined || body.data === null) throw new Error(JSON.stringify(body.errors));
  return body.data;
}

/** The result of a mutation, and what is wrong in place of it. */
export async function mutate<Result extends object>(
  api: Api,
  mutation: string,
  selection: string,
  input: Record<string, unknown>,
  key?: string,
  inputType = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`.replace(
    /^(Pause|Resume|Close)FeedbackTaskInput$/,
    'FeedbackTaskActionInput',
  ),
): Promise<Result & Refusal> {
  const data = await run<Record<string, Result & Refusal>>(
    api,
    `mutation ($input: ${inputType}!) { ${mutation}(input: $input) { ... on ${selection} ${problems} } }`,
    { input },
    key,
  );
  return data[mutation]!;
}

function accepted<Result extends object>(result: Result & Refusal): Result {
  if (result.problems !== undefined) throw new Error(JSON.stringify(result.problems));
  return result;
}

/**
 * Creates a task; returns its id. With `randomShare: 0`, which the API refuses, items come in the task's order alone,
 * so that a test knows which one comes.
 */
export async function createFeedbackTask(
  api: Api,
  { randomShare, ...input }: Record<string, unknown>,
): Promise<string> {
  const asked = randomShare === undefined || randomShare === 0 ? input : { ...input, randomShare };
  const { id } = accepted(await mutate<{ id: string }>(api, 'createFeedbackTask', 'FeedbackTask { id }', asked));
  if (randomShare === 0) {
    await api.dataSource!.query('UPDATE feedback_tasks SET random_share = 0 WHERE id = $1', [parseGlobalId(id)!.uuid]);
  }
  return id;
}

export async function addFeedbackItems(
  api: Api,
  taskId: string,
  items: readonly Record<string, unknown>[],
): Promise<{ firstPosition: number; lastPosition: number }> {
  const selection = 'AddedFeedbackItems { firstPosition lastPosition }';
  return accepted(await mutate(api, 'addFeedbackItems', selection, { taskId, items }));
}

interface TestClaim {
  readonly id: string;
  readonly expiresAt: string;
  readonly item: {
    readonly prompt: { readonly text: string | null } | null;
    readonly text: string | null;
    readonly answers: readonly { readonly key: string; readonly text: string }[];
  };
  readonly instructions: { readonly version: number; readonly text: string };
}

export interface TestClaimed {
  readonly claim: TestClaim | null;
  readonly nothing: string | null;
  readonly askAgainAt: string | null;
  readonly answered: number;
}

const claimed = `ClaimedFeedbackItem { nothing askAgainAt answered
  claim { id expiresAt item { prompt { text } text answers { key text } } instructions { version text } } }`;

/** What a person who asks for an item gets: the owner, or whoever has the key. */
export async function claimItem(api: Api, taskId: string, key?: string): Promise<TestClaimed> {
  return accepted(await mutate<TestClaimed>(api, 'claimFeedbackItem', claimed, { taskId }, key));
}

export interface TestAnswer {
  readonly id: string;
  readonly late: boolean;
  readonly changes: readonly { readonly number: number }[];
}

export function trySubmit(
  api: Api,
  claimId: string,
  value: Record<string, unknown>,
  comment?: string,
  key?: string,
): Promise<TestAnswer & Refusal> {
  const selection = 'FeedbackAnswer { id late changes { number } }';
  return mutate<TestAnswer>(api, 'submitFeedback', selection, { claimId, value, ...(comment && { comment }) }, key);
}

export async function submitFeedback(
  api: Api,
  claimId: string,
  value: Record<string, unknown>,
  comment?: string,
  key?: string,
): Promise<TestAnswer> {
  return accepted(await trySubmit(api, claimId, value, comment, key));
}
