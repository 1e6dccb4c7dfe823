import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../gpu-worker/data/random.js';
import { openConstraint } from '../../../gpu-worker/generation/constraints/open-constraint.js';
import { ProblemError } from '../../../gpu-worker/problem-error.js';
import { openVocabulary, type Vocabulary } from '../../../src/tokenizer/index.js';
import reference from '../../numerics/reference/decoders/tokenizers.reference.json' with { type: 'json' };

const references = reference as unknown as Record<string, { readonly json: unknown }>;
const vocabularies = ['gpt2', 'llama2', 'gemma3', 'qwen2'].map((name) => {
  const { json } = references[name]!;
  const bytes = new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json));
  return [name, openVocabulary(bytes)] as const;
});
const [[, gpt2]] = vocabularies as unknown as [[string, Vocabulary]];

/** An id that no text can be made with, as tokens that end texts are. */
const endOf = (vocabulary: Vocabulary) =>
  Array.from({ length: vocabulary.size }, (_, id) => id).find((id) => vocabulary.bytesOf(id) === null)!;

interface Written {
  readonly text: string;
  readonly isWhole: boolean;
}

/** Writes by random tokens of those that may come next, and ends where it may, one time in two. */
function write(
  constraint: Parameters<typeof openConstraint>[0],
  { vocabulary = gpt2, seed = 1, most = 300 }: { vocabulary?: Vocabulary; seed?: number; most?: number } = {},
): Written {
  const end = endOf(vocabulary);
  const random = createRandom(seed);
  const rule = openConstraint(constraint, vocabulary, new Set([end]))();
  const bytes: number[] = [];
  const text = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  for (let count = 0; count < most; count++) {
    const mask = rule.mask();
    const allowed: number[] = [];
    mask.forEach((word, index) => {
      for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) allowed.push(32 * index + bit);
    });
    const mayEnd = allowed.includes(end);
    if (mayEnd && (allowed.length === 1 || random() % 2 === 0)) return { text: text(), isWhole: true };
    const others = allowed.filter((id) => id !== end);
    const id = others[random() % others.length]!;
    bytes.push(...vocabulary.bytesOf(id)!);
    rule.accept(id);
    if (rule.isComplete()) return { text: text(), isWhole: true };
  }
  return { text: String.fromCharCode(...bytes), isWhole: false };
}

const json = (schema: unknown) => ({ kind: 'jsonSchema', schema }) as const;

function problemOf(schema: unknown) {
  try {
    openConstraint(json(schema), gpt2, new Set());
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('the schema was taken');
}

/** Schemas of finite values, most of them short. */
const { schema: anySchema } = fc.letrec<{ schema: Record<string, unknown> }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'schema' },
    fc.constantFrom<Record<string, unknown>>(
      { type: 'boolean' },
      { type: 'null' },
      { type: 'integer' },
      { type: 'number' },
      { type: ['integer', 'null'] },
    ),
    fc.record({ const: fc.jsonValue({ maxDepth: 1 }) }),
    fc.record({ enum: fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean()), { minLength: 1, maxLength: 4 }) }),
    fc.tuple(fc.nat(4), fc.nat(6)).map(([min, more]) => ({ type: 'string', minLength: min, maxLength: min + more })),
    fc
      .tuple(fc.constantFrom('integer', 'number'), fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.nat(2000))
      .map(([type, min, width]) => ({ type, minimum: min, maximum: min + width + 1 })),
    fc
      .tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 1, max: 40 }))
      .map(([min, step]) => ({ type: 'integer', exclusiveMinimum: min, maximum: min + 3 * step, multipleOf: step })),
    fc
      .tuple(tie('schema'), fc.nat(2), fc.nat(2))
      .map(([items, min, more]) => ({ type: 'array', items, minItems: min, maxItems: min + more })),
    fc
      .tuple(fc.dictionary(fc.string({ maxLength: 4 }), tie('schema'), { maxKeys: 3 }), fc.nat(7), fc.boolean())
      .map(([properties, bits, isOpen]) => ({
        type: 'object',
        properties,
        required: Object.keys(properties).filter((_, index) => (bits >> index) & 1),
        additionalProperties: isOpen ? { type: 'null' } : false,
      })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
})) as unknown as { schema: fc.Arbitrary<Record<string, unknown>> };

describe.each(vocabularies)("answers by a JSON Schema, of %s's tokens", (_, vocabulary) => {
  it('are valid for an independent validator, whatever tokens are likely', () => {
    let whole = 0;
    fc.assert(
      fc.property(anySchema, fc.nat(), (schema, seed) => {
        const { text, isWhole } = write(json(schema), { vocabulary, seed });
        if (!isWhole) return;
        whole += 1;
        const validate = new Ajv2020({ strict: false }).compile(schema);
        expect(validate(JSON.parse(text)), `${text} for ${JSON.stringify(schema)}`).toBe(true);
      }),
      { numRuns: 150, seed: 7 },
    );
    expect(whole).toBeGreaterThan(120);
  });
});

describe('answers by a JSON Schema', () => {
  const texts = (schema: unknown, count = 40) =>
    Array.from({ length: count }, (_, seed) => write(json(schema), { seed })).filter(({ isWhole }) => isWhole);

  it('that asks for nothing are any JSON', () => {
    const all = texts({}, 60);
    expect(all.length).toBeGreaterThan(30);
    for (const { text } of all) JSON.parse(text);
  });

  it('follow references, also of a schema to itself', () => {
    const schema = {
      $defs: {
        tree: {
          type: 'object',
          properties: { left: { $ref: '#/$defs/tree' }, value: { type: 'boolean' } },
          required: ['value'],
          additionalProperties: false,
        },
      },
      $ref: '#/$defs/tree',
    };
    const validate = new Ajv2020().compile(schema);
    const all = texts(schema);
    expect(all.length).toBeGreaterThan(20);
    expect(all.some(({ text }) => text.includes('left'))).toBe(true);
    for (const { text } of all) expect(validate(JSON.parse(text))).toBe(true);
  });

  it('never take a case that has no end', () => {
    const endless = { type: 'object', properties: { a: { $ref: '#/$defs/e' } }, required: ['a'] };
    const schema = { $defs: { e: endless }, anyOf: [{ $ref: '#/$defs/e' }, { const: 1 }] };
    for (const { text } of texts(schema, 10)) expect(JSON.parse(text)).toBe(1);
    expect(problemOf({ $defs: { e: endless }, $ref: '#/$defs/e' })).toMatchObject({
      code: 'INVALID_SCHEMA',
      message: 'the schema allows no value',
    });
  });

  it('hold numbers to their bounds', () => {
    const reached = new Set<number>();
    for (const { text } of texts({ type: 'integer', minimum: -1, exclusiveMaximum: 3 })) reached.add(Number(text));
    expect([...reached].map((value) => value + 0).sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
    for (const { text } of texts({ type: 'number', exclusiveMinimum: 0.1, maximum: 0.125 })) {
      expect(Number(text)).toBeGreaterThan(0.1);
      expect(Number(text)).toBeLessThanOrEqual(0.125);
    }
    for (const { text } of texts({ type: 'integer', minimum: 100, maximum: 120, multipleOf: 7 })) {
      expect([105, 112, 119]).toContain(Number(text));
    }
    expect(problemOf({ type: 'integer', minimum: 4, maximum: 3 }).message).toBe('the schema allows no value');
  });

  it('may be of cases that do not overlap', () => {
    const kind = (name: string, more: object) => ({
      type: 'object',
      properties: { kind: { const: name }, ...more },
      required: ['kind'],
      additionalProperties: false,
    });
    const schema = { oneOf: [kind('a', { x: { type: 'boolean' } }), kind('b', {}), { type: 'null' }] };
    const validate = new Ajv2020().compile(schema);
    for (const { text } of texts(schema)) expect(validate(JSON.parse(text))).toBe(true);
    expect(problemOf({ oneOf: [{ type: 'integer' }, { type: 'number' }] })).toMatchObject({
      code: 'INVALID_SCHEMA',
      path: ['output', 'jsonSchema', 'oneOf'],
    });
  });

  it('do not pass over what they can not be held to', () => {
    for (const [schema, path] of [
      [{ type: 'string', pattern: 'a' }, ['pattern']],
      [{ type: 'string', format: 'date' }, ['format']],
      [{ not: {} }, ['not']],
      [{ type: 'array', uniqueItems: true }, ['uniqueItems']],
      [
        { type: 'object', properties: { a: { type: 'object', patternProperties: {} } } },
        ['properties', 'a', 'patternProperties'],
      ],
      [{ type: 'text' }, ['type']],
      [{ type: ['number', 'integer'], multipleOf: 5 }, ['multipleOf']],
      [{ oneOf: [{ const: { a: 1, b: 2 } }, { const: { b: 2, a: 1 } }] }, ['oneOf']],
      [{ $ref: '#/%' }, ['$ref']],
      [{ anyOf: [], type: 'null' }, ['type']],
      [{ anyOf: [{}, { $ref: 'https://example.org' }] }, ['anyOf', '1', '$ref']],
      [{ $ref: '#/$defs/none' }, ['$ref']],
      [{ properties: 3 }, ['properties']],
      [7, []],
    ] as const) {
      const problem = problemOf(schema);
      expect(problem).toMatchObject({ code: 'INVALID_SCHEMA', path: ['output', 'jsonSchema', ...path] });
    }
    expect(problemOf({ $ref: '#' }).message).toContain('refers to itself');
  });

  it('take schemas of any size within limits', () => {
    let deep: object = { type: 'null' };
    for (let level = 0; level < 100; level++) deep = { type: 'array', items: deep };
    expect(problemOf(deep).message).toContain('levels deep');
    const wide = { type: 'string', maxLength: 1_000_000 };
    expect(write(json({ type: 'array', items: wide, maxItems: 1_000_000 }), { most: 20 }).isWhole).toBeDefined();
    const properties = Object.fromEntries(Array.from({ length: 1_000 }, (_, k) => [`name ${k}`, { type: 'boolean' }]));
    const { text } = write(json({ type: 'object', properties, required: ['name 999'], additionalProperties: false }));
    expect(text.startsWith('{') || text.startsWith(' {')).toBe(true);
  });
});

describe('choices', () => {
  const choices = ['red', 'reddish', 'dark blue', '日本', 'é\n"'];

  it.each(vocabularies)("are written as they are, of %s's tokens", (_, vocabulary) => {
    const reached = new Set<string>();
    for (let seed = 0; seed < 80; seed++) {
      const { text, isWhole } = write({ kind: 'choices', choices }, { vocabulary, seed });
      expect(isWhole).toBe(true);
      expect(choices).toContain(text);
      reached.add(text);
    }
    expect(reached.size).toBe(choices.length);
  });

  it('end an answer where none is longer, and may end it where one is', () => {
    const end = endOf(gpt2);
    const rule = openConstraint({ kind: 'choices', choices: ['a', 'ab'] }, gpt2, new Set([end]))();
    const id = (text: string) => Array.from({ length: gpt2.size }, (_, k) => k).find((k) => gpt2.textOf(k) === text)!;
    rule.accept(id('a'));
    expect(rule.isComplete()).toBe(false);
    expect((rule.mask()[end >>> 5]! >>> (end & 31)) & 1).toBe(1);
    rule.accept(id('b'));
    expect(rule.isComplete()).toBe(true);
  });

  const words = (...tokens: string[]) => ({
    bytesOf: (id: number) => (tokens[id] === undefined ? null : new TextEncoder().encode(tokens[id])),
    textOf: String,
    size: tokens.length + 1,
  });

  it('that the tokenizer can not write are refused', () => {
    const open = () => openConstraint({ kind: 'choices', choices: ['no', 'maybe'] }, words('yes', 'no'), new Set([2]));
    expect(open).toThrow('no tokens for the choice “maybe”');
  });

  it('never begin with a token after which they can not be finished', () => {
    // Of “ab” and “bc” alone “abc” can not be made.
    const rule = openConstraint({ kind: 'choices', choices: ['abc'] }, words('ab', 'a', 'bc'), new Set([3]))();
    expect([...rule.mask()]).toEqual([0b0010]);
    rule.accept(1);
    expect([...rule.mask()]).toEqual([0b0100]);
  });
});
