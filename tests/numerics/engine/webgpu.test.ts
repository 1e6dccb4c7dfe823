import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { AdamWOptions, Engine } from '../../../gpu-worker/engine/types.js';
import { expectClose, openEngine, solve } from './compare.js';
import { feeds, inputs, loss, parameterNames, problem, specs, values } from './transformer.js';

/** SwiftShader, a Vulkan driver in software: Debian's chromium brings it. The loader is Debian's libvulkan1. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(swiftShader)) process.env.VK_ICD_FILENAMES = swiftShader;

const adamw: AdamWOptions = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
};

let cpu: Engine;
let webgpu: Engine | undefined;
let missing = '';
beforeAll(async () => {
  cpu = await openEngine();
  try {
    webgpu = await createEngine({ target: 'webgpu', threads: 1 });
  } catch (error) {
    missing = error instanceof Error ? error.message : String(error);
  }
});
afterAll(async () => {
  await webgpu?.release();
  await cpu.release();
});

async function trained(engine: Engine): Promise<{ losses: number[]; parameters: Map<string, Float32Array> }> {
  const store = engine.createParameters(specs(), values);
  const step = await engine.compileStep(store, inputs, loss);
  const losses: number[] = [];
  for (let index = 0; index < 4; index++) {
    losses.push((await step.run(feeds, { seed: 9, step: index, scale: 1 })).loss);
    store.update(adamw);
  }
  await step.release();
  return { losses, parameters: new Map(parameterNames.map((name) => [name, store.value(name).slice()])) };
}

describe('on WebGPU', () => {
  test('one step has the loss, metrics, masks and gradients of the CPU', async (context) => {
    if (webgpu === undefined) return context.skip(`no WebGPU here: ${missing}`);
    const [expected, actual] = [await solve(cpu, problem()), await solve(webgpu, problem())];
    // Were one element of a dropout mask different, this would be off by percents.
    expectClose([actual.loss], [expected.loss], 'loss', 1e-5);
    for (const [name, metric] of Object.entries(expected.metrics)) expectClose(actual.metrics[name]!, metric, name);
    for (const [name, gradient] of expected.gradients) expectClose(actual.gradients.get(name)!, gradient, name, 1e-3);
  });

  test('four steps train as on the CPU', async (context) => {
    if (webgpu === undefined) return context.skip(`no WebGPU here: ${missing}`);
    const [expected, actual] = [await trained(cpu), await trained(webgpu)];
    expectClose(actual.losses, expected.losses, 'losses', 1e-4);
    expect(actual.losses.at(-1)!).toBeLessThan(actual.losses[0]!);
    for (const [name, parameter] of expected.parameters)
      expectClose(actual.parameters.get(name)!, parameter, name, 1e-2);
  });
});
