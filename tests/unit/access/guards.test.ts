import 'reflect-metadata';
import { buildSchema, type ExecutionResult, execute, type GraphQLObjectType, parse } from 'graphql';
import { expect, test } from 'vitest';
import { compilePolicies } from '../../../src/access/compile-policies.js';
import { ofProject, operations } from '../../../src/access/policy.js';
import { localViewer, type Viewer } from '../../../src/access/viewer.js';
import { executeByPlan } from '../../../src/graphql/execution/execute.js';
import { forAll } from '../../../src/graphql/execution/for-all.js';

/** Policies hold for fields that are resolved for all objects at once as they do object by object. */

interface Thing {
  readonly __typename: 'Thing';
  readonly id: string;
  readonly projectUuid: string;
}

const thing = (id: string, projectUuid: string): Thing => ({ __typename: 'Thing', id, projectUuid });
const owned = thing('owned', 'of an owner');
const seen = thing('seen', 'of a viewer');
const foreign = thing('foreign', 'of others');

/** What each field says of a thing; a promise of a promise must not pass a guard. */
const fields: Readonly<Record<string, (source: Thing) => unknown>> = {
  secret: ({ id }) => `secret of ${id}`,
  other: ({ id }) => (id === 'owned' ? foreign : owned),
  sure: ({ id }) => (id === 'owned' ? Promise.resolve(foreign) : seen),
  secretThing: ({ id }) => (id === 'owned' ? foreign : owned),
  many: () => [seen, foreign, owned],
  page: ({ id }) => ({ nodes: id === 'owned' ? [owned, foreign] : [owned, seen] }),
  either: ({ id }) => (id === 'owned' ? foreign : { __typename: 'Part', of: id }),
  faulty: ({ id }) => (id === 'owned' ? new Error('of the field') : seen),
};

function schemaWith(atOnce: boolean) {
  const schema = buildSchema(`
    type Query { things: [Thing!]! }
    union Either = Thing | Part
    type Part { of: String }
    type ThingConnection { nodes: [Thing!]! }
    type Thing {
      id: ID! secret: String other: Thing sure: Thing secretThing: Thing many: [Thing!]! page: ThingConnection
      either: Either faulty: Thing
    }
  `);
  const ofThing = (schema.getType('Thing') as GraphQLObjectType).getFields();
  for (const [name, valueIn] of Object.entries(fields)) {
    const one = (source: Thing): unknown => {
      const value = valueIn(source);
      if (value instanceof Error) throw value;
      return value;
    };
    if (!atOnce) ofThing[name]!.resolve = one as never;
    else {
      ofThing[name]!.resolve = () => {
        throw new Error('It is resolved for all.');
      };
      ofThing[name]!.extensions = forAll((sources: readonly Thing[]) => Promise.all(sources.map(valueIn)));
    }
  }
  compilePolicies(schema, {
    Query: operations({ things: { needs: 'SIGN_IN' } }),
    Thing: ofProject({ secret: 'ADMINISTER', secretThing: 'ADMINISTER' }),
  });
  return schema;
}

const viewer: Viewer = {
  ...localViewer,
  administrator: false,
  roles: new Map([
    ['of an owner', 'OWNER'],
    ['of a viewer', 'VIEWER'],
  ]),
};

async function answer(run: typeof execute, atOnce: boolean, text: string) {
  const args = { schema: schemaWith(atOnce), document: parse(text), contextValue: { viewer } };
  const { data, errors } = await (run({ ...args, rootValue: { things: [owned, foreign, seen] } }) as ExecutionResult);
  return {
    data: JSON.parse(JSON.stringify(data)),
    errors: (errors ?? []).map(({ message, path }) => `${path?.join('.')}: ${message}`).sort(),
  };
}

test('what a viewer may not have is refused or hidden, whichever way a field is resolved', async () => {
  const text = `{ things { id secret other { id } sure { id } secretThing { id } many { id } page { nodes { id } }
    either { __typename } faulty { id } } }`;
  const expected = await answer(execute as typeof execute, false, text);
  expect(expected.data.things).toEqual([
    {
      id: 'owned',
      secret: 'secret of owned',
      other: null,
      sure: null,
      secretThing: null,
      many: [{ id: 'seen' }, { id: 'owned' }],
      page: null,
      either: null,
      faulty: null,
    },
    {
      id: 'seen',
      secret: null,
      other: { id: 'owned' },
      sure: { id: 'seen' },
      secretThing: null,
      many: [{ id: 'seen' }, { id: 'owned' }],
      page: { nodes: [{ id: 'owned' }, { id: 'seen' }] },
      either: { __typename: 'Part' },
      faulty: { id: 'seen' },
    },
  ]);
  expect(expected.errors).toHaveLength(4);
  expect(await answer(executeByPlan as typeof execute, true, text)).toEqual(expected);
  expect(await answer(executeByPlan as typeof execute, false, text)).toEqual(expected);
});

test('a root field, whose policy is one of its arguments, is not resolved for many objects', () => {
  const schema = buildSchema('type Query { things: [String] }');
  schema.getQueryType()!.getFields().things!.extensions = forAll(() => [[]]);
  const policies = { Query: operations({ things: { needs: 'SIGN_IN' } }) };
  expect(() => compilePolicies(schema, policies)).toThrow("Query.things can't be resolved for many objects.");
});
