import { expect, test } from 'vitest';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import { measureSpeed } from '../../../gpu-worker/training/measure-speed.js';
import { costs } from '../../../src/protocol/training-time/costs.js';

test('speed is what the work costs on the machine of reference by what it took', async () => {
  const engine = await createEngine({ target: 'cpu', threads: 1 });
  try {
    // A clock by which every step, and the making of a graph, take half a second.
    let milliseconds = 0;
    const clock = () => {
      milliseconds += 500;
      return milliseconds;
    };
    const speed = await measureSpeed({ engine, clock });

    // Two layers of 256 over 16 · 64 tokens: weights and vectors of a layer are 12 H² + 13 H.
    const [H, T, tokens, layers] = [256, 64, 1024, 2];
    const products = tokens * layers * (6 * (12 * H ** 2 + 13 * H) + 12 * T * H);
    const states = tokens * layers * 3 * H;
    const scores = tokens * layers * 3 * 8 * T;
    const seconds = costs.product * products + costs.state * states + costs.score * scores + costs.run;
    expect(speed.engine).toBeCloseTo(seconds / 0.5);
    expect(speed.script).toBeCloseTo((costs.forwardGraph + 2 * costs.layerOfForwardGraph) / 0.5);
  } finally {
    await engine.release();
  }
});
