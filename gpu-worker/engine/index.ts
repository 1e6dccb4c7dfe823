export { createEngine } from './create-engine.js';
export { EngineError, type EngineErrorCode } from './errors.js';
export {
  type ExportInput,
  type ExportOptions,
  exportOnnx,
  type OnnxFile,
  type WeightSource,
} from './export/export-onnx.js';
export * from './types.js';
export { engineVersion } from './version.js';
