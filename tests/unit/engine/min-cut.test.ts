import { expect, test } from 'vitest';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { FlowNetwork } from '../../../gpu-worker/engine/graph/min-cut.js';

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
}

/** What a division of the nodes cuts. */
function cutBy(isFirst: (node: number) => boolean, edges: readonly Edge[]): number {
  return edges.reduce((sum, { from, to, capacity }) => sum + (isFirst(from) && !isFirst(to) ? capacity : 0), 0);
}

test('cuts as little as the best of all divisions, in random networks', () => {
  const random = createRandom(1);
  const below = (most: number) => Math.floor(uniform(random) * most);
  for (let round = 0; round < 200; round++) {
    const nodes = 2 + below(7);
    const edges = Array.from({ length: below(20) }, () => ({
      from: below(nodes),
      to: below(nodes),
      capacity: below(9),
    }));
    const network = new FlowNetwork();
    for (let node = 0; node < nodes; node++) network.addNode();
    for (const { from, to, capacity } of edges) network.addEdge(from, to, capacity);
    const side = network.sourceSide(0, 1);
    const all = Array.from({ length: 2 ** (nodes - 2) }, (_, choice) =>
      cutBy((node) => node === 0 || (node > 1 && ((choice >> (node - 2)) & 1) === 1), edges),
    );
    expect(side.has(0) && !side.has(1)).toBe(true);
    expect(cutBy((node) => side.has(node), edges)).toBe(Math.min(...all));
  }
});

test('walks a path of a hundred thousand edges', () => {
  const network = new FlowNetwork();
  const length = 100_000;
  for (let node = 0; node <= length; node++) network.addNode();
  for (let node = 0; node < length; node++) network.addEdge(node, node + 1, node === 5 ? 1 : 2);
  expect(network.sourceSide(0, length).size).toBe(6);
});
