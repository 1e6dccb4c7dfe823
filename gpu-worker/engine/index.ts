export { createEngine } from './create-engine.js';
export { EngineError, type EngineErrorCode } from './errors.js';
export * from './types.js';
export { engineVersion } from './version.js';
