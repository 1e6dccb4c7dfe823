import { EngineError } from './errors.js';
import { createGraphEngine } from './runtime/graph-engine.js';
import type { Engine, EngineOptions } from './types.js';
import { engineVersion } from './version.js';

/** Chooses a target and opens it. */
export async function createEngine({ target, threads }: EngineOptions): Promise<Engine> {
  if (target !== 'auto' && target !== 'cpu') throw new EngineError('TARGET_UNAVAILABLE', `No target ${target} yet.`);
  const choice = { target: 'cpu', reason: 'runs everywhere', rejected: [], threads, version: engineVersion } as const;
  return createGraphEngine(choice, { provider: 'cpu', threads });
}
