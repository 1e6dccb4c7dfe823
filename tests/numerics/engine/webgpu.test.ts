import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { type AdamWOptions, adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import { expectClose, openEngine } from './compare.js';
import { feeds, inputs, loss, parameterNames, specs, values } from './transformer.js';

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

interface Training {
  readonly steps: readonly { readonly loss: number; readonly metrics: Readonly<Record<string, Float32Array>> }[];
  readonly firstGradients: ReadonlyMap<string, Float32Array>;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

/** Four steps. Compiled once: SwiftShader takes seconds to compile the shaders of one graph. */
async function train(engine: Engine): Promise<Training> {
  const store = engine.createParameters(specs(), values);
  const step = await engine.compileStep(store, inputs, loss);
  const copies = (of: (name: string) => Float32Array) =>
    new Map(parameterNames.map((name) => [name, of(name).slice()]));
  const steps = [await step.run(feeds, { seed: 9, step: 0, scale: 1 })];
  const firstGradients = copies((name) => store.gradient(name));
  for (let index = 1; index < 4; index++) {
    store.update(adamwRule(adamw));
    steps.push(await step.run(feeds, { seed: 9, step: index, scale: 1 }));
  }
  await step.release();
  return { steps, firstGradients, parameters: copies((name) => store.value(name)) };
}

test('WebGPU trains with the losses, metrics, dropout masks and gradients of the CPU', async (context) => {
  if (webgpu === undefined) return context.skip(`no WebGPU here: ${missing}`);
  const [expected, actual] = [await train(cpu), await train(webgpu)];
  expected.steps.forEach(({ loss, metrics }, index) => {
    // Were one element of a dropout mask different, this would be off by percents.
    expectClose([actual.steps[index]!.loss], [loss], `loss ${index}`, 1e-4);
    expectClose(actual.steps[index]!.metrics.logits!, metrics.logits!, `logits ${index}`, 1e-3);
  });
  for (const [name, gradient] of expected.firstGradients) {
    expectClose(actual.firstGradients.get(name)!, gradient, `gradient of ${name}`, 1e-3);
  }
  for (const [name, value] of expected.parameters) expectClose(actual.parameters.get(name)!, value, name, 1e-2);
  expect(actual.steps.at(-1)!.loss).toBeLessThan(actual.steps[0]!.loss);
}, 300_000);
