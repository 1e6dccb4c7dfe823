/** What a ranking says of two answers. */
const pairOutcomes = { first: 0, second: 1, tie: 2 } as const;

/**
 * What people's ranks say of each pair of an item's answers: which of the two is better, the one whose key comes first
 * in the order of code units or the other, or neither, [items][pairs][people]. Pairs are made of one item at a time:
 * 20 answers have 190.
 */
export function* pairsOf(
  answers: readonly { readonly item: string; readonly category: string }[],
): Generator<number[][]> {
  const items = new Map<string, string[]>();
  for (const { item, category } of answers) {
    const known = items.get(item);
    if (known === undefined) items.set(item, [category]);
    else known.push(category);
  }
  for (const categories of items.values()) {
    const people = categories.map(ranksOf);
    const keys = [...people[0]!.keys()].sort();
    yield keys.flatMap((one, place) =>
      keys.slice(place + 1).map((two) => people.map((ranks) => outcomeOf(ranks.get(one)!, ranks.get(two)!))),
    );
  }
}

/** The rank of each key, from 0, by the category of a ranking. */
export function ranksOf(category: string): Map<string, number> {
  const ranks = JSON.parse(category) as string[][];
  return new Map(ranks.flatMap((tied, rank) => tied.map((key) => [key, rank] as const)));
}

function outcomeOf(one: number, two: number): number {
  if (one === two) return pairOutcomes.tie;
  return one < two ? pairOutcomes.first : pairOutcomes.second;
}
