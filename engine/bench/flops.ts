// How much arithmetic an iteration takes.
import type { ModelConfig } from "../training/config.ts";

/**
 * Floating-point operations that one iteration's mathematics needs, forward and backward; a multiplication and an
 * addition count as two. Not counted: what an engine recomputes, the masked half of attention, and everything except
 * matrix products (LayerNorm, GELU, softmax, AdamW), a few per cent.
 *
 * Matrix products with weights: each of the batch's B T rows meets all of a layer's 4 C^2 (attention) and
 * 2 mlp_ratio C^2 (MLP) weights and the head's V C weights once in the forward pass and twice in the backward pass (for
 * the gradients of input and weight): 6 operations per weight and row. At the lesson's shape, B = 32, T = 64, C = 64,
 * V = 65: 2.47e9.
 *
 * Attention: position t attends to t + 1 positions, which makes T (T + 1) / 2 pairs per sequence. In each layer, a pair
 * needs C products for its score and C for the weighted sum, and twice as many in the backward pass: 12 C operations
 * per
 * pair. At the lesson's shape: 0.20e9.
 */
export function flopsPerIteration(model: ModelConfig, batch_size: number): { weights: number; attention: number } {
  const { n_layer: L, n_embd: C, block_size: T, vocab_size: V, mlp_ratio } = model;
  const weights = L * (4 + 2 * mlp_ratio) * C * C + V * C;
  const pairs = batch_size * T * (T + 1) / 2;
  return { weights: 6 * weights * batch_size * T, attention: 12 * C * pairs * L };
}

/** @returns 10^9 floating-point operations per second at the given iterations per second */
export function gflops(model: ModelConfig, batch_size: number, iterations_per_second: number): number {
  const { weights, attention } = flopsPerIteration(model, batch_size);
  return (weights + attention) * iterations_per_second / 1e9;
}
