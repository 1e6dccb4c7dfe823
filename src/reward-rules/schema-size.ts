import { type InputProblem, problem } from '../problems/problem.js';
import { rewardLimits as limits } from '../protocol/rewards/reward-limits.js';

const combiners = new Set(['allOf', 'anyOf', 'oneOf']);

/**
 * What is too large in a schema, so that to compile it would hold up those who wait for the same thread; null: nothing.
 * Paths begin at the schema. It looks at the values alone, whichever keywords they stand under.
 */
export function checkSchemaSize(schema: unknown): InputProblem | null {
  let parts = 0;

  function checkValue(value: unknown, path: readonly string[]): InputProblem | null {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return problem(path, 'INVALID_SCHEMA', 'The number is too large for JSON as it is computed with.');
    }
    if (typeof value !== 'object' || value === null) return null;
    if (path.length > limits.maxSchemaDepth) {
      const message = `A schema is nested at most ${limits.maxSchemaDepth} levels deep.`;
      return problem(path, 'TOO_LONG', message, 'Name its inner parts in `$defs`, and refer to them.');
    }
    parts++;
    if (parts > limits.maxSchemaParts) {
      const message = `A schema has at most ${limits.maxSchemaParts} objects and lists within it.`;
      return problem([], 'TOO_LONG', message, 'Ask for less, or share the work among several rewards.');
    }
    for (const [key, inner] of Object.entries(value)) {
      if (combiners.has(key) && Array.isArray(inner) && inner.length > limits.maxSchemaBranches) {
        const message = `\`${key}\` has at most ${limits.maxSchemaBranches} schemas, not ${inner.length}.`;
        return problem([...path, key], 'TOO_LONG', message, 'Use `enum` for many values.');
      }
      const found = checkValue(inner, [...path, key]);
      if (found !== null) return found;
    }
    return null;
  }

  const found = checkValue(schema, []);
  if (found !== null) return found;
  const { length } = JSON.stringify(schema);
  if (length <= limits.maxSchemaCharacters) return null;
  return problem(
    [],
    'TOO_LONG',
    `A schema has at most ${limits.maxSchemaCharacters} characters as JSON, not ${length}.`,
  );
}
