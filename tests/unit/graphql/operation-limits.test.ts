import { GraphQLError, type GraphQLInputObjectType, getIntrospectionQuery, isInputObjectType, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { graphQLSchema } from '../../../src/app/build-schema.js';
import { measureInput } from '../../../src/graphql/input-size.js';
import { checkShape, operationLimits, weighOperation } from '../../../src/graphql/operation-limits.js';
import { measureShape } from '../../../src/graphql/operation-shape.js';

const schema = graphQLSchema();

function shapeOf(source: string) {
  const document = parse(source);
  const operation = document.definitions[0]!;
  if (operation.kind !== 'OperationDefinition') throw new Error('The operation comes first.');
  return measureShape(document, operation);
}

const weigh = (source: string, variables: Record<string, unknown> = {}) =>
  weighOperation({ schema, document: parse(source), variables });

function refused(source: string, variables: Record<string, unknown> = {}): GraphQLError {
  const weight = weigh(source, variables);
  if (!(weight instanceof GraphQLError)) throw new Error(`It was let in: ${JSON.stringify(weight)}`);
  return weight;
}

describe('variables of the wrong shape', () => {
  const prepare = `mutation ($recipe: [PreparationStepInput!]!) {
    prepareDataset(input: { projectSlug: "p", name: "d", sources: [], recipe: $recipe }) { __typename }
  }`;

  test('of an input that takes one key, an unknown one is told, with the names that are near', () => {
    expect(refused(prepare, { recipe: [{ dropDuplicate: {} }] }).message).toBe(
      'Variable "$recipe" got invalid value { dropDuplicate: {} } at "recipe[0]"; Field "dropDuplicate" is not defined by type "PreparationStepInput". Did you mean "dropDuplicates"?',
    );
    for (const [where, wrong, meant] of [
      [{ operator: 'EQUALS', valeu: 'x' }, 'valeu', 'value'],
      [{ operater: 'EQUALS', value: 'x' }, 'operater', 'operator'],
    ] as const) {
      const { message } = refused(prepare, { recipe: [{ filterRows: { where } }] });
      expect(message).toContain('at "recipe[0].filterRows.where"; ');
      expect(message).toContain(`Field "${wrong}" is not defined by type "RowConditionInput". Did you mean "${meant}"`);
    }
  });

  test('every input that takes one key tells the name that is misspelt', () => {
    const inputs = Object.values(schema.getTypeMap()).filter((type) => isInputObjectType(type) && type.isOneOf);
    expect(inputs.length).toBeGreaterThan(9);
    for (const input of inputs as GraphQLInputObjectType[]) {
      const [name] = Object.keys(input.getFields());
      // Variables that nothing uses are read all the same.
      const source = `query ($value: ${input.name}) { serverInfo { version } }`;
      const { message } = refused(source, { value: { [`${name}x`]: {} } });
      expect(message).toContain(`Field "${name}x" is not defined by type "${input.name}". Did you mean "${name}"`);
    }
  });

  test('two keys of an input that takes one, and none, are still told', () => {
    for (const recipe of [[{}], [{ keepSplits: { splits: ['a'] }, dropColumns: { columns: ['b'] } }]]) {
      expect(refused(prepare, { recipe }).message).toContain('Exactly one key must be specified');
    }
  });
});

describe('the shape of an operation', () => {
  test('depth counts fields, not fragments; __typename is no level', () => {
    expect(shapeOf('{ a { ... { b { __typename } } ...F } } fragment F on T { c { d { e } } }').depth).toBe(4);
  });

  test('introspection has a depth of its own', () => {
    expect(shapeOf('{ a { b } __schema { types { name } } }')).toMatchObject({ depth: 2, introspectionDepth: 3 });
    expect(shapeOf(getIntrospectionQuery())).toMatchObject({ depth: 0, introspectionDepth: 15 });
  });

  test('aliases and directives are counted as often as fragments repeat them', () => {
    const source = `query @a { ...F ...F x: b @b ... @c { y: b } } fragment F on T { z: b @d ...G } fragment G on T @e { w: b }`;
    // F and G twice: z, w; and x, y. Directives: a, b, c; and d, e twice.
    expect(shapeOf(source)).toMatchObject({ aliases: 6, directives: 7 });
  });

  test('directives of variables count', () => {
    expect(shapeOf('query ($a: Int @a @b) { x }').directives).toBe(2);
  });

  test('a field is repeated where the same braces have it already', () => {
    expect(shapeOf('{ a a b a: b x: a c { a } }').repeatedFields).toBe(2);
    expect(shapeOf(`{ ${'__typename '.repeat(500)} }`).repeatedFields).toBe(499);
  });

  test('fragments that spread themselves end, and missing ones are nothing', () => {
    const source = '{ ...A ...Missing } fragment A on T { x: a { ...B } } fragment B on T { y: b { ...A } }';
    expect(shapeOf(source)).toMatchObject({ depth: 2, aliases: 2 });
  });

  test('spreads that double forty times are measured at once, and do not overflow', () => {
    const fragments = Array.from({ length: 40 }, (_, i) => `fragment F${i} on T { ...F${i + 1} ...F${i + 1} }`);
    const source = `{ ...F0 } ${fragments.join(' ')} fragment F40 on T { x: a }`;
    expect(shapeOf(source).aliases).toBe(1_000_000_000);
  });
});

describe('the size of variables', () => {
  const most = { values: 100, depth: 10 };

  test('every value counts, and every level', () => {
    // a, b, c; then 1, 2, {d}; then d: 7 values in 3 levels.
    expect(measureInput({ a: [1, 2], b: { c: { d: null } } }, most)).toEqual({ values: 6, depth: 3 });
    expect(measureInput(undefined, most)).toEqual({ values: 0, depth: 0 });
  });

  test('counting stops beyond the limit', () => {
    expect(measureInput({ a: Array.from({ length: 1_000_000 }, () => 1) }, most).values).toBe(1_000_001);
    let nested: unknown = 1;
    for (let i = 0; i < 100_000; i++) nested = [nested];
    expect(measureInput({ nested }, most).depth).toBe(11);
  });
});

describe('an operation is refused', () => {
  test.each([
    [
      'depth of introspection',
      `{ __type(name: "Query") { ${'ofType { '.repeat(19)} name ${'}'.repeat(19)} } }`,
      21,
      20,
    ],
    [
      'number of directives',
      `{ ${Array.from({ length: 51 }, () => '... @include(if: true) { __typename }').join(' ')} }`,
      51,
      50,
    ],
    ['number of repeated fields', `{ ${'__typename '.repeat(52)} }`, 51, 50],
    ['number of aliases', `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: __typename`).join(' ')} }`, 31, 30],
  ])('for its %s', (measure, source, actual, limit) => {
    const { message, extensions } = refused(source);
    expect(extensions).toMatchObject({ code: 'OPERATION_TOO_COSTLY', measure, actual, limit });
    expect(message).toBe(
      `The operation's ${measure} is ${actual}; the limit is ${limit}. Ask for less, in several operations.`,
    );
  });

  test('for its variables, known to the operation or not', () => {
    const most = operationLimits.maxInputValues;
    const error = checkShape({ document: parse('{ viewer { id } }'), variables: { x: Array(most).fill(0) } });
    expect(error?.extensions).toMatchObject({
      measure: 'number of values in variables',
      actual: most + 1,
      limit: most,
    });
  });

  test.each([
    ['{ project { datasets(first: 101) { nodes { id } } } }', {}, '`first` must be from 1 to 100.'],
    ['{ project { datasets(first: 0) { nodes { id } } } }', {}, '`first` must be from 1 to 100.'],
    [
      'query ($n: Int!) { project { datasets(first: $n) { nodes { id } } } }',
      { n: 101 },
      '`first` must be from 1 to 100.',
    ],
    [
      'query ($n: Int = 500) { project { datasets(first: $n) { nodes { id } } } }',
      {},
      '`first` must be from 1 to 100.',
    ],
    ['{ experiment(id: "x") { events(first: -1000000) { lastSeq } } }', {}, '`first` must be from 1 to 1000.'],
  ])('for a page of a size that none has: %s', (source, variables, message) => {
    expect(refused(source, variables)).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('for a variable of the wrong type', () => {
    expect(
      refused('query ($n: Int!) { project { datasets(first: $n) { nodes { id } } } }', { n: 'x' }).message,
    ).toContain('$n');
  });

  test('though an argument out of range would lower its cost', () => {
    const cheap = weigh('{ experiment(id: "x") { metricSeries(maxPoints: -1000000000) { lastSeq } } }');
    expect(cheap).toMatchObject({ complexity: 2 });
  });
});

describe('an operation is let in', () => {
  test('with its weight: one a field, times `first` in pages', () => {
    // project 1 + datasets (1 + 10 × (nodes 1 + name 1)) = 22.
    expect(weigh('{ project { datasets(first: 10) { nodes { name } } } }')).toEqual({
      type: 'query',
      complexity: 22,
      mutations: 0,
    });
  });

  test('with its mutations counted, through fragments too', () => {
    const source = `mutation { ...F cancel: cancelExperiment(input: { experimentId: "x" }) { __typename } }
      fragment F on Mutation { pauseExperiment(input: { experimentId: "x" }) { __typename } }`;
    expect(weigh(source)).toMatchObject({ type: 'mutation', mutations: 2 });
  });

  test('to the largest page', () => {
    expect(weigh('{ experiment(id: "x") { events(first: 1000) { lastSeq } } }')).toMatchObject({ type: 'query' });
  });

  test.each([
    ['plain', {}],
    [
      'with all options',
      {
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
        oneOf: true,
      },
    ],
  ])('the standard introspection query, %s', (_, options) => {
    expect(weigh(getIntrospectionQuery(options))).toMatchObject({ type: 'query' });
  });
});

describe('a document that is weighed again', () => {
  const text = `query ($first: Int, $id: ID!, $keys: [String!]) {
    experiment(id: $id) { evaluations(first: $first) { nodes { id } } summary(keys: $keys) { value } } }`;
  const document = parse(text);
  const again = (variables: Record<string, unknown>) => weighOperation({ schema, document, variables });

  test('has the weight of its variables, whichever came before', () => {
    const sent: Record<string, unknown>[] = Array.from({ length: 40 }, (_, i) => ({ id: `${i % 3}`, first: 1 + i }));
    sent.push({ id: 'x', first: null }, { id: 'x' }, { id: 'x', keys: ['a', 'b'] }, { id: 'x', keys: null });
    const expected = sent.map((variables) => weigh(text, variables));
    expect(new Set(expected.map((each) => JSON.stringify(each))).size).toBeGreaterThan(40);
    for (const order of [sent, sent.toReversed(), sent]) {
      for (const variables of order) expect(again(variables)).toEqual(expected[sent.indexOf(variables)]);
    }
  });

  test('is still refused for a text that can not be stored, a wrong variable, and a page that is too large', () => {
    expect(again({ id: 'x', first: 2 })).toMatchObject({ mutations: 0 });
    for (const variables of [
      { id: '\0', first: 2 },
      { id: ['x', 'y'], first: 2 },
      { first: 2 },
      { id: 'x', first: 101 },
    ]) {
      expect(again(variables), JSON.stringify(variables)).toBeInstanceOf(GraphQLError);
    }
    const strict = { ...operationLimits, maxComplexity: 3 };
    expect(weighOperation({ schema, document, variables: { id: 'x', first: 2 } }, strict)).toBeInstanceOf(GraphQLError);
  });
});
