import {
  type GraphQLInputType,
  type GraphQLNamedInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Random } from './random.js';

/** What a value is made of: names and ids that exist, so that operations get somewhere. */
export interface Known {
  /** Global ids by type. */
  readonly ids: Readonly<Record<string, string>>;
  /** Names of things: projects, datasets, models, columns, splits, metrics. */
  readonly names: readonly string[];
  readonly cursors: readonly string[];
}

const maxDepth = 5;
const lone = ['\ud800', '\udfff', 'a\udc00b'];
const strings = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  ...lone,
  '\u202eabc',
  '🏃'.repeat(20),
  'x'.repeat(5_000),
  "'; DROP TABLE experiments; --",
  '%',
  '\\',
  '$1',
  '$(id)',
  '#{7*7}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '-0',
  '1e400',
  '[]',
  '{}',
  '1970-01-01T00:00:00Z',
  '2026-02-30T25:61:61Z',
  '00000000-0000-4000-8000-000000000001',
  'f'.repeat(64),
];
const numbers = [
  0,
  -0,
  1,
  -1,
  2,
  10,
  100,
  101,
  0.1,
  -0.5,
  1e-320,
  1e308,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 32 - 1,
  2 ** 53,
  2 ** 63,
  1e21,
];

/** Whatever a client could send in JSON, of no type in particular. */
export function hostileValue(random: Random, known: Known, depth = 0): unknown {
  const kind = random.whole(0, 9);
  if (kind <= 3) return random.pick(strings);
  if (kind <= 5) return random.pick(numbers);
  if (kind === 6) return random.pick([null, true, false]);
  if (kind === 7) return random.pick([...Object.values(known.ids), ...known.cursors]);
  if (depth >= maxDepth) return null;
  if (kind === 8) return Array.from({ length: random.whole(0, 3) }, () => hostileValue(random, known, depth + 1));
  const keys = random.some(['__proto__', 'constructor', 'id', '', 'input', 'toJSON', '\u0000'], random.whole(0, 2));
  // Own properties, whatever their names.
  return JSON.parse(
    `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(hostileValue(random, known, depth + 1))}`).join(',')}}`,
  );
}

/** A value of this type, mostly one that makes sense; now and then, by `hostility`, one that does not. */
export function typedValue(
  type: GraphQLInputType,
  name: string,
  random: Random,
  known: Known,
  hostility: number,
  depth = 0,
): unknown {
  if (random.chance(hostility)) return hostileValue(random, known);
  if (isNonNullType(type)) return typedValue(type.ofType, name, random, known, 0, depth) ?? fallback(type.ofType);
  if (random.chance(0.05)) return null;
  if (isListType(type)) {
    const length = random.pick([0, 1, 1, 2, 3]);
    return Array.from({ length }, () => typedValue(type.ofType, name, random, known, hostility, depth + 1));
  }
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    if (type.isOneOf) {
      const field = random.pick(fields);
      return { [field.name]: typedValue(field.type, field.name, random, known, hostility, depth + 1) };
    }
    const given = fields.filter(({ type: of }) => isNonNullType(of) || (depth < maxDepth && random.chance(0.4)));
    return Object.fromEntries(
      given.map((field) => [field.name, typedValue(field.type, field.name, random, known, hostility, depth + 1)]),
    );
  }
  return scalarValue(type, name, random, known);
}

function scalarValue(type: GraphQLNamedInputType, name: string, random: Random, known: Known): unknown {
  switch (type.name) {
    case 'ID':
      return idFor(name, random, known);
    case 'Int':
      return random.pick(name === 'first' ? [1, 1, 2, 3, 5] : [0, 1, 1, 2, 3, 10, 20, 100]);
    case 'Float':
      return random.pick([0, 0.1, 0.5, 0.9, 1, 2, 1e-5]);
    case 'Boolean':
      return random.chance(0.5);
    case 'BigInt':
      return random.pick<unknown>([0, 1, 5_000_000_000, '9007199254740993']);
    case 'Seed':
      return random.pick([0, 42, 2 ** 32 - 1]);
    case 'DateTime':
      return random.pick(['2026-01-31T08:00:00.000Z', '1970-01-01T00:00:00.000Z', '2126-01-01T00:00:00.000Z']);
    case 'Sha256':
      return 'ab'.repeat(32);
    case 'String':
      if (name === 'after' || name === 'before') return random.chance(0.5) ? null : random.pick(known.cursors);
      return random.chance(0.8) ? random.pick(known.names) : random.pick(strings);
    default:
      return random.pick<unknown>([random.pick(strings), random.pick(numbers), {}]);
  }
}

/** `datasetVersionId` → an id of a DatasetVersion, most of the time. */
function idFor(name: string, random: Random, known: Known): string {
  const wanted = Object.keys(known.ids)
    .sort((a, b) => b.length - a.length)
    .find((type) => name.toLowerCase().includes(type.toLowerCase()));
  const fitting = wanted ?? { modelId: 'BaseModel', exportId: 'ModelExport', importId: 'ModelImport' }[name];
  return fitting !== undefined && random.chance(0.85) ? known.ids[fitting]! : random.pick(Object.values(known.ids));
}

/** For a value that must not be null. */
function fallback(type: GraphQLInputType): unknown {
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) return {};
  return type.toString() === 'Boolean' ? false : type.toString() === 'String' || type.toString() === 'ID' ? '' : 0;
}
