import { parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment } from '../../support/runs.js';

interface Tab {
  readonly initialName: string;
  readonly initialQuery: string;
  readonly initialSubscriptionRequestHandlerId: string;
}

let api: TestApi;
let tabs: readonly Tab[];
let options: { readonly endpointURL: string; readonly subscriptionsEndpoint: string };
beforeAll(async () => {
  api = await startTestApi();
  const script = await (await fetch(`${api.url}/initial_options.js`)).text();
  const page = { init: (given: typeof options & { initialWindows: readonly Tab[] }) => given };
  const given = new Function('AltairGraphQL', script.replace('AltairGraphQL.init', 'return AltairGraphQL.init'))(page);
  options = given;
  tabs = given.initialWindows;
});
afterAll(() => api?.close());

const queryOf = (name: string): string => tabs.find(({ initialName }) => initialName === name)!.initialQuery;

test('a tab of the explorer has one operation: with several, the button to send sends none', () => {
  expect(tabs.map(({ initialName }) => initialName)).toEqual(['Watch', 'Overview']);
  for (const { initialQuery } of tabs) expect(parse(initialQuery).definitions).toHaveLength(1);
});

test('the tab that is open runs as it is, in a project that holds nothing yet', async () => {
  expect(options.endpointURL).toBe('/graphql');
  const { status, body } = await api.send(queryOf('Overview'));
  expect([status, body]).toMatchObject([
    200,
    { data: { project: { name: 'Default', datasets: { nodes: [] }, experiments: { nodes: [] } } } },
  ]);
  expect(body).not.toHaveProperty('errors');
});

test('the other tab follows the project over graphql-ws, without an id that one had to fill in', async () => {
  expect(options.subscriptionsEndpoint).toBe('/graphql');
  expect(tabs.map((tab) => tab.initialSubscriptionRequestHandlerId)).toEqual(['graphql-ws', 'graphql-ws']);
  const events = api.connect().iterate({ query: queryOf('Watch') });
  let isFirst = false;
  const first = events.next().finally(() => {
    isFirst = true;
  });
  // It begins when the server has taken it: what happens before is not told.
  for (let index = 0; !isFirst; index += 1) await createTestExperiment(api, { name: `experiment ${index}` });
  const { value } = await first;
  expect(value).toEqual({ data: { projectActivity: expect.objectContaining({ __typename: expect.any(String) }) } });
  await events.return!();
});
