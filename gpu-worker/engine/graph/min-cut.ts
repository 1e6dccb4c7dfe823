interface Edge {
  readonly to: number;
  capacity: number;
  /** The edge in the other direction, which takes back what flows here. */
  readonly back: Edge;
}

/**
 * A network of nodes 0 … n − 1 with capacities, and its minimum cut (Dinic 1970): the division of the nodes into a side
 * with the source and a side with the sink for which the capacities of edges from the first to the second are least.
 */
export class FlowNetwork {
  readonly #edges: Edge[][] = [];

  /** @returns the new node */
  addNode(): number {
    this.#edges.push([]);
    return this.#edges.length - 1;
  }

  addEdge(from: number, to: number, capacity: number): void {
    const edge = { to, capacity } as { -readonly [Key in keyof Edge]: Edge[Key] };
    const back: Edge = { to: from, capacity: 0, back: edge };
    edge.back = back;
    this.#edges[from]!.push(edge);
    this.#edges[to]!.push(back);
  }

  /** The nodes on the source's side. What flows takes up capacities, so that a network is cut once. */
  sourceSide(source: number, sink: number): ReadonlySet<number> {
    for (;;) {
      const distances = this.#distancesFrom(source);
      if (distances[sink] === undefined)
        return new Set(distances.flatMap((distance, node) => (distance === undefined ? [] : [node])));
      this.#fill(source, sink, distances);
    }
  }

  /** Edges to each node along which something can flow; undefined where nothing can. */
  #distancesFrom(source: number): (number | undefined)[] {
    const distances = new Array<number | undefined>(this.#edges.length).fill(undefined);
    distances[source] = 0;
    const queue = [source];
    for (const node of queue) {
      for (const { to, capacity } of this.#edges[node]!) {
        if (capacity <= 0 || distances[to] !== undefined) continue;
        distances[to] = distances[node]! + 1;
        queue.push(to);
      }
    }
    return distances;
  }

  /** Sends what shortest paths can take. Paths are walked without recursion: they may be as long as the graph. */
  #fill(source: number, sink: number, distances: readonly (number | undefined)[]): void {
    const next = new Int32Array(this.#edges.length);
    const path: Edge[] = [];
    let node = source;
    for (;;) {
      if (node === sink) {
        const flow = path.reduce((least, { capacity }) => Math.min(least, capacity), Number.POSITIVE_INFINITY);
        for (const edge of path) {
          edge.capacity -= flow;
          edge.back.capacity += flow;
        }
        path.length = 0;
        node = source;
        continue;
      }
      const edge = this.#edges[node]![next[node]!];
      if (edge === undefined) {
        const last = path.pop();
        if (last === undefined) return;
        node = last.back.to;
        next[node]! += 1;
      } else if (edge.capacity > 0 && distances[edge.to] === distances[node]! + 1) {
        path.push(edge);
        node = edge.to;
      } else {
        next[node]! += 1;
      }
    }
  }
}
