import { GraphQLScalarType, Kind } from 'graphql';
import { GraphQLBigInt, GraphQLDateTime, GraphQLJSON, RegularExpression } from 'graphql-scalars';

const [int64Min, int64Max] = [-(2n ** 63n), 2n ** 63n - 1n];

/** A number up to 2⁵³, which JSON can write exactly; a bigint beyond. */
function toInt64(value: unknown): number | bigint {
  const isWhole = Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,19}$/.test(value));
  const integer = isWhole ? BigInt(value as number | string) : null;
  if (integer === null || integer < int64Min || integer > int64Max) {
    throw new TypeError('A BigInt is a whole number of 64 bits: from -2^63 to 2^63 - 1, beyond 2^53 as a string.');
  }
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

/** Counts and sizes that can exceed 2³¹. A JSON number up to 2⁵³, beyond it a string of digits. */
export const BigIntScalar = new GraphQLScalarType({
  ...GraphQLBigInt.toConfig(),
  parseValue: toInt64,
  parseLiteral: (node) => toInt64(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined),
  description: 'A 64-bit signed integer: a JSON number up to 2^53, a string of decimal digits beyond.',
});

const aDate = /^\d{4}-\d\d-\d\d$/;

/** A moment, or a date for its first moment in UTC. */
function toDateTime(value: unknown): Date {
  const text = typeof value === 'string' && aDate.test(value) ? `${value}T00:00:00.000Z` : value;
  try {
    return GraphQLDateTime.parseValue(text);
  } catch {
    const example = 'such as 2026-01-31T08:00:00Z or 2026-01-31T09:00:00+01:00, or a date such as 2026-01-31';
    throw new TypeError(
      `A DateTime is a text with a moment and its time zone, ${example}, which is 00:00 UTC that day.`,
    );
  }
}

export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTime.toConfig(),
  parseValue: toDateTime,
  parseLiteral: (node) => toDateTime(node.kind === Kind.STRING ? node.value : undefined),
  description:
    'A moment in UTC, ISO 8601 with milliseconds, e.g. 2026-01-31T08:00:00.000Z. As an input also with another time zone, or a date alone, e.g. 2026-01-31, which is its first moment in UTC.',
});

export const Json = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  description:
    "Any JSON value. Used only where data has no fixed form: a row of a user's dataset, and a JSON Schema. In a row a whole number beyond ±(2^53 - 1) is a string of its digits, at any depth, because most readers of JSON would round it.",
});

export const Sha256Scalar = new GraphQLScalarType({
  ...new RegularExpression('Sha256', /^[0-9a-f]{64}$/).toConfig(),
  description: 'A SHA-256 digest: 64 lower-case hexadecimal digits. Equal digests mean equal bytes.',
});

const uint32Max = 0xffffffff;

function toUint32(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > uint32Max) {
    throw new TypeError(`A seed is an integer from 0 to ${uint32Max}.`);
  }
  return value;
}

/** A seed has all 32 bits, one more than GraphQL's signed Int. */
export const Seed = new GraphQLScalarType<number, number>({
  name: 'Seed',
  description: 'An unsigned 32-bit integer from 0 to 4294967295 that determines all randomness.',
  serialize: toUint32,
  parseValue: toUint32,
  parseLiteral: (node) => toUint32(node.kind === Kind.INT ? Number(node.value) : undefined),
});
