import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { ValidDocuments } from '../../../src/server/valid-documents.js';

const textOf = (field: string): string => `{ ${field} }`;

test('a document is found by its text, and is the one that was kept', () => {
  const documents = new ValidDocuments();
  expect(documents.find(textOf('a'))).toBeNull();
  const document = parse(textOf('a'));
  documents.keep(textOf('a'), document);
  expect(documents.find(textOf('a'))).toBe(document);
  expect(documents.find(textOf('b'))).toBeNull();
});

test('of more texts than there is room for, the one that was not asked for longest goes', () => {
  // Each text has five characters: there is room for three.
  const documents = new ValidDocuments(15);
  const keep = (field: string) => documents.keep(textOf(field), parse(textOf(field)));
  const kept = () => ['a', 'b', 'c', 'd', 'e'].filter((field) => documents.find(textOf(field)) !== null).join('');
  for (const field of ['a', 'b', 'c']) keep(field);
  documents.find(textOf('a'));
  keep('d');
  expect(kept()).toBe('acd');
  documents.keep(textOf('wayMuchTooLong'), parse(textOf('wayMuchTooLong')));
  expect(documents.find(textOf('wayMuchTooLong'))).toBeNull();
  expect(kept()).toBe('acd');
  keep('e');
  expect(kept()).toBe('cde');
});
