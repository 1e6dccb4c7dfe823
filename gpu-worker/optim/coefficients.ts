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
 * The coefficients of a parameter's update.
 *
 * @param update t, counted from 1
 * @param gradientNorm global norm of all gradients, before clipping
 * @param decays whether weight decay applies to the parameter at hand
 */
export type UpdateRule = (update: number, gradientNorm: number, decays: boolean) => AdamWCoefficients;

/** AdamW with these options, for a parameter store's `update`. @throws RangeError for options out of range */
export function adamwRule(options: AdamWOptions): UpdateRule {
  checkOptions(options);
  return (update, gradientNorm, decays) => adamwCoefficients(options, update, gradientNorm, decays);
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

/** ε = 0 would divide 0 by 0 where a gradient has always been zero. */
function checkOptions({ learningRate, beta1, beta2, epsilon, weightDecay, maxGradientNorm }: AdamWOptions): void {
  const sound =
    Number.isFinite(learningRate) &&
    learningRate >= 0 &&
    Number.isFinite(weightDecay) &&
    weightDecay >= 0 &&
    [beta1, beta2].every((beta) => beta >= 0 && beta < 1) &&
    epsilon > 0 &&
    (maxGradientNorm === null || maxGradientNorm > 0);
  if (!sound) {
    throw new RangeError(
      `AdamW does not accept these options: learning rate ${learningRate}, beta1 ${beta1}, beta2 ${beta2}, epsilon ${epsilon}, ` +
        `weight decay ${weightDecay}, maximum gradient norm ${maxGradientNorm}.`,
    );
  }
}
