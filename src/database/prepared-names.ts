/** Statements that one connection keeps prepared; the server holds a plan of some 50 kB for each. */
const maxPrepared = 200;
/** Texts that are remembered until they come again. */
const maxSeen = 2_000;

/**
 * Names under which statements are prepared, so that the server parses and plans a text once a connection. A text has
 * one from its second use on: a text that never comes again would fill the connections' memory for nothing.
 */
export function createPreparedNames(): (text: string) => string | null {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size === maxPrepared) return null;
    if (!seen.has(text)) {
      if (seen.size === maxSeen) seen.clear();
      seen.add(text);
      return null;
    }
    seen.delete(text);
    const name = `attune_${names.size + 1}`;
    names.set(text, name);
    return name;
  };
}
