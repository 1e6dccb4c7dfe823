export interface InputSize {
  /** How many scalars, lists and objects, at any depth. */
  readonly values: number;
  readonly depth: number;
}

/** How much an operation's variables hold. Counting stops beyond `most`, so that its time is bounded. */
export function measureInput(variables: unknown, most: { readonly values: number; readonly depth: number }): InputSize {
  let values = 0;
  let deepest = 0;
  let level: unknown[] = [variables];
  // Level by level: recursion could be driven into the stack's limit by a deep input.
  while (level.length > 0 && values <= most.values && deepest <= most.depth) {
    const next: unknown[] = [];
    for (const value of level) {
      if (value === null || typeof value !== 'object') continue;
      const inside: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
      values += inside.length;
      if (values > most.values) break;
      for (const each of inside) next.push(each);
    }
    if (next.length > 0) deepest++;
    level = next;
  }
  return { values, depth: deepest };
}
