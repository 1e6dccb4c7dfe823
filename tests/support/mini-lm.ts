import type { EncoderConfig } from '../../gpu-worker/architectures/encoder-run.js';

/** The configuration of all-MiniLM-L6-v2, a BERT of 22.7 million parameters. */
export const miniLmConfig: EncoderConfig = {
  architecture: 'bert',
  vocabularySize: 30_522,
  hiddenSize: 384,
  intermediateSize: 1536,
  attentionHeads: 12,
  layers: 6,
  maxPositions: 512,
  tokenTypes: 2,
  layerNormEpsilon: 1e-12,
  activation: 'gelu',
  hiddenDropout: 0.1,
  attentionDropout: 0.1,
  classifierDropout: 0.1,
  padTokenId: 0,
};
