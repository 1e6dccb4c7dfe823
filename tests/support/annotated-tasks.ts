import { parseGlobalId } from '../../src/graphql/global-id.js';
import { insertKey, insertUser } from './access.js';
import { startTestApi, type TestApi } from './api.js';
import { addFeedbackItems, claimItem, createFeedbackTask, submitFeedback, type TestAnswer } from './feedback.js';

/** What a thumb says. */
export const up = { thumbs: { up: true } };
export const down = { thumbs: { up: false } };

interface TaskFacts {
  status: string;
  closedReason: string | null;
  counts: Record<
    'items' | 'settled' | 'answers' | 'skipped' | 'flagged' | 'gold' | 'goldAnswers' | 'held' | 'repeats',
    number
  >;
  events: { events: { __typename: string; seq: number }[] };
}

/** An API with three annotators, and what they do in tasks. */
export interface AnnotationRoom extends AsyncDisposable {
  readonly api: TestApi;
  /** Keys of three annotators. */
  readonly ann: string;
  readonly bob: string;
  readonly cleo: string;
  /** Creates a task about so many texts, which are called `text 1`, `text 2`, … Default: thumbs, none at random. */
  taskOf(count: number, input?: Record<string, unknown>): Promise<string>;
  facts(task: string): Promise<TaskFacts>;
  /** The text that a person gets; null: none. */
  textOf(task: string, key: string): Promise<string | null>;
  /** Claims an item, and answers it. Default: a thumb up. */
  answer(
    task: string,
    key: string,
    value?: Record<string, unknown>,
  ): Promise<TestAnswer & { readonly text: string | null; readonly claimId: string }>;
  isCounted(answerId: string): Promise<boolean>;
  /** Lets the leases of a task end, as if their time were over. */
  expire(task: string): Promise<unknown>;
}

export async function openAnnotationRoom(): Promise<AnnotationRoom> {
  const api = await startTestApi();
  const annotator = async (name: string): Promise<string> => {
    const user = await insertUser(api.dataSource, name, { roles: { [api.projectId]: 'ANNOTATOR' } });
    return (await insertKey(api.dataSource, user)).secret;
  };
  return {
    api,
    ann: await annotator('ann'),
    bob: await annotator('bob'),
    cleo: await annotator('cleo'),
    async taskOf(count, input = {}) {
      const task = await createFeedbackTask(api, { name: 'test', question: { thumbs: {} }, randomShare: 0, ...input });
      const items = Array.from({ length: count }, (_, i) => ({ text: `text ${i + 1}` }));
      if (count > 0) await addFeedbackItems(api, task, items);
      return task;
    },
    async facts(task) {
      const { node } = await api.request<{ node: TaskFacts }>(
        `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { status closedReason
           counts { items settled answers skipped flagged gold goldAnswers held repeats }
           events(first: 1000) { events { __typename ... on SequencedFeedbackEvent { seq } } } } } }`,
        { id: task },
      );
      return node;
    },
    textOf: async (task, key) => (await claimItem(api, task, key)).claim?.item.text ?? null,
    async answer(task, key, value = up) {
      const { claim } = await claimItem(api, task, key);
      const answered = await submitFeedback(api, claim!.id, value, undefined, key);
      return { ...answered, text: claim!.item.text, claimId: claim!.id };
    },
    async isCounted(answerId) {
      const { node } = await api.request<{ node: { isCounted: boolean } }>(
        'query ($id: ID!) { node(id: $id) { ... on FeedbackAnswer { isCounted } } }',
        { id: answerId },
      );
      return node.isCounted;
    },
    expire: (task) =>
      api.dataSource.query(`UPDATE feedback_claims SET expires_at = now() - interval '1 second' WHERE task_id = $1`, [
        parseGlobalId(task)!.uuid,
      ]),
    [Symbol.asyncDispose]: () => api.close(),
  };
}
