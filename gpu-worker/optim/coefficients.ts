import { pow } from '../portable-math.js';
import { clippingScale } from './clipping.js';

export interface AdamWOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** The global norm that gradients are clipped to before the update; null: no clipping. */
  readonly maxGradientNorm: number | null;
}

/** The factors of one AdamW update, computed once from the options, the update's number and the gradient's norm. */
export interface AdamWCoefficients {
  /** The factor of clipping to a global norm; 1 when nothing is clipped. */
  readonly gradientScale: number;
  /** 1 − learning rate · weight decay; 1 for parameters that do not decay. */
  readonly decayFactor: number;
  readonly oneMinusBeta1: number;
  readonly beta2: number;
  readonly oneMinusBeta2: number;
  /** learning rate / (1 − β₁ᵗ) */
  readonly stepSize: number;
  /** √(1 − β₂ᵗ) */
  readonly secondMomentCorrection: number;
  readonly epsilon: number;
}

/**
 * Decoupled weight decay (Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2) with Adam's bias correction
 * (Kingma & Ba 2015, arXiv:1412.6980, section 3), in the form of `torch.optim.AdamW`.
 *
 * @param update t, counted from 1
 * @param gradientNorm global norm of all gradients, before clipping
 * @param decays whether weight decay applies to the parameter at hand
 */
export function adamwCoefficients(
  options: AdamWOptions,
  update: number,
  gradientNorm: number,
  decays: boolean,
): AdamWCoefficients {
  const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradientNorm } = options;
  return {
    gradientScale: maxGradientNorm === null ? 1 : clippingScale(gradientNorm, maxGradientNorm),
    decayFactor: decays ? 1 - learningRate * weightDecay : 1,
    oneMinusBeta1: 1 - beta1,
    beta2,
    oneMinusBeta2: 1 - beta2,
    stepSize: learningRate / (1 - pow(beta1, update)),
    secondMomentCorrection: Math.sqrt(1 - pow(beta2, update)),
    epsilon,
  };
}
