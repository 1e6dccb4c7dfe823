import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLString,
  isEnumType,
} from 'graphql';
import { DateTime } from '../scalars.js';
import { momentText } from './moment-text.js';

/** The JSON text of a value of a leaf type. Throws where the type has no form for the value. */
export type LeafText = (value: unknown) => string;

const [minInt, maxInt] = [-(2 ** 31), 2 ** 31 - 1];

const known = new WeakMap<GraphQLLeafType, LeafText>();

/**
 * How values of a leaf type become JSON: as the type serializes them. What GraphQL's own types serialize as it is, and
 * an enum's values, need not pass through `serialize`.
 */
export function leafText(type: GraphQLLeafType): LeafText {
  const found = known.get(type) ?? makeLeafText(type);
  known.set(type, found);
  return found;
}

function makeLeafText(type: GraphQLLeafType): LeafText {
  const serialized = serializing(type);
  if (isEnumType(type)) return remembering(serialized);
  switch (type) {
    case GraphQLString:
    case GraphQLID:
      return (value) => (typeof value === 'string' ? JSON.stringify(value) : serialized(value));
    case GraphQLInt:
      return (value) =>
        typeof value === 'number' && Number.isInteger(value) && value >= minInt && value <= maxInt
          ? `${value}`
          : serialized(value);
    case GraphQLFloat:
      return (value) => (typeof value === 'number' && Number.isFinite(value) ? `${value}` : serialized(value));
    case GraphQLBoolean:
      return (value) => (typeof value === 'boolean' ? `${value}` : serialized(value));
    case DateTime:
      return (value) =>
        value instanceof Date ? (momentText(value.getTime()) ?? serialized(value)) : serialized(value);
    default:
      return serialized;
  }
}

function serializing(type: GraphQLLeafType): LeafText {
  return (value) => {
    const serialized = type.serialize(value);
    if (serialized === null || serialized === undefined) {
      throw new Error(`A value of the type ${type.name} has no form in an answer.`);
    }
    if (serialized instanceof Date) return `"${serialized.toISOString()}"`;
    return JSON.stringify(serialized) ?? 'null';
  };
}

/** An enum has few values: those that were serialized are kept; others throw. */
function remembering(text: LeafText): LeafText {
  const texts = new Map<unknown, string>();
  return (value) => {
    const known = texts.get(value);
    if (known !== undefined) return known;
    const made = text(value);
    texts.set(value, made);
    return made;
  };
}
