import type { FuncKeywordDefinition } from 'ajv';

/**
 * The keyword `uniqueItems` in time linear in the size of a list: Ajv compares each item with each other one. Values
 * are equal as JSON has them, whatever the order of an object's members.
 *
 * @param step called for each value in the list, at any depth: it may throw in order to stop
 */
export function uniqueItems(step: () => void): FuncKeywordDefinition {
  return {
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    validate(isWanted: boolean, list: readonly unknown[]): boolean {
      return !isWanted || new Set(list.map((item) => canonical(item, step))).size === list.length;
    },
  };
}

/** The same text for equal values. */
function canonical(value: unknown, step: () => void): string {
  step();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, step)).join(',')}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member, step)}`);
  return `{${members.join(',')}}`;
}
