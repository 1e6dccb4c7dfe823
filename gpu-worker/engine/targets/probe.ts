import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { messageOf } from '../../../src/protocol/message-of.js';
import { GraphBuilder } from '../graph/builder.js';
import { writeOnnx } from '../onnx/write.js';
import { listSupportedBackends } from '../runtime/onnx-runtime.js';
import { float32Tensor, openSession, type Provider } from '../runtime/session.js';

/** Undefined: the provider works. Otherwise why it does not, as a clause for a log line. */
export type ProbeResult = string | undefined;

/** Loads and runs a graph of one sum on an execution provider. */
export async function probeProvider(provider: Provider): Promise<ProbeResult> {
  if (!listSupportedBackends().some(({ name }) => name === provider)) {
    return `this build of ONNX Runtime has no ${provider} provider`;
  }
  // Checked first, because ONNX Runtime would print an error of its own about the missing library.
  if (provider === 'cuda' && !existsSync(cudaLibrary())) return `ONNX Runtime's CUDA libraries are not installed`;
  try {
    const builder = new GraphBuilder();
    const x = builder.input('x', [2], 'float32');
    const sum = builder.node('Add', [x, x], { shape: [2], type: 'float32' });
    const session = await openSession(writeOnnx(builder.finish([{ name: 'sum', value: sum }])), {
      provider,
      threads: 1,
    });
    try {
      const { sum } = await session.run({ x: float32Tensor(Float32Array.of(1, 2), [2]) });
      return sum?.data[1] === 4 ? undefined : `it computed 2 + 2 = ${sum?.data[1]}`;
    } finally {
      await session.release();
    }
  } catch (error) {
    return firstLine(error);
  }
}

/** The path of the CUDA provider, which onnxruntime-node's installer puts beside the binding. */
function cudaLibrary(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const name = process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  return join(folder, 'bin/napi-v6', process.platform, process.arch, name);
}

export function firstLine(error: unknown): string {
  const message = messageOf(error);
  return message.split('\n')[0]!.trim();
}
