import { distance } from 'fastest-levenshtein';

/** The name that was probably meant: the nearest by edit distance; null when none is near. */
export function closestName(wanted: string, names: readonly string[]): string | null {
  const lowered = wanted.toLowerCase();
  const allowed = Math.max(1, Math.floor(wanted.length * 0.4));
  let best: { readonly name: string; readonly edits: number } | null = null;
  for (const name of names) {
    const edits = editsBetween(lowered, name.toLowerCase());
    if (edits <= allowed && (best === null || edits < best.edits)) best = { name, edits };
  }
  return best?.name ?? null;
}

/** Two letters that changed places are one slip. */
function editsBetween(wanted: string, name: string): number {
  const edits = distance(wanted, name);
  if (edits !== 2 || wanted.length !== name.length) return edits;
  const at = wanted.split('').findIndex((letter, i) => letter !== name[i]);
  return wanted[at] === name[at + 1] && wanted[at + 1] === name[at] ? 1 : edits;
}

/** A hint for a name that does not exist: the name that was probably meant, and the existing names. */
export function namesHint(wanted: string, names: readonly string[], shown = 20): string {
  if (names.length === 0) return 'There are none.';
  const closest = closestName(wanted, names);
  const listed = `${names.slice(0, shown).join(', ')}${names.length > shown ? `, and ${names.length - shown} more` : ''}`;
  return `${closest === null ? '' : `Did you mean “${closest}”? `}There are: ${listed}.`;
}
