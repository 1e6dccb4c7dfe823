import {
  buildSchema,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLObjectType,
  type GraphQLSchema,
  parse,
  subscribe,
} from 'graphql';
import { beforeEach, expect, test } from 'vitest';
import type { GraphQLContext } from '../../../src/access/context.js';
import { fixedRights, type Rights } from '../../../src/access/live-rights.js';
import type { Role } from '../../../src/access/rights.js';
import { localViewer, may, type Viewer } from '../../../src/access/viewer.js';
import { batched } from '../../../src/events/batched.js';
import { answersEvent } from '../../../src/graphql/answers-event.js';
import { answerScope } from '../../../src/server/live/answer-scope.js';
import { createSharedAnswers, type SharedAnswers } from '../../../src/server/live/shared-answers.js';
import { beginSubscription } from '../../../src/server/live/subscriptions.js';

interface Event {
  readonly seq: number;
  readonly text: string;
  readonly owner: string;
  readonly parts: readonly { readonly name: string }[];
}

const project = 'p';
const schema: GraphQLSchema = buildSchema(/* GraphQL */ `
  type Query { none: Int }
  type Subscription { events(after: Int = 0, only: [String!]): Event!  own(after: Int = 0): Event! }
  interface Numbered { seq: Int! }
  type Event implements Numbered { seq: Int!  text(upper: Boolean): String!  owner: String  parts: [Part!]!  secret: String  state: Int! }
  type Part { name: String! }
`);

let stored: Event[];
/** The present state of what events are about. */
let state: number;

const root = schema.getSubscriptionType()!.getFields();
const feedOf = (after: number, only: readonly string[] | null) => {
  const rest = stored.filter(({ seq, text }) => seq > after && (only === null || only.includes(text)));
  return batched<Event>({
    take: (most) => (rest.length === 0 ? 'ended' : rest.splice(0, most)),
    async end() {
      rest.length = 0;
    },
  });
};
root.events!.extensions = answersEvent;
root.events!.subscribe = (_root, { after, only }) => feedOf(after, only ?? null);
root.events!.resolve = (event) => event;
root.own!.subscribe = (_root, { after }) => feedOf(after, null);
root.own!.resolve = (event, { after }) => ({ ...event, text: `after ${after}` });
const fields = (schema.getType('Event') as GraphQLObjectType).getFields();
fields.owner!.resolve = async ({ owner }: Event, _args, { viewer }: GraphQLContext) =>
  viewer.administrator || viewer.name === owner ? owner : null;
fields.secret!.resolve = ({ text }: Event, _args, { viewer }: GraphQLContext) => {
  if (!may(viewer, 'ADMINISTER', project)) throw new Error('not for you');
  return text;
};
fields.state!.resolve = async () => state;

let shared: SharedAnswers;
beforeEach(() => {
  state = 1;
  stored = Array.from({ length: 40 }, (_, i) => ({
    seq: i + 1,
    text: 'abc'[i % 3]!,
    owner: ['ann', 'ben'][i % 2]!,
    parts: [{ name: `part ${i}` }],
  }));
  shared = createSharedAnswers({ createContext: contextOf, tell: ({ message, path }) => ({ message, path: path! }) });
});

function contextOf(rights: Rights): GraphQLContext {
  return {
    get viewer() {
      return rights.viewer;
    },
    rights,
  } as GraphQLContext;
}

function viewer(name: string, role: Role | null): Viewer {
  const roles = new Map(role === null ? [] : [[project, role] as const]);
  return { ...localViewer, userId: name, name, administrator: false, roles };
}

const argsFor = (query: string, variableValues: Record<string, unknown>, who: Viewer): ExecutionArgs => ({
  schema,
  document: parse(query),
  variableValues,
  contextValue: contextOf(fixedRights(who)),
});

/** What a subscriber with a client that reads at once gets. */
async function delivered(args: ExecutionArgs): Promise<unknown[]> {
  const begun = await beginSubscription(args, shared);
  if ('errors' in begun) throw new Error(String(begun.errors));
  const got: unknown[] = [];
  const write = (answers: readonly Buffer[]) => got.push(...answers.map((answer) => JSON.parse(String(answer))));
  await begun.deliverTo({ hasRoom: () => true, onRoom: () => undefined, write }).done;
  return got;
}

/** What graphql-js alone gives. */
async function plain(args: ExecutionArgs): Promise<unknown[]> {
  const got: unknown[] = [];
  for await (const result of (await subscribe(args)) as AsyncGenerator<ExecutionResult>) {
    const { errors, ...rest } = result;
    const told = errors?.map(({ message, path }) => ({ message, path }));
    got.push(JSON.parse(JSON.stringify(told === undefined ? rest : { ...rest, errors: told })));
  }
  return got;
}

const documents = [
  'subscription ($after: Int) { events(after: $after) { seq text } }',
  'subscription ($after: Int) { events(after: $after) { __typename ... on Numbered { seq } parts { name } } }',
  'subscription ($after: Int, $up: Boolean = true) { events(after: $after) { seq text(upper: $up) } }',
  'subscription ($after: Int, $with: Boolean = false) { events(after: $after) { seq owner @include(if: $with) } }',
  'subscription ($after: Int) { events(after: $after) { seq secret } }',
  'subscription ($after: Int, $only: [String!]) { ...Root } fragment Root on Subscription { e: events(after: $after, only: $only) { seq state owner } }',
  'subscription ($after: Int) { own(after: $after) { seq text } }',
];
fields.text!.resolve = undefined;

test('every subscriber gets what plain execution gives, whoever else asks for whatever', async () => {
  const viewers = [
    viewer('ann', 'OWNER'),
    viewer('ann', 'VIEWER'),
    viewer('ben', 'VIEWER'),
    viewer('ben', null),
    localViewer,
  ];
  let seed = 7;
  const draw = (most: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % most;
  };
  const asked = Array.from({ length: 300 }, () => {
    const variables: Record<string, unknown> = { after: draw(45) };
    if (draw(2) === 0) variables.with = draw(2) === 0;
    if (draw(2) === 0) variables.up = draw(2) === 0;
    if (draw(3) === 0) variables.only = ['a', 'c'].slice(draw(2));
    const [document, who] = [documents[draw(documents.length)]!, viewers[draw(viewers.length)]!];
    return () => argsFor(document, variables, who);
  });
  const got = await Promise.all(asked.map((args) => delivered(args())));
  const wanted = await Promise.all(asked.map((args) => plain(args())));
  expect(got).toEqual(wanted);
  const events = wanted.reduce((sum, { length }) => sum + length, 0);
  expect(events).toBeGreaterThan(5_000);
  expect(shared.executed).toBeLessThan(0.6 * events);
});

test('a selection of properties is executed once for all viewers, positions and later subscribers', async () => {
  const query = documents[0]!;
  await Promise.all([0, 10, 0].map((after, i) => delivered(argsFor(query, { after }, viewer(`user ${i}`, 'VIEWER')))));
  expect(shared.executed).toBe(40);
  await delivered(argsFor('subscription { events(after: 20) { seq text } }', {}, localViewer));
  // Another text: the variable was declared. The same one again costs nothing.
  expect(shared.executed).toBe(60);
  await delivered(argsFor('subscription { events(after: 30) { seq text } }', {}, localViewer));
  expect(shared.executed).toBe(60);
});

test('a variable that is null is not one that is not given', async () => {
  const query = 'subscription ($with: Boolean = true) { events(after: 39) { seq text @include(if: $with) } }';
  const message = 'Argument "if" of non-null type "Boolean!" must not be null.';
  const ofDefault = [{ data: { events: { seq: 40, text: 'a' } } }];
  const ofNull = [{ data: null, errors: [{ message, path: ['events'] }] }];
  for (const variables of [{}, { with: null }, {}]) {
    expect(await delivered(argsFor(query, variables, localViewer))).toEqual('with' in variables ? ofNull : ofDefault);
  }
  expect(shared.executed).toBe(2);
});

test('what shows a state, or asks for rights, is shared with who waits for the same, and made anew later', async () => {
  const query = 'subscription { events(after: 39) { state owner } }';
  const [ann, ben] = [viewer('ann', 'VIEWER'), viewer('ben', 'VIEWER')];
  const asked = [ann, { ...ann, roles: new Map(ann.roles) }, ben, ann].map((who) => argsFor(query, {}, who));
  expect(await Promise.all(asked.map(delivered))).toEqual([
    [{ data: { events: { state: 1, owner: null } } }],
    [{ data: { events: { state: 1, owner: null } } }],
    [{ data: { events: { state: 1, owner: 'ben' } } }],
    [{ data: { events: { state: 1, owner: null } } }],
  ]);
  expect(shared.executed).toBe(2);
  state = 2;
  expect(await delivered(argsFor(query, {}, ann))).toEqual([{ data: { events: { state: 2, owner: null } } }]);
  expect(shared.executed).toBe(3);
});

test('an execution is not shared with who subscribed after it had begun', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  fields.state!.resolve = async () => {
    const seen = state;
    await held;
    return seen;
  };
  try {
    const query = 'subscription { events(after: 39) { state } }';
    const early = delivered(argsFor(query, {}, localViewer));
    // The execution has begun once its event was taken, a few promises later.
    while (shared.executed === 0) await Promise.resolve();
    state = 2;
    const late = delivered(argsFor(query, {}, localViewer));
    while (shared.executed === 1) await Promise.resolve();
    release();
    expect(await early).toEqual([{ data: { events: { state: 1 } } }]);
    expect(await late).toEqual([{ data: { events: { state: 2 } } }]);
  } finally {
    fields.state!.resolve = async () => state;
  }
});

test('what is kept is bounded: the oldest answers are made again', async () => {
  const answer = Buffer.byteLength('{"data":{"events":{"text":"a"}}}');
  const small = createSharedAnswers({ createContext: contextOf, tell: String as never, maxKeptBytes: 10 * answer });
  shared = small;
  const query = 'subscription { events { text } }';
  await delivered(argsFor(query, {}, localViewer));
  expect(small.executed).toBe(40);
  await delivered(argsFor('subscription { events(after: 30) { text } }', {}, localViewer));
  expect(small.executed).toBe(40);
  await delivered(argsFor(query, {}, localViewer));
  expect(small.executed).toBeGreaterThan(70);
});

test('an error of an execution reaches all who share it, and is not kept', async () => {
  fields.state!.resolve = async () => {
    throw new Error('down');
  };
  const query = 'subscription { events(after: 39) { state } }';
  const failed = await Promise.all([1, 2].map(() => delivered(argsFor(query, {}, localViewer))));
  expect(failed).toEqual([1, 2].map(() => [{ data: null, errors: [{ message: 'down', path: ['events', 'state'] }] }]));
  fields.state!.resolve = async () => state;
  expect(await delivered(argsFor(query, {}, localViewer))).toEqual([{ data: { events: { state: 1 } } }]);
});

test('a document says what its answers depend on', () => {
  const scopes = documents.map((text) => answerScope(schema, parse(text)));
  expect(scopes.map(({ dependsOn }) => dependsOn)).toEqual([
    'event',
    'event',
    'event',
    'viewer',
    'viewer',
    'viewer',
    'subscriber',
  ]);
  expect(scopes.map(({ variables }) => variables)).toEqual([[], [], ['up'], ['with'], [], [], ['after']]);
  expect(scopes[5]!.text).not.toContain('$only)');
});
