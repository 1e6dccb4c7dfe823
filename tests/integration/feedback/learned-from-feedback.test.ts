import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJudgement } from '../../../src/conversations/judgement.js';
import type { PreferenceForm } from '../../../src/protocol/preference-form.js';
import { addFeedbackItems, claimItem, createFeedbackTask, mutate, submitFeedback } from '../../support/feedback.js';
import { type ApiWithData, startApiWithData } from '../../support/head-data.js';

/** What people answer is what reward models learn from: from the first item to the spec of an experiment. */

let data: ApiWithData;
beforeAll(async () => {
  data = await startApiWithData();
});
afterAll(() => data?.[Symbol.asyncDispose]());

const prompts = Array.from({ length: 24 }, (_, i) => `What is thing number ${i}?`);

/** A task in which the owner prefers the good answer, with strengths from 1 to 3, and says `last` of the last item. */
async function answeredPairs(
  prompt: (text: string) => Record<string, unknown>,
  last: Record<string, unknown> = { outcome: 'BOTH_GOOD' },
): Promise<string> {
  const task = await createFeedbackTask(data.api, {
    name: 'which is better?',
    question: { pairwise: { strengths: 3 } },
    randomShare: 0,
    ends: { itemsSettled: false },
  });
  const items = prompts.map((text) => ({
    prompt: prompt(text),
    answers: [
      { key: 'a', text: `A good answer to ${text}` },
      { key: 'b', text: `Bad: ${text}` },
    ],
  }));
  await addFeedbackItems(data.api, task, items);
  for (let i = 0; i < prompts.length; i++) {
    const { claim } = await claimItem(data.api, task);
    const value = i === prompts.length - 1 ? last : { preferred: 'a', strength: (i % 3) + 1 };
    await submitFeedback(data.api, claim!.id, { pairwise: value });
  }
  return task;
}

async function versionOf(input: Record<string, unknown>): Promise<string> {
  const { createDatasetFromFeedback: queued } = await data.api.request<{ createDatasetFromFeedback: { id: string } }>(
    `mutation ($input: CreateDatasetFromFeedbackInput!) { createDatasetFromFeedback(input: $input) {
       ... on Preparation { id } ... on Problems { problems { message } } } }`,
    { input },
  );
  const changes = data.api.connect().iterate<{ preparationChanged: { datasetVersion: { id: string } | null } }>({
    query: 'subscription ($id: ID!) { preparationChanged(preparationId: $id) { datasetVersion { id } } }',
    variables: { id: queued.id },
  });
  let version: string | null = null;
  for await (const { data: seen } of changes) version = seen?.preparationChanged.datasetVersion?.id ?? version;
  return version!;
}

async function specOf(version: string, rewardModelling: object): Promise<{ preference: PreferenceForm }> {
  const { id, problems } = await data.create({ datasetVersionId: version, method: { rewardModelling } });
  expect(problems).toBeUndefined();
  return (await data.specOf(id)) as { preference: PreferenceForm };
}

/** The judgements of all rows of a version, as the worker reads them. */
async function judgementsOf(version: string, form: PreferenceForm) {
  const { node } = await data.api.request<{ node: { examples: { nodes: { values: Record<string, unknown> }[] } } }>(
    `query ($id: ID!) { node(id: $id) { ... on DatasetVersion { examples(first: 100) { nodes { values } } } } }`,
    { id: version },
  );
  return node.examples.nodes.map(({ values }) => {
    const texts = Object.entries(values).map(([column, value]) => {
      const text = value === null ? null : typeof value === 'object' ? JSON.stringify(value) : String(value);
      return [column, text] as const;
    });
    return readJudgement(Object.fromEntries(texts), form);
  });
}

describe('comparisons of people', () => {
  test('become pairs by the roles of their columns, with strengths and soft labels by their names', async () => {
    const task = await answeredPairs((text) => ({ text }), { preferred: 'a', strength: 3 });
    // Posteriors need something that tells how the only person errs.
    const { node } = await data.api.request<{ node: { items: { nodes: { id: string }[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { items(first: 1) { nodes { id } } } } }',
      { id: task },
    );
    const decision = { itemId: node.items.nodes[0]!.id, value: { pairwise: { preferred: 'a', strength: 1 } } };
    await mutate(data.api, 'adjudicateFeedbackItem', 'FeedbackItem { id }', decision);
    const input = { taskIds: [task], name: 'pairs', policy: { posterior: {} } };
    const version = await versionOf(input);
    const byRoles = await specOf(version, {});
    const columns = { promptColumn: 'prompt', chosenColumn: 'chosen', rejectedColumn: 'rejected' };
    expect(byRoles.preference).toEqual({
      kind: 'pairs',
      ...columns,
      strengthColumn: null,
      probabilityColumn: null,
    });
    const named = { ...columns, strengthColumn: 'strength', probabilityColumn: 'chosenProbability' };
    const { preference } = await specOf(version, { preference: { pairs: named } });
    const judgements = await judgementsOf(version, preference);
    expect(judgements).toHaveLength(prompts.length);
    for (const judgement of judgements) {
      if (judgement.kind !== 'pairs') throw new Error(`It is ${judgement.kind}.`);
      const { exchanges, strength, probability } = judgement;
      const [chosen, rejected] = exchanges.map(({ plain }) => plain!);
      expect(prompts).toContain(chosen!.prompt);
      expect(rejected!.prompt).toBe(chosen!.prompt);
      expect(chosen!.completion).toBe(`A good answer to ${chosen!.prompt}`);
      expect(rejected!.completion).toBe(`Bad: ${chosen!.prompt}`);
      expect(strength).toBe((prompts.indexOf(chosen!.prompt) % 3) + 1);
      expect(probability).toBeGreaterThan(0.5);
    }
  });

  test('of conversations become pairs of conversations', async () => {
    const task = await answeredPairs((text) => ({ messages: [{ role: 'user', content: text }] }));
    const version = await versionOf({ taskIds: [task], name: 'chats', policy: { majority: {} } });
    const model = { baseModelId: data.bert };
    const { id, problems } = await data.create({
      ...model,
      datasetVersionId: version,
      method: { rewardModelling: {} },
    });
    expect(problems).toBeUndefined();
    const { preference } = (await data.specOf(id)) as { preference: PreferenceForm };
    const judgements = await judgementsOf(version, preference);
    // Nothing is better of the last prompt.
    expect(judgements).toHaveLength(prompts.length - 1);
    const [first] = judgements;
    const [chosen, rejected] = first!.exchanges;
    expect(chosen!.turns!.map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(chosen!.turns![1]!.content).toBe(`A good answer to ${chosen!.turns![0]!.content}`);
    expect(rejected!.turns![1]!.content).toBe(`Bad: ${chosen!.turns![0]!.content}`);
  });

  test('unpaired become thumbs, both good ones two of them', async () => {
    const task = await answeredPairs((text) => ({ text }));
    const version = await versionOf({ taskIds: [task], name: 'thumbs', unpaired: true, policy: { majority: {} } });
    const { preference } = await specOf(version, {});
    expect(preference).toEqual({
      kind: 'thumbs',
      promptColumn: 'prompt',
      completionColumn: 'completion',
      thumbColumn: 'label',
    });
    const judgements = await judgementsOf(version, preference);
    expect(judgements).toHaveLength(2 * prompts.length);
    const good = judgements.filter((each) => each.kind === 'thumbs' && each.isGood);
    expect(good).toHaveLength(prompts.length + 1);
  });
});
