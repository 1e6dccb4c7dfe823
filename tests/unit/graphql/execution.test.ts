import {
  buildSchema,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  parse,
  validate,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { answerJson } from '../../../src/graphql/execution/answer.js';
import { executeByPlan } from '../../../src/graphql/execution/execute.js';
import { forAll } from '../../../src/graphql/execution/for-all.js';

/** Operations made up from a schema are executed by a plan and by graphql-js, and answered alike. */

const fields = `id: ID! name: String count: Int! tags: [String!] matrix: [[Int!]]!
  echo(text: String = "default", times: Int): String kind: Kind at(index: Int!): Thing
  one: Thing sure: Thing! many: [Thing!]! some: [Thing] either: Either node: Node nodes: [Node!]`;
const schema = buildSchema(`
  enum Kind { GOOD BAD }
  interface Node { id: ID! name: String }
  union Either = Thing | Other
  type Thing implements Node { ${fields} }
  type Other implements Node { id: ID! name: String count: Int! one: Thing }
  type Query { ${fields} }
`);

/** Numbers that look random and follow from a text. */
function hash(text: string): number {
  let state = 2166136261;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 16777619) >>> 0;
  state = Math.imul(state ^ (state >>> 15), 2246822507) >>> 0;
  return (state ^ (state >>> 13)) >>> 0;
}

/** Values that wait until it is their turn, one after the other in an order of their own. */
class Turns {
  private readonly waiting = new Map<string, () => void>();

  wait(name: string): Promise<void> {
    return new Promise((resolve) => this.waiting.set(`${hash(name)} ${name}`, resolve));
  }

  async drain(): Promise<void> {
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await turn();
    while (this.waiting.size > 0) {
      const [next] = [...this.waiting.keys()].sort();
      const go = this.waiting.get(next!)!;
      this.waiting.delete(next!);
      go();
      await turn();
    }
  }
}

interface World {
  readonly seed: number;
  readonly turns: Turns;
}

const pathOf = ({ path }: GraphQLResolveInfo): string => {
  const keys: (string | number)[] = [];
  for (let at: typeof path | undefined = path; at !== undefined; at = at.prev) keys.unshift(at.key);
  return keys.join('.');
};

function madeUp(type: string, name: string): unknown {
  const random = hash(name);
  if (random % 23 === 0) return null;
  if (random % 29 === 0) return new Error(`${name} is an error`);
  const list = /^\[(.*)\]!?$/.exec(type);
  if (list !== null) {
    return Array.from({ length: random % 4 }, (_, i) => {
      const item = madeUp(list[1]!, `${name}/${i}`);
      // graphql-js does not await the others when an item that must not be null is.
      const mayWait = !list[1]!.endsWith('!') && hash(`${name}?${i}`) % 3 === 0;
      return mayWait ? Promise.resolve(item) : item;
    });
  }
  switch (type.replace('!', '')) {
    case 'ID':
    case 'String':
      return random % 31 === 0 ? {} : `s${random % 100}`;
    case 'Int':
      return random % 31 === 0 ? 'no number' : random % 100;
    case 'Kind':
      return random % 5 === 0 ? 'NEITHER' : 'GOOD';
    case 'Either':
    case 'Node':
      return { __typename: ['Thing', 'Other', 'Thing', 'Nothing'][random % 4]! };
    default:
      return { __typename: type.replace('!', '') };
  }
}

function resolve(_source: unknown, args: Record<string, unknown>, { seed, turns }: World, info: GraphQLResolveInfo) {
  const name = `${seed}:${pathOf(info)}:${JSON.stringify(args)}`;
  const { fieldNodes, parentType, operation, variableValues, returnType } = info;
  const seen = `${parentType.name} ${fieldNodes.length} ${operation.operation} ${Object.keys(variableValues).length}`;
  const settle = (): unknown => {
    if (hash(`${name}!`) % 19 === 0) throw new GraphQLError(`${name} ${seen}`, { extensions: { code: 'MADE_UP' } });
    return madeUp(String(returnType), name);
  };
  return hash(`${name}~`) % 3 === 0 ? turns.wait(name).then(settle) : settle();
}
for (const type of ['Query', 'Thing', 'Other']) {
  const object = schema.getType(type) as GraphQLObjectType;
  for (const field of Object.values(object.getFields())) if (field.name !== 'count') field.resolve = resolve as never;
  // Plain properties, and methods.
  if (type === 'Other') object.getFields().name!.resolve = undefined as never;
}

/** A document made up from the schema, with aliases, fragments, directives and variables. */
function madeUpDocument(seed: number): string {
  let drawn = 0;
  const draw = (below: number): number => hash(`${seed}#${drawn++}`) % below;
  const leaves = ['id', 'name', 'count', 'tags', 'matrix', 'kind', '__typename', 'echo(text: $text)', 'echo(times: 2)'];
  const objects = ['one', 'sure', 'many', 'some', 'at(index: 1)'];
  const directive = (): string =>
    ['', '', '', ' @include(if: $yes)', ' @skip(if: $yes)', ' @include(if: $no)', ' @skip(if: true)'][draw(7)]!;
  const alias = (name: string): string => (draw(4) === 0 ? `a${draw(3)}: ${name}` : name);
  const selection = (depth: number): string => {
    const parts = Array.from({ length: 1 + draw(4) }, () => `${alias(leaves[draw(leaves.length)]!)}${directive()}`);
    if (depth > 0) {
      for (let i = draw(3); i > 0; i--) {
        parts.push(`${alias(objects[draw(objects.length)]!)}${directive()} { ${selection(depth - 1)} }`);
      }
      if (draw(3) === 0)
        parts.push(`either { ... on Thing { ${selection(depth - 1)} } ... on Node { id name } __typename }`);
      if (draw(3) === 0) parts.push(`nodes { id ...Named ... on Other { count one { id } } }`);
      if (draw(4) === 0) parts.push(`node${directive()} { ...Named }`);
      if (draw(4) === 0) parts.push(`...${directive()} { one { ${selection(0)} } }`);
    }
    return parts.join(' ');
  };
  const used = `@include(if: $yes) id @skip(if: $no) echo(text: $text)`;
  return `query Q($yes: Boolean!, $no: Boolean = false, $text: String) { a9: id ${used} ${selection(3)} }
    fragment Named on Node { name ... on Thing { echo(text: $text) kind } }`;
}

/** What types are at fault for is masked, so that it needs no words of graphql-js. */
const ofTheServer = /^Abstract type|^A value of |^Expected (?:value|`)/;

/**
 * Where the answer is null above a path. Of several errors that could make it so, any may be told: graphql-js lets one
 * that is there at once wait for the fields beside it.
 */
function goneAbove(data: unknown, path: readonly (string | number)[]): string | null {
  let at = data;
  for (const [i, key] of path.entries()) {
    if (at === null || at === undefined) return `/${path.slice(0, i).join('/')}`;
    at = (at as Record<string | number, unknown>)[key];
  }
  return null;
}

async function answered(run: typeof execute, args: Omit<ExecutionArgs, 'contextValue'>, seed: number) {
  const turns = new Turns();
  const answer = run({ ...args, contextValue: { seed, turns } satisfies World, rootValue: { count: 1 } });
  const [{ data: answeredData, errors, ...rest }] = await Promise.all([
    answer as Promise<ExecutionResult>,
    turns.drain(),
  ]);
  const data = JSON.parse(JSON.stringify(answeredData ?? null));
  const told = (errors ?? []).map((error) => {
    const { message, ...place } = error.toJSON();
    const gone = goneAbove(data, error.path ?? []);
    if (gone !== null) return `an error below ${gone}`;
    return JSON.stringify([ofTheServer.test(message) ? 'a fault of the server' : message, place]);
  });
  return { data: JSON.stringify(answeredData), errors: [...new Set(told)].sort(), rest };
}

/**
 * graphql-js leaves promises of a list unhandled when an item that is there is at fault. The plan's execution must not.
 */
async function answeredByGraphQL(...parameters: [Omit<ExecutionArgs, 'contextValue'>, number]) {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => undefined);
  try {
    return await answered(execute, ...parameters);
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
}

test('operations made up from a schema are answered as graphql-js answers them', async () => {
  let valid = 0;
  let withErrors = 0;
  for (let seed = 0; seed < 300; seed++) {
    const document = parse(madeUpDocument(seed));
    if (validate(schema, document).length > 0) continue;
    valid += 1;
    for (const yes of [true, false]) {
      const args = { schema, document, variableValues: { yes, text: `t${seed % 3}` } };
      const expected = await answeredByGraphQL(args, seed);
      expect(await answered(executeByPlan as typeof execute, args, seed), `seed ${seed}`).toEqual(expected);
      if (expected.errors.length > 0) withErrors += 1;
    }
  }
  expect(valid).toBeGreaterThan(100);
  expect(withErrors).toBeGreaterThan(valid / 4);
});

describe('what graphql-js says', () => {
  const both = async (text: string, more: Partial<ExecutionArgs> = {}) => {
    const args = { schema, document: parse(text), ...more };
    const expected = await answeredByGraphQL(args, 1);
    expect(await answered(executeByPlan as typeof execute, args, 1)).toEqual(expected);
    return expected;
  };

  test('of variables, of operations that are not there, and of the schema', async () => {
    const text =
      'query A($n: Int!) { at(index: $n) { id } } query B { __schema { types { name } } __type(name: "Node") { kind } }';
    expect((await both(text, { operationName: 'A', variableValues: { n: 'x' } })).errors).toHaveLength(1);
    expect((await both(text, { operationName: 'C' })).errors).toHaveLength(1);
    expect((await both(text)).errors).toHaveLength(1);
    expect((await both(text, { operationName: 'B' })).data).toContain('"kind":"INTERFACE"');
    await both('{ __proto__: id name }');
  });

  test('of arguments that a resolver throws for, and of a root that is null by an error', async () => {
    const own = buildSchema('type Query { sure: String! other: String at(index: Int!): String }');
    const rootValue = {
      sure: () => Promise.reject(new Error('of the field')),
      other: () => Promise.resolve('there'),
      at: ({ index }: { index: number }) => `at ${index}`,
    };
    for (const text of ['{ other sure }', '{ at(index: 2) other }']) {
      const args = { schema: own, document: parse(text), rootValue };
      const [expected, actual] = [await execute(args), await executeByPlan(args)];
      expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
    }
  });
});

test('a condition that one client makes null changes nothing for others who send the same document', async () => {
  const own = buildSchema('type Query { name: String! one: Query! }');
  const one = { name: 'there', one: () => one };
  const declared = '($w: Boolean = true)';
  const documents = [
    `query ${declared} { name @include(if: $w) }`,
    `query ${declared} { name one { one { name } name @skip(if: $w) } }`,
    `query A ${declared} { one { name @include(if: $w) } } query B ($v: Boolean = true) { name @include(if: $v) }`,
  ];
  const sent = [{ w: null }, {}, { w: false }, { w: true }];
  for (const text of documents) {
    for (const order of [sent, [...sent].reverse()]) {
      const document = parse(text);
      expect(validate(own, document)).toEqual([]);
      for (const variableValues of [...order, ...order]) {
        const args = { schema: own, document, rootValue: one, variableValues };
        const named = { ...args, ...(text.includes('query A') ? { operationName: 'A' } : {}) };
        const [expected, actual] = [await execute(named), await executeByPlan(named)];
        expect(JSON.stringify(actual), `${text} ${JSON.stringify(variableValues)}`).toBe(JSON.stringify(expected));
      }
    }
  }
});

test('a field whose values are there is written without a promise', () => {
  const own = buildSchema('type Query { list: [Item!]! } type Item { a: Int b: [String] }');
  const rootValue = {
    list: [
      { a: 1, b: ['x', null] },
      { a: null, b: null },
    ],
  };
  const answer = executeByPlan({ schema: own, document: parse('{ list { b a } }'), rootValue });
  expect(JSON.parse(JSON.stringify(answer))).toEqual({ data: rootValue });
  expect(JSON.stringify(answer)).toBe('{"data":{"list":[{"b":["x",null],"a":1},{"b":null,"a":null}]}}');
});

describe('a field that is resolved for all objects', () => {
  interface Item {
    readonly n: number;
  }
  const own = buildSchema(
    'type Query { items: [[Item!]!]! } type Item { n: Int! next(by: Int = 1): Item! sure: Int! }',
  );
  const item = own.getType('Item') as GraphQLObjectType;
  const rootValue = { items: [[{ n: 1 }, { n: 2 }], [], [{ n: 3 }]] };
  const calls: (readonly number[])[] = [];
  const resolvedBy = (resolve: (items: readonly Item[], args: { readonly by: number }) => readonly unknown[]): void => {
    calls.length = 0;
    item.getFields().next!.extensions = forAll((items: readonly Item[], args: { readonly by: number }) => {
      calls.push(items.map(({ n }) => n));
      return Promise.resolve(resolve(items, args));
    });
  };
  const answer = async (text: string) => {
    const result = await executeByPlan({ schema: own, document: parse(text), rootValue });
    return JSON.parse(answerJson(result as never));
  };

  test('is resolved by one call at each place', async () => {
    resolvedBy((items, { by }) => items.map(({ n }) => ({ n: n + by })));
    expect(await answer('{ items { n next { n next(by: 10) { n } } } }')).toEqual({
      data: {
        items: [
          [
            { n: 1, next: { n: 2, next: { n: 12 } } },
            { n: 2, next: { n: 3, next: { n: 13 } } },
          ],
          [],
          [{ n: 3, next: { n: 4, next: { n: 14 } } }],
        ],
      },
    });
    expect(calls).toEqual([
      [1, 2, 3],
      [2, 3, 4],
    ]);
  });

  test('has an error for each object, for one, and where values are missing', async () => {
    const text = '{ items { next { n } } }';
    resolvedBy((items) => items.map(({ n }) => (n === 3 ? new Error('of the third') : { n })));
    const told = await answer(text);
    expect(told).toMatchObject({ data: null, errors: [{ message: 'of the third', path: ['items', 2, 0, 'next'] }] });
    resolvedBy(() => {
      throw new Error('of all');
    });
    expect((await answer(text)).errors).toMatchObject([{ message: 'of all', path: ['items', 0, 0, 'next'] }]);
    resolvedBy(() => [{ n: 1 }]);
    expect((await answer(text)).errors[0].message).toBe('Item.next was resolved for 1 of 3 objects.');
  });
});

test('an answer is written as it always was: errors, data, extensions', async () => {
  const data = { a: 'ü"\n\u2028', b: [1.5, null] };
  const own = buildSchema('type Query { a: String b: [Float] }');
  const answer = await executeByPlan({ schema: own, document: parse('{ a b }'), rootValue: data });
  expect(answerJson({ ...answer, errors: undefined } as never)).toBe(JSON.stringify({ data }));
  const errors = [{ message: 'why' }];
  const all = { errors, data: answer.data as never, extensions: { more: 1 } };
  expect(answerJson(all)).toBe(JSON.stringify({ errors, data, extensions: { more: 1 } }));
  expect(answerJson({ errors, data: null })).toBe(JSON.stringify({ errors, data: null }));
});
