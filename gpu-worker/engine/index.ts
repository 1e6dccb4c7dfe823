export { createEngine } from './create-engine.js';
export { EngineError } from './errors.js';
export {
  type ExportInput,
  exportOnnx,
} from './export/export-onnx.js';
export * from './types.js';
