import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../gpu-worker/engine/errors.js';
import { createParameterStore } from '../../../gpu-worker/engine/parameters.js';
import type { ParameterSpec } from '../../../gpu-worker/engine/types.js';
import { type AdamWOptions, adamwRule } from '../../../gpu-worker/optim/coefficients.js';

const options: AdamWOptions = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradientNorm: null,
};

function spec(name: string, shape: number[], more: Partial<ParameterSpec> = {}): ParameterSpec {
  return { name, shape, trainable: true, decay: false, ...more };
}

function filled(...values: number[]): Float32Array {
  return Float32Array.from(values);
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error);
  }
  return undefined;
}

describe('a parameter store', () => {
  test('copies trainable values and keeps frozen ones as they are', () => {
    const [trained, frozen] = [filled(1, 2, 3), filled(4, 5)];
    const store = createParameterStore(
      [spec('trained', [3]), spec('frozen', [2], { trainable: false })],
      new Map([
        ['trained', trained],
        ['frozen', frozen],
      ]),
    );
    expect(store.value('trained')).toEqual(trained);
    expect(store.value('trained')).not.toBe(trained);
    expect(store.value('frozen')).toBe(frozen);
    expect([...store.optimizerState().moments.keys()]).toEqual(['trained']);
  });

  test('starts as zeros to be written, trained and frozen, where it is given no values', () => {
    const store = createParameterStore([spec('trained', [2]), spec('frozen', [2, 1], { trainable: false })]);
    for (const name of ['trained', 'frozen']) {
      expect(store.value(name)).toEqual(filled(0, 0));
      store.value(name).set([1, 2]);
      expect(store.value(name)).toEqual(filled(1, 2));
    }
  });

  test('hands out live views of memory that is not shared, each on its own cache line', () => {
    const store = createParameterStore(
      [spec('a', [3]), spec('b', [5])],
      new Map([
        ['a', new Float32Array(3)],
        ['b', new Float32Array(5)],
      ]),
    );
    const views = ['a', 'b'].flatMap((name) => {
      const { m, v } = store.optimizerState().moments.get(name)!;
      return [store.value(name), store.gradient(name), m, v];
    });
    for (const view of views) {
      expect(view.buffer).toBeInstanceOf(ArrayBuffer);
      expect(view.byteOffset % 64).toBe(0);
    }
    expect(new Set(views.map((view) => view.byteOffset)).size).toBe(8);
    store.gradient('b').set([1, 2, 3, 4, 5]);
    expect(store.gradient('b')).toEqual(filled(1, 2, 3, 4, 5));
    expect(store.gradient('a')).toEqual(filled(0, 0, 0));
  });

  test('first update moves every parameter by the learning rate against its gradient, whatever its size', () => {
    // m̂ / √v̂ = g / |g| after one update, so p − 0.1 · sign(g), up to ε = 10⁻⁸.
    const store = createParameterStore([spec('p', [4])], new Map([['p', filled(1, 1, 1, 1)]]));
    store.accumulate('p', filled(5, -0.25, 1000, 0));
    const { gradientNorm } = store.update(adamwRule(options));
    expect(gradientNorm).toBeCloseTo(Math.hypot(5, 0.25, 1000), 9);
    const expected = [0.9, 1.1, 0.9, 1];
    for (const [i, value] of store.value('p').entries()) expect(value).toBeCloseTo(expected[i]!, 6);
    expect(store.updates).toBe(1);
  });

  test('decays only what its spec says, and by learning rate · weight decay', () => {
    const store = createParameterStore(
      [spec('matrix', [2, 2], { decay: true }), spec('bias', [2])],
      new Map([
        ['matrix', filled(1, 2, 3, 4)],
        ['bias', filled(1, 2)],
      ]),
    );
    store.update(adamwRule({ ...options, weightDecay: 0.5 }));
    expect([...store.value('matrix')].map((value) => Number(value.toFixed(6)))).toEqual([0.95, 1.9, 2.85, 3.8]);
    expect(store.value('bias')).toEqual(filled(1, 2));
  });

  test('leaves its gradients zero after an update, and when told so', () => {
    const store = createParameterStore(
      [spec('p', [2]), spec('table', [3, 2])],
      new Map([
        ['p', filled(1, 1)],
        ['table', new Float32Array(6)],
      ]),
    );
    store.gradient('p').set([3, 4]);
    expect(store.update(adamwRule(options)).gradientNorm).toBe(5);
    expect(store.gradient('p')).toEqual(filled(0, 0));

    store.accumulateRows('table', Int32Array.of(2), filled(1, 1));
    store.zeroGradients();
    expect(store.gradient('table')).toEqual(new Float32Array(6));
  });

  test('a gradient that is given whole counts once, is added to, seen, and gone after an update', () => {
    const create = () => createParameterStore([spec('table', [2, 3])], new Map([['table', filled(1, 2, 3, 4, 5, 6)]]));
    const [given, written] = [create(), create()];
    given.accumulate('table', filled(1, 0, 0, 0, 2, 0));
    given.accumulate('table', filled(0, 1, 0, 0, 0, 0));
    given.accumulateRows('table', Int32Array.of(1), filled(0, 0, 3));
    written.gradient('table').set([1, 1, 0, 0, 2, 3]);
    for (let update = 0; update < 2; update++) {
      expect(given.update(adamwRule(options))).toEqual(written.update(adamwRule(options)));
      expect(given.value('table')).toEqual(written.value('table'));
    }
    given.accumulate('table', filled(1, 2, 3, 4, 5, 6));
    expect(given.gradient('table')).toEqual(filled(1, 2, 3, 4, 5, 6));
    given.accumulate('table', filled(1, 1, 1, 1, 1, 1));
    given.zeroGradients();
    expect(given.gradient('table')).toEqual(new Float32Array(6));
  });

  test('a gradient of more numbers than are copied at a time updates like one that lies in place', () => {
    const shape = [700, 97];
    const values = Float32Array.from({ length: 700 * 97 }, (_, i) => Math.fround(((i * 37) % 101) / 50 - 1));
    const gradient = values.map((value, i) => Math.fround(value * ((i % 7) - 3)));
    const create = () => createParameterStore([spec('p', shape)], new Map([['p', values]]));
    const [given, written] = [create(), create()];
    for (let update = 0; update < 3; update++) {
      given.accumulate('p', gradient.slice());
      written.gradient('p').set(gradient);
      expect(given.update(adamwRule(options))).toEqual(written.update(adamwRule(options)));
    }
    expect(given.value('p')).toEqual(written.value('p'));
  });

  test('adds gradient rows in their order: repeated ids sum, negative ones are skipped', () => {
    const store = createParameterStore([spec('table', [4, 2])], new Map([['table', new Float32Array(8)]]));
    store.accumulateRows('table', Int32Array.of(1, -1, 3, 1), filled(1, 2, 100, 100, 5, 6, 10, 20));
    store.accumulateRows('table', Int32Array.of(3), filled(0.5, 0.5));
    expect(store.gradient('table')).toEqual(filled(0, 0, 11, 22, 0, 0, 5.5, 6.5));
  });

  test.each(['NaN', 'Infinity'])('a gradient of %s changes nothing and is reported', (bad) => {
    const store = createParameterStore([spec('p', [5])], new Map([['p', filled(1, 2, 3, 4, 5)]]));
    store.accumulate('p', filled(1, 1, 1, 1, Number(bad)));
    const { gradientNorm } = store.update(adamwRule({ ...options, maxGradientNorm: 1 }));
    expect(gradientNorm).toBe(Number(bad));
    expect(store.value('p')).toEqual(filled(1, 2, 3, 4, 5));
    expect(store.optimizerState().moments.get('p')).toEqual({ m: new Float32Array(5), v: new Float32Array(5) });
    expect(store.updates).toBe(0);
  });

  test('sums squares in double precision', () => {
    // In float32, 1 + 10⁻⁸ is 1: a million such squares would vanish beside the first.
    const gradient = new Float32Array(1_000_001).fill(1e-4);
    gradient[0] = 1;
    const store = createParameterStore([spec('p', [1_000_001])], new Map([['p', new Float32Array(1_000_001)]]));
    store.accumulate('p', gradient);
    expect(store.update(adamwRule(options)).gradientNorm).toBeCloseTo(
      Math.sqrt(1 + 1_000_000 * Math.fround(1e-4) ** 2),
      12,
    );
  });

  test('goes on from saved moments with the bytes of the run that was never interrupted', () => {
    const specs = [spec('table', [50, 3], { decay: true }), spec('w', [3, 5], { decay: true })];
    const start = new Map([
      ['table', Float32Array.from({ length: 150 }, (_, i) => Math.sin(i))],
      ['w', Float32Array.from({ length: 15 }, (_, i) => Math.cos(i))],
    ]);
    const train = (store: ReturnType<typeof createParameterStore>, from: number, to: number) => {
      for (let update = from; update < to; update++) {
        store.accumulate(
          'w',
          Float32Array.from({ length: 15 }, (_, i) => Math.sin(i * update)),
        );
        const ids = Int32Array.of(update % 50, (update * 7) % 50, update % 50);
        store.accumulateRows(
          'table',
          ids,
          Float32Array.from({ length: 9 }, (_, i) => Math.cos(i + update)),
        );
        store.update(adamwRule({ ...options, weightDecay: 0.01, maxGradientNorm: 1 }));
      }
    };
    const whole = createParameterStore(specs, start);
    train(whole, 0, 20);

    const first = createParameterStore(specs, start);
    train(first, 0, 9);
    const resumed = createParameterStore(specs, new Map(specs.map(({ name }) => [name, first.value(name)])));
    resumed.loadOptimizerState(first.optimizerState());
    expect(resumed.updates).toBe(9);
    train(resumed, 9, 20);

    for (const { name } of specs) {
      expect(resumed.value(name)).toEqual(whole.value(name));
      expect(resumed.optimizerState().moments.get(name)).toEqual(whole.optimizerState().moments.get(name));
    }
  });

  test('refuses what does not fit, with a code', () => {
    const one = new Map([['p', filled(1)]]);
    expect(codeOf(() => createParameterStore([spec('p', [1]), spec('p', [1])], one))).toBe('INVALID_PARAMETERS');
    expect(codeOf(() => createParameterStore([spec('q', [1])], one))).toBe('INVALID_PARAMETERS');
    expect(codeOf(() => createParameterStore([spec('p', [2])], one))).toBe('INVALID_PARAMETERS');
    expect(codeOf(() => createParameterStore([spec('p', [0])], one))).toBe('INVALID_PARAMETERS');

    const store = createParameterStore(
      [spec('p', [2, 1]), spec('f', [1], { trainable: false })],
      new Map([
        ['p', filled(1, 2)],
        ['f', filled(1)],
      ]),
    );
    expect(codeOf(() => store.value('q'))).toBe('INVALID_PARAMETERS');
    expect(codeOf(() => store.gradient('f'))).toBe('INVALID_PARAMETERS');
    expect(codeOf(() => store.accumulate('p', filled(1)))).toBe('INVALID_PARAMETERS');
    expect(codeOf(() => store.accumulateRows('p', Int32Array.of(2), filled(1)))).toBe('INVALID_PARAMETERS');
    expect(codeOf(() => store.accumulateRows('p', Int32Array.of(0, 1), filled(1)))).toBe('INVALID_PARAMETERS');
    expect(codeOf(() => store.loadOptimizerState({ updates: 1, moments: new Map() }))).toBe('INVALID_PARAMETERS');
    expect(() => store.update(adamwRule({ ...options, epsilon: 0 }))).toThrow(RangeError);
    expect(() => store.update(adamwRule({ ...options, learningRate: Number.NaN }))).toThrow(RangeError);
    store.release();
    expect(codeOf(() => store.value('p'))).toBe('RELEASED');
    expect(codeOf(() => store.update(adamwRule(options)))).toBe('RELEASED');
  });
});
