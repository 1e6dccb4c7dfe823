interface Compiled {
  release(): Promise<void>;
}

/** Graphs of one function for several input lengths, each compiled when a batch first needs it. */
export interface CompiledByLength<Graph extends Compiled> {
  at(length: number): Promise<Graph>;
  /** Graphs compiled so far. */
  readonly count: number;
  release(): Promise<void>;
}

export function compiledByLength<Graph extends Compiled>(
  compile: (length: number) => Promise<Graph>,
): CompiledByLength<Graph> {
  const compiled = new Map<number, Promise<Graph>>();
  return {
    at(length) {
      const found = compiled.get(length);
      if (found !== undefined) return found;
      const compiling = compile(length).catch((error: unknown) => {
        // So that the next call compiles again.
        compiled.delete(length);
        throw error;
      });
      compiled.set(length, compiling);
      return compiling;
    },
    get count() {
      return compiled.size;
    },
    async release() {
      const graphs = await Promise.all(compiled.values());
      compiled.clear();
      for (const graph of graphs) await graph.release();
    },
  };
}
