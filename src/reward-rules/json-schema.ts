import { Ajv2020 } from 'ajv/dist/2020.js';
import { isProblem, readPattern } from '../preparation/linear-pattern.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { messageOf } from '../protocol/message-of.js';
import { rewardLimits } from '../protocol/rewards/reward-limits.js';
import { checkSchemaSize } from './schema-size.js';

const path = ['schema'];
const codeBlock = /```[^\n`]*\n([\s\S]*?)```/gu;

/** Of each kind of value, the least. */
const trials = [null, false, 0, '', [], {}];

/** Tells whether a text is a JSON value that a schema allows. */
export interface OpenSchema {
  /** Null: that takes more than `maxSchemaSteps` steps. */
  allows(text: string): boolean | null;
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
  let steps = 0;
  const step = (): void => {
    if (++steps > rewardLimits.maxSchemaSteps) throw new TooManySteps();
  };
  const regExp = linear;
  // Without inlining, each reference is a call of a function that counts.
  const code = { regExp, process: counting };
  const options = { strict: false, validateFormats: false, logger: false, inlineRefs: false, code } as const;
  const ajv = Object.assign(new Ajv2020(options), { step });
  try {
    const validate = ajv.compile(schema);
    // Such a schema's check would return a promise.
    if ('$async' in validate) return invalid('A JSON Schema can not have `$async`.');
    const check = (value: unknown): boolean | null => {
      steps = 0;
      return isValid(validate, value);
    };
    if (trials.some((value) => check(value) === null)) {
      const message = 'The references of this schema multiply: to check one value takes too many steps.';
      return invalid(message, 'Let each part refer to another part once.');
    }
    return {
      allows(text) {
        const value = parsed(inCodeBlock ? ([...text.matchAll(codeBlock)].at(-1)?.[1] ?? text) : text);
        return value === undefined ? false : check(value);
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

/** In place of JavaScript's regular expressions, some of which take forever. */
function linear(pattern: string): { test(text: string): boolean; toString(): string } {
  const read = readPattern(pattern, false, path);
  if (isProblem(read)) throw new Error(read.message);
  // Ajv tells patterns apart by their text.
  return { test: (text) => read.engine.matcher(text).find(), toString: () => `/${pattern}/` };
}
linear.code = 'linear';
