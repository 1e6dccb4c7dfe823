import type { ModelSource } from '../protocol/model-source.js';

/**
 * Where a problem that a worker found is in the input: the worker has a single kind of source, and in the input each
 * kind is a field of its own.
 */
export function inputPath(path: readonly string[], kind: ModelSource['kind']): string[] {
  const [first, ...rest] = path;
  if (first === 'adapterBase') return ['adapterBaseModelId'];
  return first === 'source' && rest.length > 0 ? ['source', kind, ...rest] : [...path];
}
