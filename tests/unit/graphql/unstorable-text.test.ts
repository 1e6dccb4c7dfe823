import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { refuseUnstorableText } from '../../../src/graphql/unstorable-text.js';

const document = parse('query ($a: [In!]) { a(x: $a) }');

test.each([[{ a: 'a\u0000b' }], [{ a: [{ b: { c: ['\ud800'] } }] }], [{ a: 'x\udc00' }]])(
  '%j is refused',
  (variables) => {
    expect(refuseUnstorableText(document, variables)).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  },
);

test.each([[{ a: '🏃 \u0001\ufffd\ufeff' }], [{ a: [null, 1, true, {}, []] }], [null], [undefined]])(
  '%j is let in',
  (variables) => {
    expect(refuseUnstorableText(document, variables)).toBe(null);
  },
);

test.each([
  ['{ a(x: "\\u0000") }', true],
  ['{ a(x: [{ y: "a\\u{0}b" }]) }', true],
  ['{ a(x: "\\u00e9 🏃") }', false],
  ['{ a(x: "\\ud83c\\udfc3") }', false],
  ['{ a(x: "\\\\u0000") }', false],
  ['{ a }', false],
])('literals of %s', (source, refused) => {
  expect(refuseUnstorableText(parse(source), null) !== null).toBe(refused);
});

test('a document without its source is read', () => {
  expect(refuseUnstorableText(parse('{ a(x: "\\u0000") }', { noLocation: true }), null)).not.toBe(null);
});
