import { type ArchitectureConfig, traitsOf } from '../../src/protocol/architectures/index.js';
import type { EncoderConfig } from '../architectures/encoder-run.js';

/** Whether transformers has the model's family, so that its layout and PEFT's can hold it. */
export function isInTransformers(config: ArchitectureConfig): config is EncoderConfig {
  return traitsOf(config).isInTransformers;
}
