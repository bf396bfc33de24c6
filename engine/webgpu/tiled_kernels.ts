// The tiled kernels' texts, by name. Shared parts are appended, so that line numbers in errors match the kernel's file.
import attention_backward_key from "../wgsl/tiled/attention_backward_key.wgsl" with { type: "text" };
import attention_backward_query from "../wgsl/tiled/attention_backward_query.wgsl" with { type: "text" };
import attention_forward from "../wgsl/tiled/attention_forward.wgsl" with { type: "text" };
import cross_entropy from "../wgsl/tiled/cross_entropy.wgsl" with { type: "text" };
import embedding_backward from "../wgsl/tiled/embedding_backward.wgsl" with { type: "text" };
import gelu from "../wgsl/tiled/gelu.wgsl" with { type: "text" };
import head_backward from "../wgsl/tiled/head_backward.wgsl" with { type: "text" };
import head_backward_weight from "../wgsl/tiled/head_backward_weight.wgsl" with { type: "text" };
import head_forward from "../wgsl/tiled/head_forward.wgsl" with { type: "text" };
import layernorm_backward from "../wgsl/tiled/layernorm_backward.wgsl" with { type: "text" };
import layernorm_backward_weight from "../wgsl/tiled/layernorm_backward_weight.wgsl" with { type: "text" };
import layernorm_matmul_forward from "../wgsl/tiled/layernorm_matmul_forward.wgsl" with { type: "text" };
import layernorm_statistics from "../wgsl/tiled/layernorm_statistics.wgsl" with { type: "text" };
import matmul_backward from "../wgsl/tiled/matmul_backward.wgsl" with { type: "text" };
import matmul_backward_gelu from "../wgsl/tiled/matmul_backward_gelu.wgsl" with { type: "text" };
import matmul_backward_weight from "../wgsl/tiled/matmul_backward_weight.wgsl" with { type: "text" };
import matmul_forward from "../wgsl/tiled/matmul_forward.wgsl" with { type: "text" };
import partials_sum from "../wgsl/tiled/partials_sum.wgsl" with { type: "text" };
import tile from "../wgsl/tiled/tile.wgsl" with { type: "text" };

export const tiled_kernel_sources: Record<string, string> = {
  "tiled/attention_backward_key": attention_backward_key,
  "tiled/attention_backward_query": attention_backward_query,
  "tiled/attention_forward": attention_forward,
  "tiled/cross_entropy": cross_entropy,
  "tiled/embedding_backward": embedding_backward,
  "tiled/head_backward": head_backward + tile,
  "tiled/head_backward_weight": head_backward_weight + tile,
  "tiled/head_forward": head_forward + tile,
  "tiled/layernorm_backward": layernorm_backward,
  "tiled/layernorm_backward_weight": layernorm_backward_weight,
  "tiled/layernorm_matmul_forward": layernorm_matmul_forward + tile,
  "tiled/layernorm_statistics": layernorm_statistics,
  "tiled/matmul_backward": matmul_backward + tile,
  "tiled/matmul_backward_gelu": matmul_backward_gelu + tile + gelu,
  "tiled/matmul_backward_weight": matmul_backward_weight + tile + gelu,
  "tiled/matmul_forward": matmul_forward + tile + gelu,
  "tiled/partials_sum": partials_sum,
};
