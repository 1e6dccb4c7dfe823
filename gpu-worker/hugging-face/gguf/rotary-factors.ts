import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import { pow } from '../../portable-math.js';

/**
 * What llama.cpp divides the frequencies of rotary positions by, [headSize/2], where they are scaled as in Llama 3.1
 * (`rope_type` llama3 of transformers); null for other scalings, which keys of the metadata express.
 */
export function llama3Factors(config: DecoderConfig): Float32Array | null {
  if (config.architecture === 'gpt2' || config.rotaryScaling.kind !== 'llama3') return null;
  const { headSize, rotaryBase } = config;
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalPositions } = config.rotaryScaling;
  return Float32Array.from({ length: headSize / 2 }, (_, index) => {
    const wavelength = 2 * Math.PI * pow(rotaryBase, (2 * index) / headSize);
    if (wavelength < originalPositions / highFrequencyFactor) return 1;
    if (wavelength > originalPositions / lowFrequencyFactor) return factor;
    const kept = (originalPositions / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
    return 1 / ((1 - kept) / factor + kept);
  });
}
