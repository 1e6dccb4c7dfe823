import { expect, test } from 'vitest';
import { createEngine, type TargetProbes } from '../../../gpu-worker/engine/create-engine.js';
import { loadTensorFlow } from '../../../gpu-worker/engine/targets/tensorflow.js';

function machine(working: readonly string[]): TargetProbes {
  return {
    provider: async (name) => (working.includes(name) ? undefined : `no ${name} here`),
    tensorflow: loadTensorFlow,
  };
}

test('auto takes cuda where it works', async () => {
  const { choice } = await createEngine({ target: 'auto', threads: 3 }, machine(['cpu', 'cuda', 'webgpu']));
  expect(choice).toMatchObject({ target: 'cuda', threads: 3 });
  expect(choice.rejected.map(({ target }) => target)).toEqual(['cpu', 'webgpu', 'tensorflow']);
});

test('and else cpu, and says why not the others', async () => {
  const { choice } = await createEngine({ target: 'auto', threads: 2 }, machine(['cpu', 'webgpu']));
  expect(choice.target).toBe('cpu');
  expect(choice.rejected.map(({ target }) => target)).toEqual(['cuda', 'webgpu', 'tensorflow']);
  expect(choice.rejected[0]!.reason).toBe('no cuda here');
  expect(choice.version).toMatch(/^\d+\+onnxruntime-\d+\.\d+\.\d+$/);
});

test('a forced target that does not work is an error with reason and remedy', async () => {
  for (const target of ['cuda', 'webgpu', 'cpu'] as const) {
    const attempt = createEngine({ target, threads: 1 }, machine([]));
    await expect(attempt).rejects.toMatchObject({ code: 'TARGET_UNAVAILABLE' });
    await expect(attempt).rejects.toThrow(`no ${target} here`);
  }
  const { choice } = await createEngine({ target: 'webgpu', threads: 1 }, machine(['webgpu']));
  expect(choice.target).toBe('webgpu');
  expect(choice.rejected.map(({ target }) => target)).toEqual(['cpu', 'cuda', 'tensorflow']);
});

test('tensorflow without its binding is an error that names the packages', async () => {
  const missing = loadTensorFlow(async (name) => {
    throw new Error(`Cannot find package '${name}'\nRequire stack:`);
  });
  await expect(missing).rejects.toMatchObject({ code: 'TARGET_UNAVAILABLE' });
  await expect(missing).rejects.toThrow('npm install @tensorflow/tfjs-node-gpu (or @tensorflow/tfjs-node)');
  await expect(missing).rejects.not.toThrow('Require stack');
});

test('the cpu target of this machine works', async () => {
  const engine = await createEngine({ target: 'cpu', threads: 1 });
  expect(engine.choice.target).toBe('cpu');
});
