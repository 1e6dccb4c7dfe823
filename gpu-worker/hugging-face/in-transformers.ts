import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import { type ArchitectureConfig, traitsOf } from '../../src/protocol/architectures/index.js';

/** Whether transformers has the model's family, so that its layout and PEFT's can hold it. */
export function isInTransformers(config: ArchitectureConfig): config is TransformerConfig {
  return traitsOf(config).isInTransformers;
}
