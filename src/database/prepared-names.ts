/** Texts that have a name at one time. */
const maxNamed = 200;
/** Texts that are remembered until they come again. */
const maxSeen = 2_000;

/**
 * Statements that one connection may have prepared before it is closed; the server holds a plan of some 50 kB for each.
 * More than have a name: what has lost its name stays prepared where it was, and a connection lasts so many new names.
 */
export const maxPrepared = 300;

/**
 * Names under which statements are prepared, so that the server parses and plans a text once a connection. A text has
 * one from its second use on: a text that never comes again would fill the connections' memory for nothing. When too
 * many have one, the text that was used longest ago loses its name, and no other text ever gets that name.
 */
export function createPreparedNames(): (text: string) => string | null {
  /** The text that was used last comes last. */
  const names = new Map<string, string>();
  const seen = new Set<string>();
  let given = 0;
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) {
      names.delete(text);
      names.set(text, known);
      return known;
    }
    if (!seen.has(text)) {
      if (seen.size === maxSeen) seen.clear();
      seen.add(text);
      return null;
    }
    seen.delete(text);
    const [oldest] = names.keys();
    if (names.size === maxNamed && oldest !== undefined) names.delete(oldest);
    given += 1;
    const name = `attune_${given}`;
    names.set(text, name);
    return name;
  };
}
