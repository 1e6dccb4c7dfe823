import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Random } from './random.js';
import { hostileValue, type Known, typedValue } from './values.js';

export interface FuzzedOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly operationName?: string;
}

/** One operation in the making. */
interface Draft {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  readonly known: Known;
  /** How likely a value is of no type in particular. */
  readonly hostility: number;
  readonly variables: Map<string, { readonly type: string; readonly value: unknown }>;
  readonly fragments: Map<string, string>;
  /** Fields that may still be selected. */
  budget: number;
  aliases: number;
}

const maxDepth = 7;
/** Fields that tokenize a sample of a dataset: tens of milliseconds each, so they come rarely. */
const readsTexts = /^(plan|clone|createExperiment)/;

/**
 * A random operation of this schema: valid but for its values, which are hostile in one of four, and a few faults put
 * in by hand.
 */
export function randomOperation(schema: GraphQLSchema, random: Random, known: Known): FuzzedOperation {
  const draft: Draft = {
    schema,
    random,
    known,
    hostility: random.pick([0, 0, 0, 0.1]),
    variables: new Map(),
    fragments: new Map(),
    budget: random.whole(5, 50),
    aliases: 0,
  };
  const kind = random.chance(0.04) ? 'subscription' : random.pick(['query', 'query', 'query', 'mutation']);
  const root =
    { query: schema.getQueryType(), mutation: schema.getMutationType() }[kind] ?? schema.getSubscriptionType();
  const selection = selectionOf(draft, root!, kind === 'query' ? random.whole(1, 2) : 1, 0);
  const variables = [...draft.variables];
  const head = variables.length === 0 ? '' : `(${variables.map(([name, { type }]) => `$${name}: ${type}`).join(', ')})`;
  return {
    query: `${kind} Fuzzed${head} ${selection} ${[...draft.fragments.values()].join(' ')}`,
    variables: Object.fromEntries(variables.map(([name, { value }]) => [name, value])),
    ...(random.chance(0.03) ? { operationName: random.pick(['Fuzzed', 'Other', '', '__proto__']) } : {}),
  };
}

function selectionOf(draft: Draft, type: GraphQLNamedType, count: number, depth: number): string {
  const { random, schema } = draft;
  const parts: string[] = [];
  if (isAbstractType(type)) {
    parts.push('__typename');
    for (const member of random.some(schema.getPossibleTypes(type), random.whole(1, 3))) {
      parts.push(`... on ${member.name}${directives(draft)} ${selectionOf(draft, member, random.whole(1, 3), depth)}`);
    }
  }
  if (isObjectType(type) || isInterfaceType(type)) {
    const fields = Object.values(type.getFields()).filter(
      ({ name, type: of }) =>
        (depth < maxDepth - 1 || !isComposite(getNamedType(of))) && (!readsTexts.test(name) || random.chance(0.1)),
    );
    for (const field of random.some(fields, count)) {
      if (draft.budget <= 0) break;
      draft.budget -= 1;
      parts.push(fieldOf(draft, field, depth));
    }
    if (parts.length === 0 || random.chance(0.1)) parts.push('__typename');
  }
  const selection = `{ ${parts.join(' ')} }`;
  if (isObjectType(type) && depth > 0 && random.chance(0.1)) {
    const name = `F${draft.fragments.size}`;
    draft.fragments.set(name, `fragment ${name} on ${type.name} ${selection}`);
    return `{ ...${name}${directives(draft)} }`;
  }
  return selection;
}

function fieldOf(draft: Draft, field: GraphQLField<unknown, unknown>, depth: number): string {
  const { random } = draft;
  const args = field.args
    .filter((arg) => isRequired(arg) || random.chance(arg.name === 'first' ? 0.8 : 0.35))
    .map((arg) => `${arg.name}: ${argumentValue(draft, arg)}`);
  const type = getNamedType(field.type);
  // Fields of one name in the members of a union conflict by their types or arguments: an alias keeps them apart.
  const aliased = args.length > 0 || isNullableOrList(field.type) ? random.chance(0.5) : random.chance(0.05);
  const alias = aliased && draft.aliases < 28 ? `a${draft.aliases++}: ` : '';
  const inner = isComposite(type) ? ` ${selectionOf(draft, type, random.whole(1, 5), depth + 1)}` : '';
  return `${alias}${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${directives(draft)}${inner}`;
}

function argumentValue(draft: Draft, { name, type }: GraphQLArgument): string {
  const { random, known, hostility, variables } = draft;
  const value = typedValue(type, name, random, known, hostility);
  if (random.chance(0.6)) {
    const variable = `v${variables.size}`;
    variables.set(variable, {
      type: random.chance(0.97) ? String(type) : random.pick(['String', 'Int!', '[ID!]']),
      value,
    });
    return `$${variable}`;
  }
  return toLiteral(value, type);
}

function directives(draft: Draft): string {
  const { random } = draft;
  if (!random.chance(0.06)) return '';
  return random.pick([
    ' @include(if: true)',
    ' @skip(if: false)',
    ' @skip(if: true)',
    ' @include(if: true) @skip(if: false)',
    random.chance(0.1) ? ' @nothing' : ' @skip(if: false)',
  ]);
}

/** A value in GraphQL's own language: names of an enum bare, lone surrogates escaped. */
function toLiteral(value: unknown, type: GraphQLInputType | null): string {
  const bare = isNonNullType(type) ? type.ofType : type;
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) {
    return `[${value.map((item) => toLiteral(item, isListType(bare) ? bare.ofType : bare)).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([key]) => /^[_A-Za-z]\w*$/.test(key));
    return `{${entries.map(([key, item]) => `${key}: ${toLiteral(item, fieldType(bare, key))}`).join(', ')}}`;
  }
  if (typeof value === 'string')
    return isEnumType(bare) && /^[_A-Za-z]\w*$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? 'null';
}

function fieldType(type: GraphQLInputType | null, key: string): GraphQLInputType | null {
  return isInputObjectType(type) && Object.hasOwn(type.getFields(), key) ? type.getFields()[key]!.type : null;
}

/**
 * The operation with a few bytes of its document flipped, cut, or doubled; or with variables of no type in particular.
 */
export function damaged({ query, variables }: FuzzedOperation, random: Random, known: Known): Record<string, unknown> {
  if (random.chance(0.3)) return { query, variables: hostileValue(random, known) };
  const bytes = Buffer.from(query);
  for (let flips = random.whole(1, 4); flips > 0; flips -= 1) {
    bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255);
  }
  const text = bytes.toString();
  const cut = random.whole(0, text.length);
  return { query: random.pick([text, text.slice(0, cut), text + text.slice(cut), text.slice(cut)]), variables };
}

const isComposite = (type: GraphQLNamedType): boolean => isObjectType(type) || isAbstractType(type);
const isRequired = (arg: GraphQLArgument): boolean => isNonNullType(arg.type) && arg.defaultValue === undefined;
const isNullableOrList = (type: GraphQLOutputType): boolean => !isNonNullType(type) || isListType(type.ofType);
