import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema, isScalarType, isSpecifiedScalarType, parse, validate } from 'graphql';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const schema = buildSchema(read('schema.graphql'));
const pages = [
  'README.md',
  ...['docs', 'docs/methods'].flatMap((folder) =>
    readdirSync(new URL(folder, root)).flatMap((name) => (name.endsWith('.md') ? [`${folder}/${name}`] : [])),
  ),
];

/** Blocks of GraphQL; and operations in a line, where nothing is left out (…). */
function operationsIn(text: string): string[] {
  const blocks = [...text.matchAll(/```graphql\n(.*?)```|<<'GRAPHQL'\n(.*?)\nGRAPHQL|GraphQL \*\/ `(.*?)`/gs)];
  const inLine = [...text.matchAll(/`((?:mutation |subscription |query )?\{ \w+(?:\([^`]*?\))? \{[^`…]*\} \})`/g)];
  return [...blocks, ...inLine].map((match) => match.slice(1).find((found) => found !== undefined)!);
}

test.each(pages)('every operation in %s is one of the schema', (page) => {
  for (const operation of operationsIn(read(page))) {
    const faults = validate(schema, parse(operation)).map(({ message }) => message);
    expect(faults, operation).toEqual([]);
  }
});

test('the scalars that docs/frontends.md tells a generator of types are those of the schema', () => {
  const told = [...read('docs/frontends.md').matchAll(/^ {10}(\w+): '/gm)].map(([, name]) => name!);
  const own = Object.values(schema.getTypeMap()).filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
  expect(told).toEqual(own.map(({ name }) => name).sort());
});

test('they are found', () => {
  expect(operationsIn(read('docs/guide.md')).length).toBeGreaterThan(20);
});
