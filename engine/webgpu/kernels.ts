// Every kernel's text, by name. A new kernel needs an import and an entry in the table. Parts that kernels share are
// appended, so that line numbers in errors match the kernel's file.
import { fused_kernel_sources } from "./fused_kernels.ts";
import { tiled_kernel_sources } from "./tiled_kernels.ts";
import adamw_update from "../wgsl/adamw_update.wgsl" with { type: "text" };
import attention_backward_att from "../wgsl/attention_backward_att.wgsl" with { type: "text" };
import attention_backward_key from "../wgsl/attention_backward_key.wgsl" with { type: "text" };
import attention_backward_query from "../wgsl/attention_backward_query.wgsl" with { type: "text" };
import attention_backward_softmax from "../wgsl/attention_backward_softmax.wgsl" with { type: "text" };
import attention_backward_value from "../wgsl/attention_backward_value.wgsl" with { type: "text" };
import attention_forward_mix from "../wgsl/attention_forward_mix.wgsl" with { type: "text" };
import attention_forward_scores from "../wgsl/attention_forward_scores.wgsl" with { type: "text" };
import attention_forward_softmax from "../wgsl/attention_forward_softmax.wgsl" with { type: "text" };
import batch_draw from "../wgsl/batch_draw.wgsl" with { type: "text" };
import batch_gather from "../wgsl/batch_gather.wgsl" with { type: "text" };
import cross_entropy_backward from "../wgsl/cross_entropy_backward.wgsl" with { type: "text" };
import cross_entropy_forward from "../wgsl/cross_entropy_forward.wgsl" with { type: "text" };
import embedding_backward_position from "../wgsl/embedding_backward_position.wgsl" with { type: "text" };
import embedding_backward_token from "../wgsl/embedding_backward_token.wgsl" with { type: "text" };
import embedding_forward from "../wgsl/embedding_forward.wgsl" with { type: "text" };
import gelu_backward from "../wgsl/gelu_backward.wgsl" with { type: "text" };
import gelu_forward from "../wgsl/gelu_forward.wgsl" with { type: "text" };
import hash32 from "../wgsl/hash32.wgsl" with { type: "text" };
import heads_mask from "../wgsl/heads_mask.wgsl" with { type: "text" };
import iteration_finish from "../wgsl/iteration_finish.wgsl" with { type: "text" };
import layernorm_backward from "../wgsl/layernorm_backward.wgsl" with { type: "text" };
import layernorm_backward_weight from "../wgsl/layernorm_backward_weight.wgsl" with { type: "text" };
import layernorm_forward from "../wgsl/layernorm_forward.wgsl" with { type: "text" };
import matmul_backward from "../wgsl/matmul_backward.wgsl" with { type: "text" };
import matmul_backward_weight from "../wgsl/matmul_backward_weight.wgsl" with { type: "text" };
import matmul_forward from "../wgsl/matmul_forward.wgsl" with { type: "text" };
import mean_loss from "../wgsl/mean_loss.wgsl" with { type: "text" };
import partials_sum from "../wgsl/partials_sum.wgsl" with { type: "text" };
import residual_backward from "../wgsl/residual_backward.wgsl" with { type: "text" };
import residual_forward from "../wgsl/residual_forward.wgsl" with { type: "text" };
import sample_append from "../wgsl/sample_append.wgsl" with { type: "text" };
import sample_gather from "../wgsl/sample_gather.wgsl" with { type: "text" };
import stream_read from "../wgsl/stream_read.wgsl" with { type: "text" };
import update_norms from "../wgsl/update_norms.wgsl" with { type: "text" };

export const kernel_sources: Record<string, string> = {
  ...fused_kernel_sources,
  ...tiled_kernel_sources,
  adamw_update,
  attention_backward_att,
  attention_backward_key,
  attention_backward_query,
  attention_backward_softmax,
  attention_backward_value,
  attention_forward_mix,
  attention_forward_scores,
  attention_forward_softmax,
  batch_draw: batch_draw + hash32,
  batch_gather,
  cross_entropy_backward,
  cross_entropy_forward,
  embedding_backward_position,
  embedding_backward_token,
  embedding_forward,
  gelu_backward,
  gelu_forward,
  heads_mask,
  iteration_finish: iteration_finish + mean_loss,
  layernorm_backward,
  layernorm_backward_weight,
  layernorm_forward,
  matmul_backward,
  matmul_backward_weight,
  matmul_forward,
  partials_sum,
  residual_backward,
  residual_forward,
  sample_append,
  sample_gather,
  stream_read,
  update_norms,
};
