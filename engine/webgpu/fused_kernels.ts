// The fused kernels' texts, by name. Shared parts are appended, so that line numbers in errors match the kernel's file.
import attention_backward from "../wgsl/fused/attention_backward.wgsl" with { type: "text" };
import attention_forward from "../wgsl/fused/attention_forward.wgsl" with { type: "text" };
import block_backward from "../wgsl/fused/block_backward.wgsl" with { type: "text" };
import block_forward from "../wgsl/fused/block_forward.wgsl" with { type: "text" };
import embedding_forward from "../wgsl/fused/embedding_forward.wgsl" with { type: "text" };
import head from "../wgsl/fused/head.wgsl" with { type: "text" };
import heads from "../wgsl/fused/heads.wgsl" with { type: "text" };
import mlp_backward from "../wgsl/fused/mlp_backward.wgsl" with { type: "text" };
import partials_gather from "../wgsl/fused/partials_gather.wgsl" with { type: "text" };
import tile from "../wgsl/fused/tile.wgsl" with { type: "text" };
import transposed from "../wgsl/fused/transposed.wgsl" with { type: "text" };
import update_and_finish from "../wgsl/fused/update_and_finish.wgsl" with { type: "text" };
import weights_backward from "../wgsl/fused/weights_backward.wgsl" with { type: "text" };
import weights_transpose from "../wgsl/fused/weights_transpose.wgsl" with { type: "text" };
import broken from "../wgsl/broken.wgsl" with { type: "text" };
import gelu from "../wgsl/gelu.wgsl" with { type: "text" };
import hash32 from "../wgsl/hash32.wgsl" with { type: "text" };
import mean_loss from "../wgsl/mean_loss.wgsl" with { type: "text" };

export const fused_kernel_sources: Record<string, string> = {
  "fused/block_backward": block_backward + attention_backward + mlp_backward + heads + tile + gelu,
  "fused/block_forward": block_forward + attention_forward + heads + tile + gelu,
  "fused/embedding_forward": embedding_forward + tile + hash32,
  "fused/head": head + mlp_backward + tile + gelu + broken,
  "fused/partials_gather": partials_gather,
  "fused/update_and_finish": update_and_finish + transposed + mean_loss,
  "fused/weights_backward": weights_backward + gelu,
  "fused/weights_transpose": weights_transpose + transposed,
};
