/**
 * The factor that reduces gradients of global norm `norm` to `maxNorm`, and leaves smaller gradients unchanged
 * (Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, algorithm 1). The 10⁻⁶ is that of `torch.nn.utils.clip_grad_norm_`.
 */
export function clippingScale(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}
