import { findBackend } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import { firstLine } from './probe.js';

/** The optional peer dependencies that contain TensorFlow's kernels, in order of preference. */
const bindings = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/**
 * Loads TensorFlow's binding for Node, which registers the tfjs backend `tensorflow`.
 *
 * @returns the name of the loaded package
 * @throws EngineError TARGET_UNAVAILABLE when no binding is installed or none loads
 */
export async function loadTensorFlow(
  importPackage: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<string> {
  const failures: string[] = [];
  for (const binding of bindings) {
    try {
      await importPackage(binding);
      if (findBackend('tensorflow') !== null) return binding;
      failures.push(`${binding} registered no backend`);
    } catch (error) {
      failures.push(`${binding}: ${firstLine(error)}`);
    }
  }
  throw new EngineError(
    'TARGET_UNAVAILABLE',
    `The target tensorflow needs TensorFlow's binding for Node: npm install ${bindings.join(' (or ')}). ${failures.join('; ')}.`,
  );
}
