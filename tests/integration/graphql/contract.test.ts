import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { graphQLSchema } from '../../../src/app/build-schema.js';
import { policies } from '../../../src/app/policies.js';
import { typesWithId } from '../../../src/graphql/global-id.js';

/** What the contract promises of every type, walked through the schema. An exception has a reason, and is still one. */

const schema = graphQLSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const objects = types.filter(isObjectType);
const node = schema.getType('Node');
const implementsNode = (type: GraphQLObjectType): boolean => type.getInterfaces().some((each) => each === node);

interface FieldOf {
  readonly path: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly owner: GraphQLObjectType;
}
const fields: readonly FieldOf[] = objects.flatMap((owner) =>
  Object.values(owner.getFields()).map((field) => ({ path: `${owner.name}.${field.name}`, field, owner })),
);

describe('connections', () => {
  const connections = objects.filter(({ name }) => name.endsWith('Connection'));

  test.each(connections.map(({ name }) => name))('%s has the shape that Relay expects', (name) => {
    const type = schema.getType(name) as GraphQLObjectType;
    const item = name.slice(0, -'Connection'.length);
    const shape = (of: GraphQLObjectType) =>
      Object.fromEntries(Object.values(of.getFields()).map((field) => [field.name, String(field.type)]));
    expect(shape(type)).toEqual({
      edges: `[${item}Edge!]!`,
      nodes: `[${item}!]!`,
      pageInfo: 'PageInfo!',
      totalCount: 'BigInt!',
    });
    expect(shape(schema.getType(`${item}Edge`) as GraphQLObjectType)).toEqual({ cursor: 'String!', node: `${item}!` });
  });

  test('PageInfo has the shape that Relay expects', () => {
    const pageInfo = (schema.getType('PageInfo') as GraphQLObjectType).getFields();
    expect(Object.values(pageInfo).map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'hasNextPage: Boolean!',
      'hasPreviousPage: Boolean!',
      'startCursor: String',
      'endCursor: String',
    ]);
  });

  test('every field that returns one takes a page size with a default, and a cursor', () => {
    const paged = fields.filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'));
    expect(paged.length).toBeGreaterThan(10);
    for (const { path, field } of paged) {
      const argument = (name: string) => field.args.find((each) => each.name === name);
      // One that not every member may see is null, beside the error that says so; the rest of the project is there.
      const mayBeNull = needsMore(path) || path in absent;
      expect(String(field.type), path).toMatch(mayBeNull ? /^\w+$/ : /^\w+!$/);
      expect(String(argument('first')?.type), path).toBe('Int!');
      expect(argument('first')?.defaultValue, path).toBeTypeOf('number');
      expect(String(argument('after')?.type), path).toBe('String');
    }
  });

  /** Lists that are null where there can be none, and the field that says why. */
  const absent: Readonly<Record<string, string>> = { 'Evaluation.examples': 'missingExamples' };

  test('every list that may be missing has a field that says why', () => {
    for (const [path, reason] of Object.entries(absent)) {
      const [type, name] = path.split('.') as [string, string];
      const there = Object.keys((schema.getType(type) as GraphQLObjectType).getFields());
      expect(there, path).toEqual(expect.arrayContaining([name, reason]));
    }
  });

  function needsMore(path: string): boolean {
    const [type, name] = path.split('.') as [string, string];
    const policy = policies[type];
    return policy?.kind === 'ofProject' && (policy.fields[name] ?? null) !== null;
  }

  /** Lists of nodes that are bounded by something other than a page. */
  const bounded: Readonly<Record<string, string>> = {
    'ComparedEvaluations.evaluations': 'one an experiment that is compared',
    'Experiment.checkpoints': 'one an epoch, and one each checkpointEverySteps steps',
    'ExperimentComparison.experiments': 'those that were asked for',
    'FeedbackItemSource.models': 'those that predict or write, at most 8',
    'FeedbackItemSource.rewardModels': 'those that rank pairs, at most 8',
    'FeedbackTask.participants': 'those that were named, at most 1,000',
    'Project.workers': 'the 100 that started last',
    'ServerInfo.workers': 'machines that are online',
  };

  test('every other list of nodes is bounded', () => {
    const lists = fields.filter(({ field, owner }) => {
      const type = getNamedType(field.type);
      return isObjectType(type) && implementsNode(type) && isList(field.type) && !owner.name.endsWith('Connection');
    });
    expect(lists.map(({ path }) => path).sort()).toEqual(Object.keys(bounded).sort());
  });
});

describe('nodes', () => {
  /** Types with an id that `node` does not answer with. */
  const notFetchable: Readonly<Record<string, string>> = {
    Upload: 'holds a secret that is shown once',
  };

  test('every object with an id is a node', () => {
    const withId = objects.filter((type) => type.getFields().id?.type.toString() === 'ID!');
    expect(withId.filter((type) => !implementsNode(type)).map(({ name }) => name)).toEqual(Object.keys(notFetchable));
  });

  test('no other field is called `id`: caches of clients would take it for one', () => {
    const others = fields.filter(({ field }) => field.name === 'id' && String(field.type) !== 'ID!');
    expect(others.filter(({ field }) => field.deprecationReason == null).map(({ path }) => path)).toEqual([]);
  });

  test('and has a place in global ids, of which every one has a type', () => {
    const nodes = objects.filter(implementsNode).map(({ name }) => name);
    expect([...nodes, ...Object.keys(notFetchable)].sort()).toEqual([...typesWithId].sort());
  });
});

describe('mutations', () => {
  const mutations = Object.values(schema.getMutationType()!.getFields());
  const creates = /^(create|import|export|evaluate|add|clone|upload)/;
  /** Mutations whose name begins like that of a creation, and that are safe to repeat without a key. */
  const withoutKey: Readonly<Record<string, string>> = {};

  test('that create something take an idempotency key', () => {
    const without = mutations.filter(({ name, args }) => {
      const input = getNamedType(args[0]!.type);
      return creates.test(name) && isInputObjectType(input) && input.getFields().idempotencyKey === undefined;
    });
    expect(without.map(({ name }) => name)).toEqual(Object.keys(withoutKey));
  });

  test('describe the key alike, and never require it', () => {
    const keys = types.filter(isInputObjectType).flatMap((type) => type.getFields().idempotencyKey ?? []);
    expect(keys.length).toBeGreaterThan(5);
    for (const { type, description } of keys) {
      expect(String(type)).toBe('String');
      expect(description).toMatch(/^Chosen by the client, at most 255 characters\. A repeated call with the same key/);
    }
  });

  test('are not answered with bare scalars: a union of the changed object and Problems', () => {
    for (const { name, type } of mutations) {
      expect(isNonNullType(type), name).toBe(true);
      expect(getNamedType(type).toString(), name).toMatch(/Result$/);
    }
  });
});

describe('words', () => {
  test('directives and their arguments are described', () => {
    const places = schema
      .getDirectives()
      .flatMap(({ name, description, args }) => [
        [`@${name}`, description],
        ...args.map((arg) => [`@${name}(${arg.name}:)`, arg.description]),
      ]);
    expect(places.filter(([, description]) => !description?.trim())).toEqual([]);
  });

  test('every description is there, and ends its sentence', () => {
    const described = [...types.map(({ name, description }) => ({ path: name, description })), ...members()];
    const bare = described.filter(({ description }) => !/[.:)?…]$/.test(description?.trim() ?? ''));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test('every deprecation says what to use instead', () => {
    const deprecated = members().filter(({ deprecationReason }) => deprecationReason != null);
    for (const { path, deprecationReason } of deprecated) {
      expect(deprecationReason?.trim(), path).not.toMatch(/^(No longer supported)?$/);
    }
  });
});

describe('numbers', () => {
  /** Int has 31 bits and a sign. */
  const canBeLarge = /(bytes|count|examples|^rows?|parameters|support)$/i;
  /** Fields whose name looks like a count of something without bound. */
  const small: Readonly<Record<string, string>> = {
    'AddedFeedbackItems.count': 'at most 1,000 in a call',
    'AnswerFinished.tokenCount': 'at most the context length',
    'AppendedExamples.count': 'at most 100,000 of a dataset wait',
    'BalanceTarget.count': 'at most the rows that a step may add, 10 million',
    'BaseModelInspection.layerCount': 'at most 1,000',
    'BaseModelInspection.weightFileCount': 'at most as many as the hub lists',
    'CrossValidatedMetric.experimentCount': 'at most the folds of an experiment',
    'DeletedRecordedFeedback.count': 'at most what applications recorded of one person',
    'FeedbackAnnotator.answerCount': 'at most the answers that statistics are computed of, 200,000',
    'FeedbackAnnotatorFlag.count': 'at most the answers of a person',
    'FeedbackItem.answerCount': 'at most one of each person',
    'FeedbackItem.flagCount': 'at most one of each person',
    'FeedbackLikelyAnswer.answerCount': 'at most one of each person',
    'FeedbackLoop.roundCount': 'at most 20',
    'FeedbackLoopRound.modelJudgedCount': 'of the pairs of a round, at most 10,000',
    'FeedbackRanking.comparisonCount': 'of 200,000 answers and pairs of 20, at most 38 million',
    'FeedbackRanking.leftOutCount': 'of 200,000 answers and pairs of 20, at most 38 million',
    'FeedbackRanking.promptCount': 'at most 200,000, as answers',
    'FeedbackShare.count': 'at most the answers of a person',
    'FeedbackVotes.count': 'at most one of each person',
    'FeedbackItemSettled.answerCount': 'at most one of each person',
    'FeedbackWinRate.comparisonCount': 'of 200,000 answers and pairs of 20, at most 38 million',
    'FeedbackWinRate.promptCount': 'at most 200,000, as answers',
    'FewExamples.classCount': 'at most the labels of a head',
    'GeneratedAnswer.tokenCount': 'at most the context length',
    'GenerationSpeed.generationCount': 'at most the generations that it is measured over',
    'GenerationTimes.tokenCount': 'at most the context length times the answers of a call',
    'Ppo.discount': 'a factor, no count',
    'ProbeEvidence.examples': 'at most the size of the sample',
    'SampleRows.count': 'of the rows of a sample, which is smaller than what it is of',
    'ScoredSample.tokenCount': 'at most the context length',
    'TextPrediction.tokenCount': 'at most the context length',
    'TokenCounts.sampledExamples': 'at most the size of the sample',
  };

  test('counts and sizes that can pass 2^31 have 64 bits', () => {
    const narrow = fields.filter(
      ({ field }) => canBeLarge.test(field.name) && ['Int', 'Float'].includes(getNamedType(field.type).name),
    );
    expect(narrow.map(({ path }) => path).sort()).toEqual(Object.keys(small).sort());
  });

  test('a value that can be NaN has a field that says so', () => {
    for (const owner of objects.filter((type) => 'nonFinite' in type.getFields())) {
      const type = (name: string) => String(owner.getFields()[name]?.type);
      // A line has all its values in one list, and beside it which of the nulls are none.
      const [value, nonFinite] =
        'values' in owner.getFields() ? ['[Float]!', '[NonFiniteAt!]!'] : ['Float', 'NonFinite'];
      expect([type('value'), type('values')], owner.name).toContain(value);
      expect(type('nonFinite'), owner.name).toBe(nonFinite);
    }
  });
});

test('free-form JSON goes in and out for the rows of a dataset and for JSON Schemas', () => {
  const out = fields.filter(({ field }) => getNamedType(field.type).name === 'JSON').map(({ path }) => path);
  expect(out.sort()).toEqual([
    'AppendedExample.values',
    'Example.values',
    'JsonSchemaReward.schema',
    'OutputConstraint.jsonSchema',
  ]);
  const incoming = [
    ...fields.flatMap(({ path, field }) =>
      field.args.map((arg) => ({ path: `${path}(${arg.name}:)`, type: arg.type })),
    ),
    ...types
      .filter(isInputObjectType)
      .flatMap((type) =>
        Object.values(type.getFields()).map((field) => ({ path: `${type.name}.${field.name}`, type: field.type })),
      ),
  ];
  expect(incoming.filter(({ type }) => getNamedType(type).name === 'JSON').map(({ path }) => path)).toEqual([
    'JsonSchemaRewardInput.schema',
    'AppendedExampleInput.values',
    'OutputConstraintInput.jsonSchema',
  ]);
});

function isList(type: GraphQLOutputType): boolean {
  const nullable = type instanceof GraphQLNonNull ? type.ofType : type;
  return nullable instanceof GraphQLList;
}

interface Member {
  readonly path: string;
  readonly description: string | null | undefined;
  readonly deprecationReason: string | null | undefined;
}

/** Fields, arguments, input fields and enum values: all that can be deprecated. */
function members(): Member[] {
  const member = (path: string, of: Omit<Member, 'path'>): Member => ({
    path,
    description: of.description,
    deprecationReason: of.deprecationReason,
  });
  const args = (path: string, all: readonly GraphQLArgument[]) =>
    all.map((arg) => member(`${path}(${arg.name}:)`, arg));
  return types.flatMap((type) => {
    if (isObjectType(type) || isInterfaceType(type)) {
      return Object.values<GraphQLField<unknown, unknown>>(type.getFields()).flatMap((field) => [
        member(`${type.name}.${field.name}`, field),
        ...args(`${type.name}.${field.name}`, field.args),
      ]);
    }
    if (isInputObjectType(type)) {
      return Object.values<GraphQLInputField>(type.getFields()).map((field) =>
        member(`${type.name}.${field.name}`, field),
      );
    }
    return isEnumType(type) ? type.getValues().map((value) => member(`${type.name}.${value.name}`, value)) : [];
  });
}
