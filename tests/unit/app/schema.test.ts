import { readFile } from 'node:fs/promises';
import {
  type GraphQLArgument,
  type GraphQLField,
  GraphQLNonNull,
  GraphQLUnionType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  validateSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { graphQLSchema } from '../../../src/app/build-schema.js';
import { printedSchema, printedTypesWithoutId } from '../../../src/app/print-schema.js';

const schema = graphQLSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

/** Every place of the schema that can carry a description, by its path. */
function describedPlaces(): Map<string, string | null | undefined> {
  const places = new Map<string, string | null | undefined>();
  const addArgs = (path: string, args: readonly GraphQLArgument[]) => {
    for (const arg of args) places.set(`${path}(${arg.name}:)`, arg.description);
  };
  for (const type of types) {
    places.set(type.name, type.description);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields()) as GraphQLField<unknown, unknown>[]) {
        places.set(`${type.name}.${field.name}`, field.description);
        addArgs(`${type.name}.${field.name}`, field.args);
      }
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) places.set(`${type.name}.${field.name}`, field.description);
    }
    if (isEnumType(type))
      for (const value of type.getValues()) places.set(`${type.name}.${value.name}`, value.description);
  }
  return places;
}

test('the schema is valid', () => {
  expect(validateSchema(schema)).toEqual([]);
});

test('every type, field, argument and enum value has a description', () => {
  const places = describedPlaces();
  expect(places.size).toBeGreaterThan(300);
  expect([...places].filter(([, description]) => !description?.trim()).map(([path]) => path)).toEqual([]);
});

test('every mutation takes one input and returns the changed object or typed problems', () => {
  const mutations = Object.values(schema.getMutationType()!.getFields());
  expect(mutations.length).toBeGreaterThan(5);
  for (const { name, args, type } of mutations) {
    expect(
      args.map((arg) => arg.name),
      name,
    ).toEqual(['input']);
    expect(isInputObjectType(getNamedType(args[0]!.type)), name).toBe(true);
    expect(type, name).toBeInstanceOf(GraphQLNonNull);
    const union = getNamedType(type);
    expect(union, name).toBeInstanceOf(GraphQLUnionType);
    const members = (union as GraphQLUnionType).getTypes().map((member) => member.name);
    expect(members, name).toHaveLength(2);
    expect(members, name).toContain('Problems');
  }
});

test('every list that can grow without bound is a connection with a page size', () => {
  for (const type of types) {
    if (!isObjectType(type) || !type.name.endsWith('Connection')) continue;
    expect(Object.keys(type.getFields()).sort(), type.name).toEqual(['edges', 'nodes', 'pageInfo', 'totalCount']);
  }
  for (const type of types) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!getNamedType(field.type).name.endsWith('Connection')) continue;
      expect(
        field.args.map((arg) => arg.name),
        `${type.name}.${field.name}`,
      ).toEqual(expect.arrayContaining(['first', 'after']));
    }
  }
});

test('free-form JSON is used for the rows of a dataset and for JSON Schemas alone', () => {
  const users = types.filter(isObjectType).flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => getNamedType(field.type).name === 'JSON')
      .map((field) => `${type.name}.${field.name}`),
  );
  expect(users.sort()).toEqual([
    'AppendedExample.values',
    'Example.values',
    'JsonSchemaReward.schema',
    'OutputConstraint.jsonSchema',
  ]);
});

test('schema.graphql is what the code says', async () => {
  const committed = await readFile(new URL('../../../schema.graphql', import.meta.url), 'utf8');
  expect(committed).toBe(printedSchema());
});

test('types-without-id.json is what the code says', async () => {
  const committed = await readFile(new URL('../../../docs/contract/types-without-id.json', import.meta.url), 'utf8');
  expect(committed).toBe(printedTypesWithoutId());
  expect(JSON.parse(committed)).toEqual(expect.arrayContaining(['RunAttempt', 'MetricSeries', 'Problems']));
  expect(committed).not.toMatch(/"(Member|Experiment|ExperimentConnection)"/);
});
