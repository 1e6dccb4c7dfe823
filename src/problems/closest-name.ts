/** The name that was probably meant: the nearest by edit distance; null when none is near. */
export function closestName(wanted: string, names: readonly string[]): string | null {
  const lowered = wanted.toLowerCase();
  const allowed = Math.max(1, Math.floor(wanted.length * 0.4));
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const name of names) {
    const distance = editDistance(lowered, name.toLowerCase());
    if (distance <= allowed && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? null;
}

/** A hint for a name that does not exist: the name that was probably meant, and the existing names. */
export function namesHint(wanted: string, names: readonly string[], shown = 20): string {
  if (names.length === 0) return 'There are none.';
  const closest = closestName(wanted, names);
  const listed = `${names.slice(0, shown).join(', ')}${names.length > shown ? `, and ${names.length - shown} more` : ''}`;
  return `${closest === null ? '' : `Did you mean “${closest}”? `}There are: ${listed}.`;
}

/**
 * Levenshtein distance: the least number of insertions, deletions and substitutions between the two. O(|a| · |b|) time.
 */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}
