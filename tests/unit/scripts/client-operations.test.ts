import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { generateOperations } from '../../../scripts/client-operations.mjs';

const schema = buildSchema(`
  type Query { thing(id: ID!): Thing }
  type Mutation { makeThing(input: MakeThingInput!): MakeThingResult!, endThing(input: EndThingInput!): MakeThingResult! }
  type Subscription {
    log(id: ID!, afterSeq: Int! = 0): Event!
    activity(afterSeq: Int): Event!
    thingChanged(id: ID!): Thing!
  }
  type Thing { id: ID! name: String! unused: Unused }
  enum Unused { A }
  enum Size { SMALL LARGE }
  type Event { seq: Int! what: String! }
  input MakeThingInput { size: Size!, idempotencyKey: String }
  input EndThingInput { id: ID! }
  input UnusedInput { id: ID! }
  union MakeThingResult = Thing | Problems
  type Problems { problems: [String!]! }
`);

const generate = (text: string) => generateOperations(schema, [{ name: 'a.graphql', text }], '../typed-document.js');

test('a document is one line with the fragments that it spreads, and types of what it uses alone', async () => {
  const written = await generate(`
    query First($id: ID!) { thing(id: $id) { ...Outer } }
    fragment Outer on Thing { ...Inner }
    fragment Inner on Thing { id }
  `);
  expect(written).toContain(
    'text: "query First($id:ID!){thing(id:$id){...Outer}}fragment Outer on Thing{...Inner}fragment Inner on Thing{id}"',
  );
  expect(written).toContain('export const First: QueryDocument<FirstQuery, FirstQueryVariables> = {');
  expect(written).toContain(`import type { QueryDocument } from '../typed-document.js';`);
  for (const unused of ['UnusedInput', "'A'", "'SMALL'"]) expect(written).not.toContain(unused);
});

const making = '{ __typename ... on Thing { id } ... on Problems { problems } }';

test('a mutation knows whether it may be sent again, passes its input on, and asks for problems', async () => {
  const keyed = await generate(`mutation Make($input: MakeThingInput!) { makeThing(input: $input) ${making} }`);
  expect(keyed).toContain('isKeyed: true');
  expect(keyed).toContain("'SMALL'");
  expect(await generate(`mutation End($input: EndThingInput!) { endThing(input: $input) ${making} }`)).toContain(
    'isKeyed: false',
  );
  await expect(
    generate(`mutation M($key: String) { makeThing(input: { size: SMALL, idempotencyKey: $key }) ${making} }`),
  ).rejects.toThrow('M must pass $input on as it is.');
  await expect(
    generate('mutation M($input: EndThingInput!) { endThing(input: $input) { __typename } }'),
  ).rejects.toThrow('M must select Problems.');
});

test('a subscription can go on after a break, or is not written', async () => {
  const log = 'subscription L($id: ID!, $afterSeq: Int!) { log(id: $id, afterSeq: $afterSeq) { seq what } }';
  expect(await generate(log)).toContain("resumes: 'SEQ',");
  const activity = 'subscription A($afterSeq: Int) { activity(afterSeq: $afterSeq) { seq } }';
  expect(await generate(activity)).toContain("resumes: 'SEQ_OR_NOW',");
  expect(await generate('subscription S($id: ID!) { thingChanged(id: $id) { name } }')).toContain("resumes: 'STATE',");
  await expect(generate(log.replace('seq what', 'what'))).rejects.toThrow('L must select seq of its events.');
  await expect(generate('subscription L($id: ID!) { log(id: $id) { seq } }')).rejects.toThrow('L must pass $afterSeq');
});

test('a document that the schema does not have, or that nothing uses, is refused', async () => {
  await expect(generate('query Q($id: ID!) { thing(id: $id) { id } } fragment F on Thing { id }')).rejects.toThrow(
    'Fragment "F" is never used.',
  );
  await expect(generate('query Q { nothing }')).rejects.toThrow('Cannot query field "nothing"');
});
