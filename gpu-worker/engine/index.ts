export { createEngine } from './create-engine.js';
export { EngineError } from './errors.js';
export {
  type ExportInput,
  exportOnnx,
  exportVariants,
  type OnnxFile,
  type WeightSource,
} from './export/export-onnx.js';
export type { NumbersOfFile } from './stored/stored-as.js';
export * from './types.js';
