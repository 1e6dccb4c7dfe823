import { type FieldNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { expect, test } from 'vitest';
import { selectedFields, selectedOfPage } from '../../../src/graphql/selected-fields.js';

/** What a resolver is told of the operation's root fields, as one field in several places. */
function asked(text: string) {
  const { definitions } = parse(text);
  const operation = definitions.find(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  );
  const fragments = definitions.filter(
    (each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION,
  );
  return {
    fieldNodes: operation!.selectionSet.selections as readonly FieldNode[],
    fragments: Object.fromEntries(fragments.map((each) => [each.name.value, each])),
  };
}

test('fields of an object, by name whatever their alias, in fragments too', () => {
  const query = `{ experiment { a: name ...Times ... on Node { id } ... @include(if: false) { notes } } }
    fragment Times on Experiment { createdAt ...Again } fragment Again on Experiment { ...Times finishedAt }`;
  expect([...selectedFields(asked(query))].sort()).toEqual(['createdAt', 'finishedAt', 'id', 'name', 'notes']);
});

test('a field that stands in several places', () => {
  expect([...selectedFields(asked('{ experiment { id } experiment { name } }'))]).toEqual(['id', 'name']);
});

test('objects of a page, by both ways, and whether it needs cursors', () => {
  const page = (of: string) => selectedOfPage(asked(`{ experiments { ${of} } }`));
  expect(page('nodes { id } totalCount pageInfo { hasNextPage }')).toEqual({
    ofNodes: new Set(['id']),
    withCursors: false,
  });
  expect(page('nodes { id } edges { node { name } }')).toEqual({
    ofNodes: new Set(['id', 'name']),
    withCursors: false,
  });
  expect(page('edges { cursor }')).toEqual({ ofNodes: new Set(), withCursors: true });
  expect(page('pageInfo { ... { endCursor } } nodes { id }').withCursors).toBe(true);
  expect(page('pageInfo { startCursor }').withCursors).toBe(true);
});

test('what was found of a parsed document is found again', () => {
  const query = asked('{ experiment { id } }');
  expect(selectedFields(query)).toBe(selectedFields(query));
});
