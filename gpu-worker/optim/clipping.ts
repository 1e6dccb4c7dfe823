/**
 * The factor that brings gradients of global norm `norm` down to `maxNorm`, and leaves smaller ones alone (Pascanu,
 * Mikolov & Bengio 2013, arXiv:1211.5063, algorithm 1). The 10⁻⁶ is that of `torch.nn.utils.clip_grad_norm_`.
 */
export function clippingScale(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}
