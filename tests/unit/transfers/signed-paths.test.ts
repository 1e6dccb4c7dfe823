import { expect, test } from 'vitest';
import { createSignedPaths } from '../../../src/transfers/signed-paths.js';

const secret = Buffer.from('a secret of the server, 32 bytes');
let now = new Date('2026-01-01T00:00:00.500Z');
const paths = createSignedPaths(secret, () => now);

function parametersOf(path: string): { expires: string; signature: string } {
  return Object.fromEntries(new URL(path, 'http://x').searchParams) as never;
}

test('a signature holds for its path and its time alone', () => {
  const { path, expiresAt } = paths.sign('/exports/1/archive.zip', 60);
  expect(expiresAt).toEqual(new Date('2026-01-01T00:01:00Z'));
  const parameters = parametersOf(path);
  expect(paths.isSigned('/exports/1/archive.zip', parameters)).toBe(true);
  expect(paths.isSigned('/exports/2/archive.zip', parameters)).toBe(false);
  const later = { ...parameters, expires: String(Number(parameters.expires) + 1) };
  expect(paths.isSigned('/exports/1/archive.zip', later)).toBe(false);
  now = new Date('2026-01-01T00:01:00Z');
  expect(paths.isSigned('/exports/1/archive.zip', parameters)).toBe(false);
  now = new Date('2026-01-01T00:00:00.500Z');
});

test.each([
  [{}],
  [{ expires: '1e9', signature: 'AAAA' }],
  [{ expires: ['1', '2'], signature: 'AAAA' }],
  [{ expires: '99999999999', signature: '' }],
  [{ expires: '99999999999', signature: { deep: 'x' } }],
])('what is no signature is none: %j', (parameters) => {
  expect(paths.isSigned('/exports/1/archive.zip', parameters)).toBe(false);
});

test('another secret ends all links', () => {
  const { path } = paths.sign('/exports/1/archive.zip', 60);
  const other = createSignedPaths(Buffer.from('another one'), () => now);
  expect(other.isSigned('/exports/1/archive.zip', parametersOf(path))).toBe(false);
});
