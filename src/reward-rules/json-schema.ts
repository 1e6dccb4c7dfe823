import { Ajv2020 } from 'ajv/dist/2020.js';
import { isProblem, type LinearPattern, readPattern } from '../preparation/linear-pattern.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { messageOf } from '../protocol/message-of.js';
import { rewardLimits } from '../protocol/rewards/reward-limits.js';
import { checkSchemaSize } from './schema-size.js';
import { uniqueItems } from './unique-items.js';

const path = ['schema'];
const codeBlock = /```[^\n`]*\n([\s\S]*?)```/gu;

/** Of each kind of value, the least. */
const trials = [null, false, 0, '', [], {}];

/** Tells whether a text is a JSON value that a schema allows. */
export interface OpenSchema {
  /** Not where the check takes more than `maxSchemaSteps` steps, or its patterns more than `maxSchemaReads`. */
  allows(text: string): boolean;
}

/** Is thrown out of a check that takes too many steps. */
class TooManySteps extends Error {}

/**
 * Reads a JSON Schema (draft 2020-12). `pattern` is matched by RE2, in time linear in the text; `format` only notes
 * something.
 *
 * @param inCodeBlock whether the value may stand in a code block of Markdown, of which the last counts
 */
export function openSchema(schema: unknown, inCodeBlock: boolean): OpenSchema | InputProblem {
  const invalid = (message: string, hint: string | null = null) => problem(path, 'INVALID_SCHEMA', message, hint);
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null || Array.isArray(schema))) {
    return invalid('A JSON Schema is an object, true or false.');
  }
  const size = checkSchemaSize(schema);
  if (size !== null) return { ...size, path: [...path, ...size.path] };
  let [steps, reads] = [0, 0];
  const step = (): void => {
    if (++steps > rewardLimits.maxSchemaSteps) throw new TooManySteps();
  };
  const regExp = linearPatterns((cost) => {
    reads += cost;
    if (reads > rewardLimits.maxSchemaReads) throw new TooManySteps();
  });
  // Without inlining, each reference is a call of a function that counts. To make the code shorter before it is
  // compiled took three quarters of the time: 100 to 250 ms of the largest schemas, instead of 25 to 80.
  const code = { regExp, process: counting, optimize: false } as const;
  const options = { strict: false, validateFormats: false, logger: false, inlineRefs: false, code } as const;
  const ajv = Object.assign(new Ajv2020({ ...options, validateSchema: false }), { step });
  ajv.removeKeyword('uniqueItems').addKeyword(uniqueItems(step));
  try {
    if (ofSchemas().validateSchema(schema) !== true) throw new Error(ofSchemas().errorsText());
    const validate = ajv.compile(schema);
    // Such a schema's check would return a promise.
    if ('$async' in validate) return invalid('A JSON Schema can not have `$async`.');
    const check = (value: unknown): boolean | null => {
      [steps, reads] = [0, 0];
      return isValid(validate, value);
    };
    if (trials.some((value) => check(value) === null)) {
      const message = 'The references of this schema multiply: to check one value takes too many steps.';
      return invalid(message, 'Let each part refer to another part once.');
    }
    return {
      allows(text) {
        const value = parsed(inCodeBlock ? ([...text.matchAll(codeBlock)].at(-1)?.[1] ?? text) : text);
        // A value that takes too many steps to check is not known to be allowed, and must not escape the check.
        return value !== undefined && check(value) === true;
      },
    };
  } catch (error) {
    return invalid(`This is no JSON Schema that can be checked: ${messageOf(error)}.`, 'Refer to `#/$defs/…` alone.');
  }
}

/** Lets a function that Ajv wrote count its calls; `self` is the instance of Ajv. */
function counting(code: string): string {
  const head = '={}){';
  const at = code.indexOf(head) + head.length;
  if (at < head.length) throw new Error('Ajv writes its functions in another form');
  return `${code.slice(0, at)}self.step();${code.slice(at)}`;
}

/** A value that is nested deeper than the stack is none that is allowed. Null: the check takes too many steps. */
function isValid(validate: (value: unknown) => boolean, value: unknown): boolean | null {
  try {
    return validate(value);
  } catch (error) {
    if (error instanceof RangeError) return false;
    if (error instanceof TooManySteps) return null;
    throw error;
  }
}

/** Undefined: the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * In place of JavaScript's regular expressions, some of which take forever.
 * @param charge is told what a search costs at most
 */
function linearPatterns(charge: (cost: number) => void) {
  const known = new Map<string, LinearPattern>();
  let characters = 0;
  const read = (pattern: string): { test(text: string): boolean; toString(): string } => {
    const { engine } = known.get(pattern) ?? compile(pattern);
    const size = engine.programSize();
    return {
      test(text) {
        charge(size * text.length);
        return engine.matcher(text).find();
      },
      // Ajv tells patterns apart by their text.
      toString: () => `/${pattern}/`,
    };
  };
  function compile(pattern: string): LinearPattern {
    characters += pattern.length;
    const most = rewardLimits.maxSchemaPatternCharacters;
    if (characters > most) throw new Error(`its patterns have more than ${most} characters together`);
    const found = readPattern(pattern, false, path);
    if (isProblem(found)) throw new Error(found.message);
    known.set(pattern, found);
    return found;
  }
  return Object.assign(read, { code: 'linear' });
}

let schemas: Ajv2020 | null = null;

/** What schemas are held to. It takes a tenth of a second to make, and serves all of them. */
function ofSchemas(): Ajv2020 {
  schemas ??= new Ajv2020({ strict: false, validateFormats: false, logger: false });
  return schemas;
}
