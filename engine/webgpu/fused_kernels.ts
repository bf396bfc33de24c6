// The fused kernels' texts, by name. Shared parts are appended, so that line numbers in errors match the kernel's file.
import adamw_update_partials from "../wgsl/fused/adamw_update_partials.wgsl" with { type: "text" };
import attention_backward from "../wgsl/fused/attention_backward.wgsl" with { type: "text" };
import attention_forward from "../wgsl/fused/attention_forward.wgsl" with { type: "text" };
import block_backward from "../wgsl/fused/block_backward.wgsl" with { type: "text" };
import block_forward from "../wgsl/fused/block_forward.wgsl" with { type: "text" };
import embedding_forward from "../wgsl/fused/embedding_forward.wgsl" with { type: "text" };
import head from "../wgsl/fused/head.wgsl" with { type: "text" };
import iteration_finish_draw from "../wgsl/fused/iteration_finish_draw.wgsl" with { type: "text" };
import partials_gather from "../wgsl/fused/partials_gather.wgsl" with { type: "text" };
import tile from "../wgsl/fused/tile.wgsl" with { type: "text" };
import transposed from "../wgsl/fused/transposed.wgsl" with { type: "text" };
import weights_backward from "../wgsl/fused/weights_backward.wgsl" with { type: "text" };
import weights_transpose from "../wgsl/fused/weights_transpose.wgsl" with { type: "text" };

export const fused_kernel_sources: Record<string, string> = {
  "fused/adamw_update_partials": adamw_update_partials + transposed,
  "fused/attention_backward": attention_backward,
  "fused/attention_forward": attention_forward,
  "fused/block_backward": block_backward + tile,
  "fused/block_forward": block_forward + tile,
  "fused/embedding_forward": embedding_forward + tile,
  "fused/head": head + tile,
  "fused/iteration_finish_draw": iteration_finish_draw,
  "fused/partials_gather": partials_gather,
  "fused/weights_backward": weights_backward,
  "fused/weights_transpose": weights_transpose + transposed,
};
