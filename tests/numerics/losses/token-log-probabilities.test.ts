import {
  add,
  mul,
  neg,
  reshape,
  softplus,
  square,
  sum,
  type Tensor,
  tensor,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Graph, Node } from '../../../gpu-worker/engine/graph/graph.js';
import { simplify } from '../../../gpu-worker/engine/passes/index.js';
import { traceStep } from '../../../gpu-worker/engine/trace/functions.js';
import type { Engine, LossFunction } from '../../../gpu-worker/engine/types.js';
import { tokenLogProbabilities } from '../../../gpu-worker/losses/token-log-probabilities.js';
import { embedding } from '../../../gpu-worker/nn/embedding.js';
import { takeRows } from '../../../gpu-worker/nn/take-rows.js';
import { openEngine } from '../engine/compare.js';
import { expectClose, floats } from '../nn/differentiate.js';
import { draw, numbers } from '../reference/numbers.js';
import reference from '../reference/token-log-probabilities.reference.json' with { type: 'json' };

const [N, H, V] = [12, 5, 11];
const targets = [3, 0, 10, 3, 7, 7, 1, 2];
const rows = [1, 2, 3, 5, 6, 7, 9, 11];
const ids = Int32Array.from({ length: N }, (_, i) => (i * 5) % V);
const layouts = [
  [1, 8],
  [2, 4],
  [3, 3],
  [4, 5],
] as const;

/** What a graph is fed for K chunks of M targets; those that fill up have token 0. */
function fedOf(K: number, M: number, cotangent: Float32Array) {
  const filled = (list: readonly number[], by: number) => Array.from({ length: K * M }, (_, i) => list[i] ?? by);
  return {
    rows: Int32Array.from(filled(rows, 0)),
    slots: Int32Array.from({ length: N }, (_, row) => (rows.includes(row) ? rows.indexOf(row) : K * M)),
    targets: Int32Array.from(filled(targets, 0)),
    picks: Int32Array.from(filled(targets, 0), (target, i) => (i % M) * V + target),
    cotangent: Float32Array.from(filled(Array.from(cotangent), 0)),
    counts: Float32Array.from({ length: K * M }, (_, i) => (i < targets.length ? 1 : 0)),
  };
}

/** The loss of the reference, which is no weighted sum. */
function lossOf(logProbabilities: Tensor, cotangent: Tensor, counts: Tensor): Tensor {
  const linear = softplus(neg(sum(mul(logProbabilities, cotangent))));
  return add(linear, mul(sum(square(mul(logProbabilities, counts))), 1 / 7));
}

function drawn(seed: number) {
  const stream = numbers(seed);
  return {
    states: draw(stream, N * H, 2),
    table: draw(stream, V * H, 2),
    bias: draw(stream, V, 2),
    cotangent: draw(stream, targets.length, 3),
  };
}

const cases = Object.entries(reference.cases);

describe.each(cases)('%s', (_name, given) => {
  const values = drawn(given.seed);
  const expected = given.gradients as { states: number[]; table: number[]; bias?: number[] };

  test.each(layouts)("has PyTorch's values and gradients in %i chunks of %i", (K, M) => {
    const fed = fedOf(K, M, values.cotangent);
    const int = (data: Int32Array, shape: number[]) => tensor(data, shape, 'int32');
    const chunked = { targets: int(fed.targets, [K, M]), picks: int(fed.picks, [K, M]) };
    const of = (states: Tensor, table: Tensor, bias: Tensor, entropies = false) => {
      const x = given.tied ? add(states, embedding(table, int(ids, [N]))) : states;
      const taken = takeRows(x, int(fed.rows, [K * M]), int(fed.slots, [N]));
      const logits = { table, bias: given.bias ? bias : undefined };
      return tokenLogProbabilities(taken, logits, chunked, { trainsTable: true, entropies });
    };
    const loss = (states: Tensor, table: Tensor, bias: Tensor) =>
      lossOf(of(states, table, bias).logProbabilities, tensor(fed.cotangent, [K, M]), tensor(fed.counts, [K, M]));
    const inputs = [tensor(values.states, [N, H]), tensor(values.table, [V, H]), tensor(values.bias, [V])] as const;
    const { logProbabilities, entropies } = of(...inputs, true);
    expect(logProbabilities.shape).toEqual([K, M]);
    expectClose(floats(logProbabilities).slice(0, 8), given.logProbabilities, 1e-5, 'log-probabilities');
    expectClose(floats(entropies!).slice(0, 8), given.entropies, 1e-5, 'entropies');
    const wanted = given.bias ? [...inputs] : inputs.slice(0, 2);
    const { value, grads } = valueAndGrads((s: Tensor, t: Tensor, b?: Tensor) => loss(s, t, b ?? inputs[2]))(wanted);
    expect(floats(value)[0]).toBeCloseTo(given.loss, 4);
    expectClose(floats(grads[0]!), expected.states, 1e-5, 'of the states');
    expectClose(floats(grads[1]!), expected.table, 1e-5, 'of the table');
    if (given.bias) expectClose(floats(grads[2]!), expected.bias!, 1e-5, 'of the bias');
  });
});

describe('compiled', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine();
  });
  afterAll(() => engine.release());

  const cells = cases.flatMap(([name, given]) =>
    ([1, 3] as const).flatMap((K) => [true, false].map((trains) => ({ name, given, K, trains }))),
  );
  it.each(cells)('$name, in $K chunks of any size; table trained: $trains', async ({ given, K, trains }) => {
    const values = drawn(given.seed);
    const expected = given.gradients as { states: number[]; table: number[]; bias?: number[] };
    const specs = [
      { name: 'states', shape: [N, H], trainable: true, decay: true },
      { name: 'table', shape: [V, H], trainable: trains, decay: true },
      { name: 'bias', shape: [V], trainable: trains && given.bias, decay: false },
    ];
    const store = engine.createParameters(specs, new Map(Object.entries(values)));
    const loss: LossFunction = ({ states, table, bias }, { ids, rows, slots, targets, picks, cotangent, counts }) => {
      const x = given.tied ? add(states!, embedding(table!, ids!)) : states!;
      const { logProbabilities, entropies } = tokenLogProbabilities(
        takeRows(x, reshape(rows!, [rows!.size]), slots!),
        { table: table!, bias: given.bias ? bias : undefined },
        { targets: targets!, picks: picks! },
        { trainsTable: trains, entropies: true },
      );
      return { loss: lossOf(logProbabilities, cotangent!, counts!), metrics: { entropies: entropies! } };
    };
    const chunk = { shape: [K, 'M'], dtype: 'int32' } as const;
    const step = await engine.compileStep(
      store,
      {
        ids: { shape: [N], dtype: 'int32' },
        slots: { shape: [N], dtype: 'int32' },
        rows: chunk,
        targets: chunk,
        picks: chunk,
        cotangent: { shape: [K, 'M'], dtype: 'float32' },
        counts: { shape: [K, 'M'], dtype: 'float32' },
      },
      loss,
    );
    for (const M of [Math.ceil(8 / K), 9]) {
      store.zeroGradients();
      const fed = { ids, ...fedOf(K, M, values.cotangent) };
      const result = await step.run(fed, { seed: 0, step: 0, scale: 2, sizes: { M } });
      expect(result.loss).toBeCloseTo(given.loss, 4);
      expectClose(result.metrics.entropies!.slice(0, 8), given.entropies, 1e-5, 'entropies');
      const twice = (gradient: number[]) => gradient.map((value) => 2 * value);
      expectClose(store.gradient('states'), twice(expected.states), 1e-5, 'of the states');
      if (!trains) continue;
      expectClose(store.gradient('table'), twice(expected.table), 1e-5, 'of the table');
      if (given.bias) expectClose(store.gradient('bias'), twice(expected.bias!), 1e-5, 'of the bias');
    }
    await step.release();
    store.release();
  });
});

/**
 * Whatever order a runtime chooses, the logits of one chunk are gone before those of the next are made: all that reads
 * a chunk's [M,V] comes before the next product of that shape, and nothing of that shape is read across it.
 */
test.each([true, false])('the logits of two chunks are never needed at once; table trained: %s', (trains) => {
  const [K, M] = [3, 7];
  const specs = [
    { name: 'x', shape: [K * M, H], trainable: true, decay: true },
    { name: 'table', shape: [V, H], trainable: trains, decay: true },
    { name: 'bias', shape: [V], trainable: trains, decay: false },
  ];
  const chunk = { shape: [K, M], dtype: 'int32' } as const;
  const { graph } = traceStep(specs, { targets: chunk, picks: chunk }, ({ x, table, bias }, { targets, picks }) => {
    const { logProbabilities, entropies } = tokenLogProbabilities(
      x!,
      { table: table!, bias },
      { targets: targets!, picks: picks! },
      { trainsTable: trains, entropies: true },
    );
    return { loss: sum(square(logProbabilities)), metrics: { entropies: sum(entropies!) } };
  });
  const simplified = simplify(graph);
  const isLogits = ({ shape }: { readonly shape: readonly number[] }) =>
    shape.length === 2 && shape[0] === M && shape[1] === V;
  const products = simplified.nodes.filter(({ op, outputs }) => /MatMul|Gemm/.test(op) && isLogits(outputs[0]!));
  expect(products).toHaveLength(trains ? 2 * K : K);
  const before = ancestorsOf(simplified);
  const touching = simplified.nodes.filter(({ inputs }) => inputs.some(isLogits));
  for (const product of products) {
    for (const node of touching) {
      const isBefore = before(product).has(node);
      expect(isBefore || before(node).has(product), `${node.op} has its place before or after the product`).toBe(true);
      if (isBefore) continue;
      const crossing = simplified.nodes.filter(
        (maker) =>
          before(product).has(maker) && maker.outputs.some((made) => isLogits(made) && node.inputs.includes(made)),
      );
      expect(crossing, `${node.op} reads logits of an earlier chunk`).toEqual([]);
    }
  }
});

/** The nodes that must have run before a node. */
function ancestorsOf({ nodes }: Graph): (node: Node) => ReadonlySet<Node> {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));
  const known = new Map<Node, ReadonlySet<Node>>();
  const of = (node: Node): ReadonlySet<Node> => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const direct = node.inputs.flatMap(({ id }) => makers.get(id) ?? []);
    const all = new Set([...direct, ...direct.flatMap((each) => [...of(each)])]);
    known.set(node, all);
    return all;
  };
  return of;
}
