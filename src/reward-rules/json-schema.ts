import { Ajv2020 } from 'ajv/dist/2020.js';
import { isProblem, readPattern } from '../preparation/linear-pattern.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { messageOf } from '../protocol/message-of.js';
import { rewardLimits } from '../protocol/rewards/reward-limits.js';

const path = ['schema'];
const codeBlock = /```[^\n`]*\n([\s\S]*?)```/gu;

/** Tells whether a text is a JSON value that a schema allows. */
export interface OpenSchema {
  allows(text: string): boolean;
}

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
  const { length } = JSON.stringify(schema);
  if (length > rewardLimits.maxSchemaCharacters) {
    const message = `A schema has at most ${rewardLimits.maxSchemaCharacters} characters as JSON, not ${length}.`;
    return problem(path, 'TOO_LONG', message);
  }
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, code: { regExp: linear } });
  try {
    const validate = ajv.compile(schema);
    // Such a schema's check would return a promise.
    if ('$async' in validate) return invalid('A JSON Schema can not have `$async`.');
    return {
      allows(text) {
        const value = parsed(inCodeBlock ? ([...text.matchAll(codeBlock)].at(-1)?.[1] ?? text) : text);
        return value !== undefined && isValid(validate, value);
      },
    };
  } catch (error) {
    return invalid(`This is no JSON Schema that can be checked: ${messageOf(error)}.`, 'Refer to `#/$defs/…` alone.');
  }
}

/** A value that is nested deeper than the stack is none that is allowed. */
function isValid(validate: (value: unknown) => boolean, value: unknown): boolean {
  try {
    return validate(value);
  } catch (error) {
    if (error instanceof RangeError) return false;
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
