interface Compiled {
  release(): Promise<void>;
}

/** Graphs of one function for several input lengths, each compiled when a batch first needs it. */
export interface CompiledByLength<Graph extends Compiled> {
  at(length: number): Promise<Graph>;
  release(): Promise<void>;
}

export function compiledByLength<Graph extends Compiled>(
  compile: (length: number) => Promise<Graph>,
): CompiledByLength<Graph> {
  const compiled = new Map<number, Promise<Graph>>();
  return {
    at(length) {
      const found = compiled.get(length) ?? compile(length);
      compiled.set(length, found);
      return found;
    },
    async release() {
      // A compilation that failed has nothing to release, and its error went to whoever asked for it.
      const settled = await Promise.allSettled(compiled.values());
      compiled.clear();
      for (const result of settled) if (result.status === 'fulfilled') await result.value.release();
    },
  };
}
