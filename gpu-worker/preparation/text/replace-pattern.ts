import type { LinearPattern } from '../../../src/preparation/linear-pattern.js';

/**
 * A function that replaces in a text what a pattern matches, in time linear in the text’s length.
 * @param replacement with `$1`, `$<name>`, `$&` and `$$`, as `checkReplacement` accepts it
 */
export function replacePattern(
  { engine }: LinearPattern,
  replacement: string,
  { firstOnly }: { readonly firstOnly: boolean },
): (text: string) => string {
  return (text) => {
    // Most texts match nothing, which the engine finds out without the cost of groups.
    if (!engine.test(text)) return text;
    const matcher = engine.matcher(text);
    return firstOnly ? matcher.replaceFirst(replacement) : matcher.replaceAll(replacement);
  };
}
