import type { ArchitectureConfig } from '../../src/protocol/architectures/index.js';
import { longestText, traitsOf } from '../../src/protocol/architectures/index.js';
import { standingBuckets } from '../../src/protocol/length-buckets.js';
import { type Batch, planByLength, planByTokens } from '../data/batch-plan.js';
import type { Engine, ForwardFunction, ParameterStore } from '../engine/types.js';
import { compiledByLength } from './compiled-by-length.js';
import type { ExampleSource } from './example-source.js';

/** Runs one function forward over batches of examples, without learning from them. */
export interface BatchForward {
  /** Batches of all examples, in sizes that the graphs compute fast. @param lengths [N] tokens of each */
  plan(lengths: Int32Array): readonly Batch[];
  /** Computes a batch's outputs, by name: each has `rows` rows, of which the first are the batch's examples. */
  run(
    source: ExampleSource,
    batch: Batch,
  ): Promise<{ readonly rows: number; readonly outputs: Readonly<Record<string, Float32Array | Int32Array>> }>;
  /** Graphs compiled so far. */
  readonly graphs: number;
  release(): Promise<void>;
}

export interface BatchForwardOptions {
  /** The model that the function runs. */
  readonly config: ArchitectureConfig;
  readonly inputs: ExampleSource['inputs'];
  /** Whether parameters are constants: see `ForwardOptions`. */
  readonly frozen: boolean;
}

/**
 * The most tokens of a batch. From some 400 tokens on, a matrix product is no faster for each (0.27 ms of processor
 * time a token of MiniLM for 512 as for 1024), while memory grows with the tokens.
 */
const tokensPerBatch = 1024;
const mostRows = 256;

/** Rows of a batch for a graph of one size. For fewer examples, a graph has the next power of two rows. */
const rowsOfFixedBatch = 32;

/**
 * Compiles a graph when a batch first needs it: one for all sizes where the model allows it, else one for each of a few
 * lengths and numbers of rows.
 */
export function batchForward(
  engine: Engine,
  store: ParameterStore,
  forward: ForwardFunction,
  { config, inputs, frozen }: BatchForwardOptions,
): BatchForward {
  const longest = longestText(config);
  return traitsOf(config).hasOneGraphForAllLengths ? ofAnySize() : byLength();

  function ofAnySize(): BatchForward {
    const compiled = compiledByLength(() =>
      engine.compileDynamicForward(store, inputs('rows', 'length'), forward, { frozen, maxima: { length: longest } }),
    );
    return {
      plan: (lengths) => planByTokens(lengths, { tokens: tokensPerBatch, mostRows }),
      async run(source, batch) {
        const rows = batch.examples.length;
        const graph = await compiled.at(0);
        return { rows, outputs: await graph.run(source.feeds(batch, rows), { rows, length: batch.length }) };
      },
      get graphs() {
        return compiled.count;
      },
      release: () => compiled.release(),
    };
  }

  function byLength(): BatchForward {
    const rowsOf = (examples: number) => Math.min(rowsOfFixedBatch, 2 ** (32 - Math.clz32(Math.max(1, examples) - 1)));
    const ofRows = new Map<number, ReturnType<typeof ofFixedRows>>();
    const ofFixedRows = (rows: number) =>
      compiledByLength((length) => engine.compileForward(store, inputs(rows, length), forward, { frozen }));
    return {
      plan: (lengths) => planByLength(lengths, { batchSize: rowsOfFixedBatch, buckets: standingBuckets(longest) }),
      async run(source, batch) {
        const rows = rowsOf(batch.examples.length);
        const compiled = ofRows.get(rows) ?? ofFixedRows(rows);
        ofRows.set(rows, compiled);
        const graph = await compiled.at(batch.length);
        return { rows, outputs: await graph.run(source.feeds(batch, rows)) };
      },
      get graphs() {
        return [...ofRows.values()].reduce((total, { count }) => total + count, 0);
      },
      async release() {
        for (const compiled of ofRows.values()) await compiled.release();
      },
    };
  }
}
