import type { z } from 'zod';
import { type InputProblem, problem } from './problem.js';

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'its settings',
};

/** How many of the allowed values a message names. */
const mostShown = 20;

/** How deep into the input the issues of one branch of a union lead. */
function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

/**
 * What an issue of a schema tells somebody who does not know schemas.
 * @param root path of what was checked; the issue's follows it
 */
export function schemaProblem(issue: z.core.$ZodIssue, root: readonly string[]): InputProblem {
  const path = [...root, ...issue.path.map(String)];
  const field = String(issue.path.at(-1) ?? root.at(-1));
  switch (issue.code) {
    case 'invalid_type': {
      // A schema may say itself what is missing.
      if (!issue.message.startsWith('Invalid input')) break;
      const kind = kinds[issue.expected] ?? 'another value';
      return problem(path, 'INVALID_VALUE', `“${field}” must be ${kind}.`, `Give ${kind} for “${field}”.`);
    }
    case 'too_big':
    case 'too_small': {
      const isBig = issue.code === 'too_big';
      const limit = (issue.code === 'too_big' ? issue.maximum : issue.minimum).toLocaleString('en');
      const bound = isBig ? 'at most' : 'at least';
      if (issue.origin === 'array' || issue.origin === 'string') {
        const of = issue.origin === 'array' ? 'entries' : 'characters';
        return problem(path, 'INVALID_VALUE', `“${field}” must have ${bound} ${limit} ${of}.`);
      }
      const beyond = isBig ? 'below' : 'above';
      return problem(
        path,
        'INVALID_VALUE',
        `“${field}” must be ${issue.inclusive === false ? beyond : bound} ${limit}.`,
      );
    }
    case 'invalid_value': {
      if (!issue.message.startsWith('Invalid')) break;
      const values = issue.values.map((value) => `“${String(value)}”`);
      const shown = values.length > mostShown ? `${values.slice(0, mostShown).join(', ')}, …` : values.join(', ');
      const which = values.length === 1 ? shown : `one of ${shown}`;
      return problem(path, 'INVALID_VALUE', `“${field}” must be ${which}.`);
    }
    case 'invalid_union': {
      if (!issue.message.startsWith('Invalid')) break;
      // The kind that it comes nearest to is the one that was meant: what is wrong lies deepest there.
      const nearest = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a) || a.length - b.length)[0]?.[0];
      if (nearest !== undefined) return schemaProblem(nearest, path);
      return problem(path, 'INVALID_VALUE', `“${field}” is of no kind that is known.`);
    }
    case 'unrecognized_keys': {
      const names = issue.keys.map((key) => `“${key}”`).join(', ');
      return problem(path, 'INVALID_VALUE', `“${field}” has no ${names}.`, `Leave ${names} out.`);
    }
    default:
  }
  return problem(path, 'INVALID_VALUE', issue.message);
}
