import canonicalize from 'canonicalize';
import { areDisjoint, type Case } from './disjoint-cases.js';
import { invalidSchema } from './invalid-schema.js';
import { type JsonTerms, jsonTerms } from './json-terms.js';
import { numeralBetween } from './numerals.js';
import { beginsWithin, canEnd } from './references.js';
import {
  annotations,
  asRecord,
  asSchema,
  bound,
  count,
  isOfType,
  keywordsOf,
  namesOf,
  type Schema,
  schemasOf,
  type TypeName,
  typeNames,
  typesOf,
} from './schema-values.js';
import { type Term, Terms } from './terms.js';

/** Levels of a schema within another. */
const mostDepth = 64;
/** Properties of an object: what is made for optional ones grows by the square of their number. */
const mostProperties = 1_000;
const anyValue = ' any';

/** A set of texts, with what makes its terms. */
export interface Language {
  readonly terms: Terms;
  readonly start: Term;
}

/**
 * The texts of JSON values that a JSON Schema allows. Properties come in the schema's order; others than those of
 * `properties` only where `additionalProperties` says so, or nothing is said of properties at all.
 *
 * Errors: ProblemError INVALID_SCHEMA for what is no schema, allows nothing, or has a keyword that is not supported:
 * none is ignored but annotations.
 */
export function schemaLanguage(schema: unknown): Language {
  let dead: ReadonlySet<string> = new Set();
  // References to what has no finite value are found by a first reading, and are nothing in the second.
  for (;;) {
    const reading = new SchemaReading(schema, dead);
    const start = reading.start();
    const found = reading.withoutValues();
    if (found.size > 0) {
      dead = new Set([...dead, ...found]);
      continue;
    }
    if (start === reading.terms.never) throw invalidSchema([], 'the schema allows no value', null);
    return { terms: reading.terms, start };
  }
}

class SchemaReading {
  readonly terms = new Terms((name) => this.#bodies.get(name)!);
  readonly #json: JsonTerms = jsonTerms(this.terms);
  readonly #bodies = new Map<string, Term>();
  readonly #root: Schema;
  readonly #dead: ReadonlySet<string>;

  constructor(schema: unknown, dead: ReadonlySet<string>) {
    this.#root = asSchema(schema, []);
    this.#dead = dead;
  }

  /** A value, after at most one space. */
  start(): Term {
    const { terms } = this;
    const value = this.#read(this.#root, [], 0);
    for (const name of this.#bodies.keys()) {
      if (beginsWithin(name, name, this.#bodies))
        throw invalidSchema([], `the schema ${name} refers to itself, with nothing between`, null);
    }
    return terms.sequence(terms.optional(terms.text(' ')), value);
  }

  /** Names of what has no finite value. */
  withoutValues(): Set<string> {
    const left = new Set([...this.#bodies.keys()].filter((name) => !this.#dead.has(name)));
    for (let size = -1; size !== left.size; ) {
      size = left.size;
      for (const name of left) if (canEnd(this.#bodies.get(name)!, left)) left.delete(name);
    }
    return left;
  }

  #read(schema: Schema, path: readonly string[], depth: number): Term {
    const { terms } = this;
    if (depth > mostDepth) throw invalidSchema(path, `the schema is nested more than ${mostDepth} levels deep`, null);
    if (schema === true) return this.#any();
    if (schema === false) return terms.never;
    const asked = Object.keys(schema).filter((keyword) => !annotations.has(keyword));
    const alone = (keyword: string, ...with_: readonly string[]) => {
      const other = asked.find((each) => each !== keyword && !with_.includes(each));
      if (other !== undefined)
        throw invalidSchema(
          [...path, other],
          `“${other}” beside “${keyword}” is not supported`,
          'Put it into the schemas there.',
        );
    };
    if (asked.length === 0) return this.#any();
    if ('$ref' in schema) {
      alone('$ref');
      return this.#refer(schema.$ref, [...path, '$ref'], depth);
    }
    if ('const' in schema || 'enum' in schema) {
      const keyword = 'const' in schema ? 'const' : 'enum';
      alone(keyword, 'type');
      const values = keyword === 'const' ? [schema.const] : schema.enum;
      if (!Array.isArray(values)) throw invalidSchema([...path, 'enum'], '“enum” must be a list of values', null);
      const types = 'type' in schema ? typesOf(schema.type, path) : typeNames;
      const fitting = values.filter((value) => types.some((type) => isOfType(value, type)));
      return terms.either(...fitting.map((value) => terms.text(JSON.stringify(value))));
    }
    for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
      if (!(keyword in schema)) continue;
      alone(keyword);
      const cases = schemasOf(schema[keyword], [...path, keyword]);
      if (keyword === 'allOf' && cases.length > 1)
        throw invalidSchema([...path, keyword], '“allOf” of several schemas is not supported', 'Write them as one.');
      const read = cases.map((each, index) => this.#read(each, [...path, keyword, String(index)], depth + 1));
      if (keyword === 'oneOf' && !areDisjoint(cases.map((each) => this.#asCase(each, depth)))) {
        const hint = 'Write “anyOf”; or tell the cases apart by their types, or by a required property with “const”.';
        throw invalidSchema([...path, keyword], 'the cases of “oneOf” may overlap, which is not supported', hint);
      }
      return terms.either(...read);
    }
    return this.#ofTypes(schema, asked, path, depth);
  }

  #ofTypes(
    schema: Readonly<Record<string, unknown>>,
    asked: readonly string[],
    path: readonly string[],
    depth: number,
  ): Term {
    const named = 'type' in schema ? typesOf(schema.type, path) : null;
    // A schema that speaks of properties means an object, although it allows what is none.
    const meant = typeNames.filter(
      (type) => type !== 'integer' && keywordsOf[type].some((keyword) => keyword in schema),
    );
    const types = named ?? meant;
    const known = new Set<string>(types.flatMap((type) => keywordsOf[type]));
    for (const keyword of asked) {
      // Multiples of numbers with a fraction are not written.
      const isMultiple = keyword === 'multipleOf' && types.includes('number');
      if (keyword === 'type' || (known.has(keyword) && !isMultiple)) continue;
      const isOfOther = typeNames.some((type) => (keywordsOf[type] as readonly string[]).includes(keyword));
      if (isOfOther && !isMultiple) continue;
      throw invalidSchema(
        [...path, keyword],
        `“${keyword}” is not supported`,
        'Leave it out, and check the answer for it.',
      );
    }
    return this.terms.either(...types.map((type) => this.#ofType(type, schema, path, depth)));
  }

  #ofType(type: TypeName, schema: Readonly<Record<string, unknown>>, path: readonly string[], depth: number): Term {
    const { terms } = this;
    switch (type) {
      case 'object':
        return this.#object(schema, path, depth);
      case 'array':
        return this.#array(schema, path, depth);
      case 'string': {
        const [min, max] = [count(schema, 'minLength', path), count(schema, 'maxLength', path)];
        return this.#json.string(min ?? 0, max ?? Number.POSITIVE_INFINITY);
      }
      case 'number':
      case 'integer': {
        const min = bound(schema, 'minimum', 'exclusiveMinimum', path, (a, b) => a > b);
        const max = bound(schema, 'maximum', 'exclusiveMaximum', path, (a, b) => a < b);
        const multipleOf = type === 'integer' ? (count(schema, 'multipleOf', path) ?? null) : null;
        if (multipleOf === 0) throw invalidSchema([...path, 'multipleOf'], '“multipleOf” must be above 0', null);
        if (min === null && max === null && multipleOf === null) return this.#json[type];
        const numeral = terms.numeral(numeralBetween(type === 'integer', min, max, multipleOf));
        return hasNumeral(terms, numeral) ? numeral : terms.never;
      }
      case 'boolean':
      case 'null':
        return this.#json[type];
      default:
        return type satisfies never;
    }
  }

  #object(schema: Readonly<Record<string, unknown>>, path: readonly string[], depth: number): Term {
    const { terms } = this;
    const { comma, colon, nameBut } = this.#json;
    const given = 'properties' in schema ? asRecord(schema.properties, [...path, 'properties']) : {};
    if (Object.keys(given).length > mostProperties)
      throw invalidSchema([...path, 'properties'], `an object has more than ${mostProperties} properties`, null);
    const required = 'required' in schema ? namesOf(schema.required, [...path, 'required']) : [];
    const free = !('properties' in schema) && required.length === 0;
    const additional = asSchema(schema.additionalProperties ?? free, [...path, 'additionalProperties']);
    const value = this.#read(additional, [...path, 'additionalProperties'], depth + 1);
    const ofOthers = 'additionalProperties' in schema ? value : this.#any();
    const missing = required.filter((name) => !Object.hasOwn(given, name));
    const pairs = [
      ...Object.entries(given).map(([name, each]) => {
        const at = [...path, 'properties', name];
        return { name, value: this.#read(asSchema(each, at), at, depth + 1), isRequired: required.includes(name) };
      }),
      ...missing.map((name) => ({ name, value: ofOthers, isRequired: true })),
    ].map((pair) => ({ ...pair, term: terms.sequence(terms.text(JSON.stringify(pair.name)), colon, pair.value) }));

    const other = terms.sequence(nameBut(pairs.map(({ name }) => name)), colon, value);
    const more = terms.repeat(terms.sequence(comma, other));
    // What follows a pair, and what stands at the beginning, from the last pair to the first.
    let following = more;
    let first = terms.optional(terms.sequence(other, more));
    for (const { term, isRequired } of pairs.reverse()) {
      const after = terms.sequence(term, following);
      first = isRequired ? after : terms.either(after, first);
      const behind = terms.sequence(comma, after);
      following = isRequired ? behind : terms.either(behind, following);
    }
    return terms.sequence(terms.text('{'), first, terms.text('}'));
  }

  #array(schema: Readonly<Record<string, unknown>>, path: readonly string[], depth: number): Term {
    const { terms } = this;
    const { comma } = this.#json;
    const at = [...path, 'items'];
    const item = this.#read(asSchema(schema.items ?? true, at), at, depth + 1);
    const prefix = 'prefixItems' in schema ? schemasOf(schema.prefixItems, [...path, 'prefixItems']) : [];
    const before = prefix.map((each, index) => this.#read(each, [...path, 'prefixItems', String(index)], depth + 1));
    const min = count(schema, 'minItems', path) ?? 0;
    const max = count(schema, 'maxItems', path) ?? Number.POSITIVE_INFINITY;
    if (max < min) return terms.never;
    const N = Math.min(before.length, max);
    const left = max - N;
    // Behind N items of their own, and before them from the last to the first.
    let rest = terms.repeat(terms.sequence(comma, item), Math.max(0, min - N), left);
    if (N === 0) {
      const items = terms.sequence(item, terms.repeat(terms.sequence(comma, item), Math.max(0, min - 1), left - 1));
      rest = min === 0 ? terms.optional(left === 0 ? terms.never : items) : items;
    }
    for (let index = N - 1; index >= 0; index--) {
      const own = terms.sequence(index === 0 ? terms.empty : comma, before[index]!, rest);
      rest = index >= min ? terms.optional(own) : own;
    }
    return terms.sequence(terms.text('['), rest, terms.text(']'));
  }

  #any(): Term {
    if (!this.#bodies.has(anyValue)) {
      this.#bodies.set(anyValue, this.terms.empty);
      const { string, number, boolean, null: nothing } = this.#json;
      const free = { type: 'object' };
      const containers = [this.#object(free, [], 0), this.#array({}, [], 0)];
      const all = [...containers, string(0, Number.POSITIVE_INFINITY), number, boolean, nothing];
      this.#bodies.set(anyValue, this.terms.either(...all));
    }
    return this.terms.reference(anyValue);
  }

  #refer(reference: unknown, path: readonly string[], depth: number): Term {
    const { terms } = this;
    const target = this.#resolve(reference, path);
    const name = reference as string;
    if (this.#dead.has(name)) return terms.never;
    if (!this.#bodies.has(name)) {
      this.#bodies.set(name, terms.empty);
      this.#bodies.set(name, this.#read(target, name.split('/').slice(1), depth + 1));
    }
    return terms.reference(name);
  }

  #resolve(reference: unknown, path: readonly string[]): Schema {
    if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) {
      throw invalidSchema(
        path,
        '“$ref” must point into the schema itself',
        'Write “#/$defs/…”, and put the schema there.',
      );
    }
    const keys = reference
      .split('/')
      .slice(1)
      .map((key) => decoded(key).replaceAll('~1', '/').replaceAll('~0', '~'));
    const found = keys.reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Readonly<Record<string, unknown>>)[key]
          : undefined,
      this.#root,
    );
    if (found === undefined) throw invalidSchema(path, `nothing stands at ${reference}`, null);
    return asSchema(found, path);
  }

  /** What tells a schema apart from others. */
  #asCase(schema: Schema, depth: number): Case {
    if (typeof schema === 'boolean' || depth > mostDepth) return { types: null, values: null, properties: new Map() };
    if ('$ref' in schema) return this.#asCase(this.#resolve(schema.$ref, ['$ref']), depth + 1);
    const values = 'const' in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : null;
    const types = 'type' in schema ? typesOf(schema.type, []) : null;
    const required = Array.isArray(schema.required) ? schema.required : [];
    const own = typeof schema.properties === 'object' && schema.properties !== null ? schema.properties : {};
    const properties = new Map(
      Object.entries(own)
        .filter(([name]) => required.includes(name))
        .flatMap(([name, each]) => {
          const { values: told } = this.#asCase(each as Schema, depth + 1);
          return told === null ? [] : [[name, told.map(canonical)] as const];
        }),
    );
    return { types, values: values?.map(canonical) ?? null, properties };
  }
}

/** The same text for equal values, whatever the order of their properties. */
function canonical(value: unknown): string {
  return canonicalize(value) ?? 'null';
}

/** A part of a reference; what is no such writing stands for itself. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function hasNumeral(terms: Terms, numeral: Term): boolean {
  return [...'-0123456789'].some((character) => terms.after(numeral, character.charCodeAt(0)) !== terms.never);
}
