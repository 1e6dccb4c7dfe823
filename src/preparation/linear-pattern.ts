import { RE2JS, RE2JSException } from 're2js';
import { type InputProblem, problem } from '../problems/problem.js';

const maxPatternLength = 1000;
/** Instructions of a compiled pattern: the time for each character of a text is at most in proportion to them. */
const maxProgramSize = 2000;

/** A regular expression that is matched in time linear in the length of a text, whatever the two are. */
export interface LinearPattern {
  readonly engine: RE2JS;
  readonly groupCount: number;
  readonly groupNames: readonly string[];
  /** The pattern as DuckDB reads it, which knows named groups in their older form alone. */
  readonly sql: string;
}

/** The pattern that a user wrote in the syntax of RE2, or what is wrong with it. */
export function readPattern(
  pattern: string,
  ignoreCase: boolean,
  path: readonly string[],
): LinearPattern | InputProblem {
  const invalid = (message: string, hint: string) => problem(path, 'INVALID_VALUE', message, hint);
  if (pattern === '') return problem(path, 'REQUIRED', 'The pattern is empty.');
  if (pattern.length > maxPatternLength) {
    return problem(path, 'TOO_LONG', `A pattern has at most ${maxPatternLength} characters, not ${pattern.length}.`);
  }
  try {
    const engine = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    if (engine.programSize() > maxProgramSize) {
      const message = 'The pattern is too costly to match: its repetitions multiply.';
      return invalid(message, 'Use “*” or “+” in place of large counts.');
    }
    return {
      engine,
      groupCount: engine.groupCount(),
      groupNames: Object.keys(engine.namedGroups()),
      sql: withOlderNames(pattern),
    };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return invalid(
      `The pattern is no regular expression of RE2: ${error.message.replace('error parsing regexp: ', '')}.`,
      'RE2 has neither look-around nor back references; \\p{Greek}, \\p{Lu}, \\b, (?i) and (?<name>…) are allowed.',
    );
  }
}

export function isProblem(read: LinearPattern | InputProblem): read is InputProblem {
  return 'code' in read;
}

const escapeOrName = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\(\?</g;

/** `(?<name>` as `(?P<name>`, but not where it is quoted. */
function withOlderNames(pattern: string): string {
  return pattern.replace(escapeOrName, (found) => (found === '(?<' ? '(?P<' : found));
}
