/** What stands for all names beyond the bound. */
const otherName = 'other';

/**
 * Names that clients choose, as labels: the first `most` are kept, all later ones are `other`. Each value of a label
 * is a time series that stays, so a client that makes up names must not make up series.
 */
export function boundedNames(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= most) return otherName;
    known.add(name);
    return name;
  };
}
