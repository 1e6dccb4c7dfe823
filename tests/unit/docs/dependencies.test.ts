import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const { dependencies, devDependencies, engines } = JSON.parse(read('package.json'));
const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \| ([^ ]+) \|/gm)];

test('docs/dependencies.md has the versions of package.json', () => {
  const given = rows.map(([, name, version]) => [name, version]);
  expect(given).toEqual(given.map(([name]) => [name, { ...dependencies, ...devDependencies }[name!]]));
  expect(given.length).toBeGreaterThan(5);
});

test('it speaks of the oldest Node that package.json allows', () => {
  expect(engines).toEqual({ node: '>=20.19' });
  expect(read('docs/dependencies.md')).toContain('Node 20 (from 20.19 on)');
});
