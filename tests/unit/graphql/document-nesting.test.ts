import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { refuseDeepDocument } from '../../../src/graphql/document-nesting.js';

const nested = (open: string, close: string, levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`;
const argument = (value: string) => `{ viewer(a: ${value}) { id } }`;

describe('a document with deeply nested brackets', () => {
  test.each([
    ['lists', argument(nested('[', ']', 3000))],
    ['objects', argument(nested('{a:', '}', 1500))],
    ['selections', `${'{ a '.repeat(900)}${'}'.repeat(900)}`],
    ['types', `query ($a: ${'['.repeat(2500)}Int`],
  ])('of %s is refused, and told the limit', (_, text) => {
    expect(refuseDeepDocument(text)).toMatchObject({
      message: expect.stringContaining('at more than 200 levels'),
      extensions: { code: 'OPERATION_TOO_COSTLY', limit: 200, http: { status: 400 } },
    });
  });

  test.each([
    ['brackets of strings', argument(`"${'['.repeat(500)} \\" ${'['.repeat(500)}"`)],
    ['brackets of block strings', argument(`"""${'['.repeat(500)} " \\""" ${'{'.repeat(500)}"""`)],
    ['brackets of comments', `# ${'['.repeat(500)}\n${argument('1')}`],
    ['brackets beside each other', argument(`[${'[1] '.repeat(500)}]`)],
    ['200 levels', argument(nested('[', ']', 198))],
  ])('is told from one with %s', (_, text) => {
    parse(text);
    expect(refuseDeepDocument(text)).toBeNull();
  });

  test('is looked at without recursion', () => {
    expect(refuseDeepDocument(argument(`"${'x'.repeat(2_000_000)}"`))).toBeNull();
    expect(refuseDeepDocument('['.repeat(1_000_000))).not.toBeNull();
  });
});
