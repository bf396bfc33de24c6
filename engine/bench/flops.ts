// How much arithmetic an iteration is.
import type { ModelConfig } from "../training/config.ts";

/**
 * Floating-point operations of one iteration, forward and backward, as the mathematics needs them: a multiplication
 * and an addition count as two. Left out: what an engine computes twice, the masked half of attention, and everything
 * that is no matrix product (LayerNorm, GELU, softmax, AdamW), a few per cent.
 *
 * Matrix products with weights: a row of the batch (B T of them) meets each of a layer's 4 C^2 (attention) and
 * 2 mlp_ratio C^2 (MLP) weights and the V C of the head once forwards and twice backwards (gradient of the input, of
 * the weight): 6 operations a weight and row. At the lesson's shape, B = 32, T = 64, C = 64, V = 65: 2.47e9.
 *
 * Attention: position t looks at t + 1 positions, T (T + 1) / 2 pairs a sequence. Each pair costs C products for its
 * score and C for the mixing, in each layer; backwards twice that: 12 C a pair. At the lesson's shape: 0.20e9.
 */
export function flopsPerIteration(model: ModelConfig, batch_size: number): { weights: number; attention: number } {
  const { n_layer: L, n_embd: C, block_size: T, vocab_size: V, mlp_ratio } = model;
  const weights = L * (4 + 2 * mlp_ratio) * C * C + V * C;
  const pairs = batch_size * T * (T + 1) / 2;
  return { weights: 6 * weights * batch_size * T, attention: 12 * C * pairs * L };
}

/** @returns 10^9 floating-point operations per second at a rate of iterations per second */
export function gflops(model: ModelConfig, batch_size: number, iterations_per_second: number): number {
  const { weights, attention } = flopsPerIteration(model, batch_size);
  return (weights + attention) * iterations_per_second / 1e9;
}
