import {
  type GraphQLAbstractType,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  OverlappingFieldsCanBeMergedRule,
  parse,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import { graphQLSchema } from '../../../src/app/build-schema.js';

const schema = graphQLSchema();
const node = schema.getType('Node');
const abstractTypes = Object.values(schema.getTypeMap()).filter(
  // An id leads to one object, of a type that the client knows: nobody selects all fields of all nodes.
  (type): type is GraphQLAbstractType => isAbstractType(type) && !isIntrospectionType(type) && type !== node,
);

/** All fields of a type that are not deprecated, and those of the objects below; of a node within an object, its id. */
function selectionOf(type: GraphQLOutputType, within: readonly string[] = []): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  if (isAbstractType(named)) {
    const members = schema.getPossibleTypes(named).map((each) => `... on ${each.name} ${selectionOf(each, within)}`);
    return `{ __typename ${members.join(' ')} }`;
  }
  if (within.includes(named.name)) return '{ __typename }';
  if (within.length > 0 && named.getInterfaces().some((each) => each === node)) return '{ __typename id }';
  const fields = Object.values(named.getFields())
    .filter(({ deprecationReason }) => deprecationReason == null)
    .map((field) => `${field.name} ${selectionOf(field.type, [...within, named.name])}`);
  return `{ __typename ${fields.join(' ')} }`;
}

const conflictsIn = (fragment: string): string[] =>
  validate(schema, parse(fragment), [OverlappingFieldsCanBeMergedRule]).map(({ message }) => message);

test.each(abstractTypes.map((type) => ({ name: type.name, type })))(
  'all fields of all types of $name can be selected at once',
  ({ name, type }) => {
    expect(conflictsIn(`fragment All on ${name} ${selectionOf(type)}`)).toEqual([]);
  },
);

test('unions and interfaces are among them, and a conflict is found', () => {
  expect(abstractTypes.filter(isInterfaceType).length).toBeGreaterThan(4);
  expect(abstractTypes.length).toBeGreaterThan(40);
  expect(schema.getPossibleTypes(abstractTypes[0]!).every(isObjectType)).toBe(true);
  const deprecated = '... on ExperimentStatusChanged { from } ... on MemberChanged { from }';
  expect(conflictsIn(`fragment Both on ProjectEvent { ${deprecated} }`)).toEqual([
    expect.stringContaining('Fields "from" conflict'),
  ]);
});
