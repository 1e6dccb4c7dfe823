import { GraphQLNonNull, type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphQLSchema } from '../../../src/app/build-schema.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertEveryKind } from '../../support/every-kind.js';

/**
 * Lists and objects read the columns that an operation selects. So each field alone must say what it says among all
 * others.
 */

const schema = graphQLSchema();
let api: TestApi;
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  api = await startTestApi();
  ids = await insertEveryKind(api);
}, 120_000);
afterAll(() => api?.close());

/** Each field that needs no argument, with a little of what it returns. */
function fieldsOf(name: string): { readonly name: string; readonly selection: string }[] {
  const fields = Object.values((schema.getType(name) as GraphQLObjectType).getFields());
  return fields
    .filter(({ args }) => !args.some((arg) => arg.type instanceof GraphQLNonNull && arg.defaultValue === undefined))
    .map((field) => {
      const inner = getNamedType(field.type);
      if (isLeafType(inner)) return { name: field.name, selection: field.name };
      const isPage = inner.name.endsWith('Connection');
      const head = isPage ? `${field.name}(first: 2)` : field.name;
      return {
        name: field.name,
        selection: `${head} { ${isPage ? 'totalCount nodes { __typename }' : '__typename'} }`,
      };
    });
}

type Found = Readonly<Record<string, unknown>>;

/** Ways to an object of a type whose columns are selected, each with how its answer is read. */
const ways: readonly {
  readonly type: string;
  readonly from: string;
  readonly query: (selection: string) => string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of several queries.
  readonly of: (data: any) => Found;
}[] = [
  {
    type: 'Experiment',
    from: 'Query.experiment',
    query: (selection) => `query ($id: ID!) { experiment(id: $id) { ${selection} } }`,
    of: ({ experiment }) => experiment,
  },
  {
    type: 'Experiment',
    from: 'Project.experiments',
    query: (selection) => `{ project { experiments(first: 1) { edges { node { ${selection} } } } } }`,
    of: ({ project }) => project.experiments.edges[0].node,
  },
  {
    type: 'BaseModel',
    from: 'Experiment.baseModel',
    query: (selection) => `query ($id: ID!) { experiment(id: $id) { baseModel { ${selection} } } }`,
    of: ({ experiment }) => experiment.baseModel,
  },
  {
    type: 'BaseModel',
    from: 'Experiment.model',
    query: (selection) => `query ($id: ID!) { experiment(id: $id) { model { ${selection} } } }`,
    of: ({ experiment }) => experiment.model,
  },
  {
    type: 'DatasetVersion',
    from: 'Experiment.datasetVersion',
    query: (selection) => `query ($id: ID!) { experiment(id: $id) { datasetVersion { ${selection} } } }`,
    of: ({ experiment }) => experiment.datasetVersion,
  },
  {
    type: 'Evaluation',
    from: 'Experiment.evaluations',
    query: (selection) =>
      `query ($id: ID!) { experiment(id: $id) { evaluations(first: 1) { nodes { ${selection} } } } }`,
    of: ({ experiment }) => experiment.evaluations.nodes[0],
  },
];

test.each(ways)('$type by $from', async ({ type, query, of }) => {
  const read = async (selection: string): Promise<Found> => {
    const operation = query(selection);
    return of(await api.request(operation, operation.includes('$id') ? { id: ids.Experiment } : {}));
  };
  const fields = fieldsOf(type);
  const alone: Record<string, unknown> = {};
  for (const { name, selection } of fields) alone[name] = (await read(selection))[name];
  const whole: Record<string, unknown> = {};
  // Several operations, since one that selects everything may cost too much; each reads all columns.
  for (const { name, selection } of fields) whole[name] = (await read(`${selection} all: ${everything[type]}`))[name];
  expect(alone).toEqual(whole);
  expect(Object.keys(alone).length).toBeGreaterThan(15);
});

/** Of each type a field that reads all columns. */
const everything: Readonly<Record<string, string>> = {
  Experiment: 'method { __typename }',
  BaseModel: 'architecture',
  DatasetVersion: 'columns { name }',
  Evaluation: 'scores { __typename }',
};
