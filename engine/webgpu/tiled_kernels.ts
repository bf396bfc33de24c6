// The tiled kernels' texts, by name. Shared parts are appended, so that line numbers in errors match the kernel's file.
import adamw_update from "../wgsl/tiled/adamw_update.wgsl" with { type: "text" };
import attention_backward from "../wgsl/tiled/attention_backward.wgsl" with { type: "text" };
import attention_forward from "../wgsl/tiled/attention_forward.wgsl" with { type: "text" };
import embedding_forward from "../wgsl/tiled/embedding_forward.wgsl" with { type: "text" };
import broken from "../wgsl/broken.wgsl" with { type: "text" };
import gelu from "../wgsl/gelu.wgsl" with { type: "text" };
import head_backward from "../wgsl/tiled/head_backward.wgsl" with { type: "text" };
import head_forward from "../wgsl/tiled/head_forward.wgsl" with { type: "text" };
import iteration_finish_draw from "../wgsl/tiled/iteration_finish_draw.wgsl" with { type: "text" };
import layernorm from "../wgsl/tiled/layernorm.wgsl" with { type: "text" };
import layernorm_backward from "../wgsl/tiled/layernorm_backward.wgsl" with { type: "text" };
import layernorm_gradient from "../wgsl/tiled/layernorm_gradient.wgsl" with { type: "text" };
import layernorm_matmul_forward from "../wgsl/tiled/layernorm_matmul_forward.wgsl" with { type: "text" };
import left_across from "../wgsl/tiled/left_across.wgsl" with { type: "text" };
import matmul_backward from "../wgsl/tiled/matmul_backward.wgsl" with { type: "text" };
import matmul_backward_gelu from "../wgsl/tiled/matmul_backward_gelu.wgsl" with { type: "text" };
import matmul_backward_layernorm from "../wgsl/tiled/matmul_backward_layernorm.wgsl" with { type: "text" };
import matmul_backward_weight from "../wgsl/tiled/matmul_backward_weight.wgsl" with { type: "text" };
import matmul_forward from "../wgsl/tiled/matmul_forward.wgsl" with { type: "text" };
import normed from "../wgsl/tiled/normed.wgsl" with { type: "text" };
import partials_sum from "../wgsl/tiled/partials_sum.wgsl" with { type: "text" };
import plus from "../wgsl/tiled/plus.wgsl" with { type: "text" };
import tile from "../wgsl/tiled/tile.wgsl" with { type: "text" };
import transposed from "../wgsl/tiled/transposed.wgsl" with { type: "text" };
import vectors_backward_weight from "../wgsl/tiled/vectors_backward_weight.wgsl" with { type: "text" };
import wte_backward from "../wgsl/tiled/wte_backward.wgsl" with { type: "text" };
import hash32 from "../wgsl/hash32.wgsl" with { type: "text" };
import mean_loss from "../wgsl/mean_loss.wgsl" with { type: "text" };

const product = tile + plus;

export const tiled_kernel_sources: Record<string, string> = {
  "tiled/adamw_update": adamw_update,
  "tiled/attention_backward": attention_backward + plus,
  "tiled/attention_forward": attention_forward,
  "tiled/embedding_forward": embedding_forward,
  "tiled/head_backward": head_backward + broken,
  "tiled/head_forward": head_forward + product + layernorm + normed,
  "tiled/iteration_finish_draw": iteration_finish_draw + mean_loss + hash32,
  "tiled/layernorm_backward": layernorm_backward,
  "tiled/layernorm_matmul_forward": layernorm_matmul_forward + product + layernorm + normed,
  "tiled/matmul_backward": matmul_backward + product + transposed + left_across,
  "tiled/matmul_backward_gelu": matmul_backward_gelu + product + transposed + left_across + gelu,
  "tiled/matmul_backward_layernorm": matmul_backward_layernorm + product + transposed + left_across +
    layernorm_gradient,
  "tiled/matmul_backward_weight": matmul_backward_weight + product + normed + gelu,
  "tiled/matmul_forward": matmul_forward + product + left_across + gelu,
  "tiled/partials_sum": partials_sum,
  "tiled/vectors_backward_weight": vectors_backward_weight,
  "tiled/wte_backward": wte_backward + product + normed,
};
