import { createEagerEngine } from './eager/eager-engine.js';
import { EngineError } from './errors.js';
import { createGraphEngine } from './runtime/graph-engine.js';
import type { Provider } from './runtime/session.js';
import { type ProbeResult, probeProvider } from './targets/probe.js';
import { loadTensorFlow } from './targets/tensorflow.js';
import type { Engine, EngineChoice, EngineOptions } from './types.js';
import { engineVersion } from './version.js';

/** The questions about the machine that decide the choice of a target. */
export interface TargetProbes {
  provider(name: Provider): Promise<ProbeResult>;
  /** Loads TensorFlow's binding and returns its name. */
  tensorflow(): Promise<string>;
}

const targets = ['cpu', 'webgpu', 'cuda', 'tensorflow'] as const;

const machine: TargetProbes = { provider: probeProvider, tensorflow: loadTensorFlow };

const remedies: Readonly<Record<Provider, string>> = {
  cpu: 'Reinstall onnxruntime-node for this platform.',
  webgpu: 'This target needs a GPU with a Vulkan, Metal or Direct3D 12 driver.',
  cuda: "This target needs an NVIDIA GPU, a current CUDA with cuDNN, and ONNX Runtime's CUDA libraries beside its binding.",
};

/**
 * Chooses a target and opens it.
 *
 * `auto` takes cuda where it works, else cpu. It never takes webgpu, whose adapter may be a software renderer that is
 * slower than the CPU provider and does not say so, nor tensorflow, which executes operation by operation. Both are
 * available on request.
 *
 * @throws EngineError TARGET_UNAVAILABLE when a requested target does not work here
 */
export async function createEngine({ target, threads }: EngineOptions, probes = machine): Promise<Engine> {
  const chosen = (
    name: EngineChoice['target'],
    reason: string,
    rejected: EngineChoice['rejected'] = targets
      .filter((other) => other !== name)
      .map((other) => ({ target: other, reason: `not tried: ${name} was requested` })),
  ): EngineChoice => ({
    target: name,
    reason,
    rejected,
    threads,
    version: engineVersion,
  });
  switch (target) {
    case 'auto': {
      const cuda = await probes.provider('cuda');
      const byRequestOnly = [
        { target: 'webgpu', reason: 'only used on request: its adapter may be a software renderer' },
        { target: 'tensorflow', reason: 'only used on request: it compiles nothing' },
      ] as const;
      if (cuda === undefined) {
        const rejected = [{ target: 'cpu', reason: 'slower than cuda' }, ...byRequestOnly] as const;
        return createGraphEngine(chosen('cuda', 'an NVIDIA GPU', rejected), { provider: 'cuda', threads });
      }
      const rejected = [{ target: 'cuda', reason: cuda }, ...byRequestOnly] as const;
      return createGraphEngine(chosen('cpu', 'no faster target works', rejected), { provider: 'cpu', threads });
    }
    case 'cpu':
    case 'webgpu':
    case 'cuda': {
      const failure = await probes.provider(target);
      if (failure !== undefined) {
        throw new EngineError(
          'TARGET_UNAVAILABLE',
          `The target ${target} does not work here: ${failure}. ${remedies[target]}`,
        );
      }
      return createGraphEngine(chosen(target, 'asked for'), { provider: target, threads });
    }
    case 'tensorflow': {
      const binding = await probes.tensorflow();
      return createEagerEngine(chosen(target, `requested; kernels from ${binding}`), 'tensorflow');
    }
    default:
      return target satisfies never;
  }
}
