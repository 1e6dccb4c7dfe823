import { messageOf } from '../../../src/protocol/message-of.js';
import { EngineError } from '../errors.js';
import type { HeldPart } from '../held/held-matrix.js';
import { InferenceSession, Tensor } from './onnx-runtime.js';

/** The ONNX Runtime execution provider that a target runs on. */
export type Provider = 'cpu' | 'webgpu' | 'cuda';

export interface SessionSettings {
  readonly provider: Provider;
  readonly threads: number;
}

type SessionFeeds = Readonly<Record<string, Tensor>>;

/** A loaded graph. */
export interface Session {
  /** @returns all outputs, in new arrays */
  run(feeds: SessionFeeds): Promise<Readonly<Record<string, Tensor>>>;
  /** Waits for a run in progress, then frees the graph. A second call does nothing. */
  release(): Promise<void>;
}

export interface SessionOptions {
  /** What the graph's external data are found from. */
  readonly externalFolder?: string | undefined;
  /** Whether factors stay out of matrix products: see `LegalizeOptions`. */
  readonly keepsFactors?: boolean;
}

/** @throws EngineError RUNTIME when ONNX Runtime refuses the graph */
export async function openSession(
  model: Uint8Array,
  { provider, threads }: SessionSettings,
  { externalFolder, keepsFactors = false }: SessionOptions = {},
): Promise<Session> {
  const disabled = [
    'MatmulTransposeFusion',
    'CommonSubexpressionElimination',
    ...(keepsFactors ? ['MatMulScaleFusion'] : []),
  ];
  const session = await attempt('load a graph', () =>
    InferenceSession.create(model, {
      executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // The arena without a memory pattern: as little memory as without either (1.0 GB in a step of 22.7 M parameters),
      // and 17 % less processor time, because a step's buffers are not returned to the system and faulted in again. A
      // pattern alone costs 0.55 GB.
      enableCpuMemArena: true,
      enableMemPattern: false,
      // Warnings report nodes placed on the CPU provider, which is intended.
      logSeverityLevel: 3,
      extra: {
        // Spinning idle threads of other live sessions would slow the running one: five sessions ran 1.6 times faster
        // without.
        session: {
          intra_op: { allow_spinning: '0' },
          ...(externalFolder === undefined ? {} : { model_external_initializers_file_folder_path: externalFolder }),
        },
        // These optimizers would undo passes/matmul-layout.ts and passes/rematerialize.ts.
        optimization: { disable_specified_optimizers: disabled.join(';') },
      },
    }),
  );
  let running: Promise<unknown> = Promise.resolve();
  let released = false;
  return {
    async run(feeds) {
      if (released) throw new EngineError('RELEASED', 'This compiled function has been released.');
      const result = attempt('run a graph', () => session.run(feeds));
      running = result.then(
        () => undefined,
        () => undefined,
      );
      return result as Promise<Readonly<Record<string, Tensor>>>;
    },
    async release() {
      if (released) return;
      released = true;
      await running;
      await session.release();
    },
  };
}

export function float32Tensor(data: Float32Array, shape: readonly number[]): Tensor {
  return new Tensor('float32', data, shape);
}

/**
 * A tensor of a held matrix, over its memory. Where a Node has Float16Array, the constructor makes one of halves, of
 * which ONNX Runtime's binding does not know how many bytes a number takes.
 */
export function partTensor({ type, data, shape }: HeldPart): Tensor {
  const tensor = new Tensor(type, data as never, shape);
  return tensor.data === data ? tensor : Object.defineProperty(tensor, 'data', { value: data });
}

export function int32Tensor(data: Int32Array, shape: readonly number[]): Tensor {
  return new Tensor('int32', data, shape);
}

async function attempt<Result>(what: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const reason = messageOf(error);
    throw new EngineError('RUNTIME', `ONNX Runtime could not ${what}: ${reason}`, { cause: error });
  }
}
