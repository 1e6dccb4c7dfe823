import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { collectGarbage } from '../../../gpu-worker/training/collect-garbage.js';

test('what nothing refers to any more is freed at once', async () => {
  const memory = new WeakRef(new WebAssembly.Memory({ initial: 16, maximum: 16 }));
  // A WeakRef keeps what it refers to until the job that made it is over.
  await setImmediate();
  collectGarbage();
  expect(memory.deref()).toBeUndefined();
});
