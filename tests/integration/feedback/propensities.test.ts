import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClaimItemService } from '../../../src/feedback/claim-item.service.js';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { addFeedbackItems, createFeedbackTask, mutate } from '../../support/feedback.js';

/** The propensity that is stored of a pick is how often the item is picked: by what `claimFeedbackItem` calls. */

let api: TestApi;
let user: string;
beforeAll(async () => {
  api = await startTestApi();
  user = await insertUser(api.dataSource, 'ann', { roles: { [api.projectId]: 'ANNOTATOR' } });
});
afterAll(() => api?.[Symbol.asyncDispose]());

const items = 4;
const draws = 1000;

interface Pick {
  readonly position: number;
  readonly propensity: number;
}

/** Picks of a task of which nothing is answered, each as if it were the first. */
async function freshPicks(input: Record<string, unknown>): Promise<readonly Pick[]> {
  const task = await createFeedbackTask(api, { name: 'drawn', question: { thumbs: {} }, ...input });
  await addFeedbackItems(
    api,
    task,
    Array.from({ length: items }, (_, i) => ({ text: `text ${i}` })),
  );
  const taskId = parseGlobalId(task)!.uuid;
  const { claim } = createClaimItemService({ dataSource: api.dataSource, random: Math.random });
  const picks: Pick[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const { claimId } = await claim(taskId, user);
    const [pick]: Pick[] = await api.dataSource.query(
      `WITH gone AS (DELETE FROM feedback_claims WHERE id = $1 RETURNING item_id, propensity)
       SELECT i.position::int AS position, gone.propensity FROM gone JOIN feedback_items i ON i.id = gone.item_id`,
      [claimId],
    );
    picks.push(pick!);
  }
  return picks;
}

// Of 1,000 draws a frequency is further away than 4.5 standard deviations, 0.07 at most, once in 150,000.
const sure = (p: number) => 4.5 * Math.sqrt((p * (1 - p)) / draws);

test.each([
  { input: { randomShare: 0.5 }, told: [0.5 + 0.5 / items, 0.5 / items, 0.5 / items, 0.5 / items] },
  { input: { order: 'RANDOM' }, told: [0.25, 0.25, 0.25, 0.25] },
])('items are picked as often as they tell: $input', async ({ input, told }) => {
  const picks = await freshPicks(input);
  for (const [i, propensity] of told.entries()) {
    const own = picks.filter(({ position }) => position === i + 1);
    expect(own.every((pick) => Math.abs(pick.propensity - propensity) < 1e-9)).toBe(true);
    expect(Math.abs(own.length / draws - propensity)).toBeLessThan(sure(propensity));
  }
  // So that the mean over items of something, 0 of the first and 1 of the others, can be told from a few answers.
  const weighted = picks.map(({ position, propensity }) => (position === 1 ? 0 : 1 / propensity / items));
  const estimate = weighted.reduce((sum, each) => sum + each, 0) / draws;
  const variance = 0.75 / items / Math.min(...told) - 0.75 ** 2;
  expect(Math.abs(estimate - 0.75)).toBeLessThan(4.5 * Math.sqrt(variance / draws));
});

test('there is always a random share', async () => {
  const asked = { name: 'in order', question: { thumbs: {} }, randomShare: 0 };
  const refused = await mutate(api, 'createFeedbackTask', 'FeedbackTask { id }', asked);
  expect(refused.problems).toMatchObject([{ path: ['randomShare'], code: 'INVALID_VALUE' }]);
  const least = await mutate<{ randomShare: number }>(api, 'createFeedbackTask', 'FeedbackTask { randomShare }', {
    ...asked,
    randomShare: 0.01,
  });
  expect(least.randomShare).toBe(0.01);
});
