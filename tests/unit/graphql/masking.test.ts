import { GraphQLError, parse } from 'graphql';
import { expect, test } from 'vitest';
import { maskError } from '../../../src/graphql/mask-error.js';
import { withoutSuggestions } from '../../../src/graphql/without-suggestions.js';
import { StorageError } from '../../../src/storage/storage-error.js';

const nothingLogged = () => {
  throw new Error('This should not be logged.');
};

test('an error of a resolver is replaced by an id, and logged under it', () => {
  const cause = new Error('duplicate key value violates "users_pkey" at /srv/app.ts');
  const logged: [unknown, string][] = [];
  const masked = maskError(new GraphQLError(cause.message, { originalError: cause, path: ['a', 0] }), (...entry) =>
    logged.push(entry),
  );
  expect(masked.path).toEqual(['a', 0]);
  expect(masked.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', errorId: logged[0]![1] });
  expect(masked.message).not.toContain('users_pkey');
  expect(logged[0]![0]).toBe(cause);
});

test('anything else that is thrown is masked too', () => {
  const masked = maskError(new TypeError('x is undefined'), () => undefined);
  expect(masked.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
  expect(masked.message).not.toContain('undefined');
});

test.each([
  ['DISK_FULL', Object.assign(new Error('could not extend file "base/5/16384"'), { code: '53100' })],
  ['DISK_FULL', new StorageError('DISK_FULL', 'write an artifact: no space is left on the disk')],
  ['MISSING_ARTIFACT', new StorageError('NOT_FOUND', `find artifact ${'a'.repeat(64)}: not found`)],
  ['MISSING_ARTIFACT', new StorageError('CORRUPT', `read artifact ${'a'.repeat(64)}: its bytes have changed`)],
  ['INTERNAL_SERVER_ERROR', new StorageError('IO', 'read an artifact: EIO')],
])('a full disk and a damaged file are told by code, without paths of the server: %s', (code, cause) => {
  const logged: unknown[] = [];
  const masked = maskError(new GraphQLError(cause.message, { originalError: cause, path: ['a'] }), (error) =>
    logged.push(error),
  );
  expect(masked.extensions).toEqual({ code, errorId: expect.any(String) });
  expect(masked.message).not.toContain('base/5');
  expect(masked.message.includes('a'.repeat(64))).toBe(code === 'MISSING_ARTIFACT');
  expect(logged).toEqual([cause]);
});

test('what was thrown for the client stays', () => {
  const meant = new GraphQLError('There is no experiment with this id.', { extensions: { code: 'NOT_FOUND' } });
  const located = new GraphQLError(meant.message, {
    originalError: meant,
    path: ['experimentEvents'],
    extensions: meant.extensions,
  });
  expect(maskError(located, nothingLogged)).toMatchObject({
    message: meant.message,
    extensions: { code: 'NOT_FOUND' },
  });
});

test('so do faults of the document or its variables, without a stack', () => {
  const error = new GraphQLError('Unknown field', { extensions: { stacktrace: ['at /srv/app.ts'] } });
  expect(maskError(error, nothingLogged)).toEqual({
    message: 'Unknown field',
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  });
});

test('what a scalar says of a value in the document or the variables stays', () => {
  const { definitions } = parse('{ field(seed: -1) }');
  const cause = new TypeError('A seed is an integer.');
  const error = new GraphQLError('Expected value of type "Seed", found -1; A seed is an integer.', {
    nodes: definitions,
    originalError: cause,
  });
  expect(maskError(error, nothingLogged).message).toBe(error.message);
});

test('what broke the server before anything was executed is masked', () => {
  const cause = new TypeError("Cannot read properties of undefined (reading 'operation')");
  const masked = maskError(new GraphQLError(cause.message, { originalError: cause }), () => undefined);
  expect(masked).toMatchObject({ extensions: { code: 'INTERNAL_SERVER_ERROR' } });
  expect(masked.message).not.toContain('operation');
});

test.each([
  ['Cannot query field "nam" on type "Project". Did you mean "name"?', 'Cannot query field "nam" on type "Project".'],
  [
    'Unknown argument "frst" on field "a". Did you mean "first", "last" or "from"?',
    'Unknown argument "frst" on field "a".',
  ],
  ['Did you mean it?', 'Did you mean it?'],
  ['Value "A. Did you mean B?" is wrong.', 'Value "A. Did you mean B?" is wrong.'],
])('%s: nobody learns names by guessing', (message, told) => {
  expect(withoutSuggestions(new GraphQLError(message).toJSON()).message).toBe(told);
});
