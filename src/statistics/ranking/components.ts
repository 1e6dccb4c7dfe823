/**
 * Groups of models each of which won against the next of a circle through all: the strongly connected components of the
 * graph with an edge from each winner to each loser (Tarjan 1972). Ratings are finite where there is one group (Zermelo
 * 1929; Ford 1957): of two groups, one never won against the other, and nothing says how much worse it is.
 *
 * @param edges pairs of places, winner and loser
 * @returns places of models by group, in ascending order
 */
export function stronglyConnected(models: number, edges: Iterable<readonly [number, number]>): number[][] {
  const losers: number[][] = Array.from({ length: models }, () => []);
  for (const [winner, loser] of edges) losers[winner]!.push(loser);
  const order = new Int32Array(models).fill(-1);
  const lowest = new Int32Array(models);
  const isOpen = new Uint8Array(models);
  const open: number[] = [];
  const components: number[][] = [];
  let visited = 0;
  for (let root = 0; root < models; root++) {
    if (order[root] !== -1) continue;
    // A stack of its own: a chain of many models would overflow the engine's.
    const path: { readonly model: number; next: number }[] = [{ model: root, next: 0 }];
    while (path.length > 0) {
      const top = path.at(-1)!;
      const { model } = top;
      if (top.next === 0) {
        order[model] = lowest[model] = visited++;
        isOpen[model] = 1;
        open.push(model);
      }
      const loser = losers[model]![top.next++];
      if (loser !== undefined) {
        if (order[loser] === -1) path.push({ model: loser, next: 0 });
        else if (isOpen[loser]) lowest[model] = Math.min(lowest[model]!, order[loser]!);
        continue;
      }
      path.pop();
      const below = path.at(-1);
      if (below !== undefined) lowest[below.model] = Math.min(lowest[below.model]!, lowest[model]!);
      if (lowest[model] !== order[model]) continue;
      const members = open.splice(open.lastIndexOf(model));
      for (const member of members) isOpen[member] = 0;
      components.push(members.sort((one, two) => one - two));
    }
  }
  return components.sort((one, two) => one[0]! - two[0]!);
}
