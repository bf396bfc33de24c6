// The fused kernels' texts, by name. What several of them share is put behind them, so that line numbers stay theirs.
import adamw_update_partials from "../wgsl/fused/adamw_update_partials.wgsl" with { type: "text" };
import attention_backward from "../wgsl/fused/attention_backward.wgsl" with { type: "text" };
import attention_forward from "../wgsl/fused/attention_forward.wgsl" with { type: "text" };
import block_backward from "../wgsl/fused/block_backward.wgsl" with { type: "text" };
import block_forward from "../wgsl/fused/block_forward.wgsl" with { type: "text" };
import embedding_backward from "../wgsl/fused/embedding_backward.wgsl" with { type: "text" };
import embedding_forward from "../wgsl/fused/embedding_forward.wgsl" with { type: "text" };
import head_forward from "../wgsl/fused/head_forward.wgsl" with { type: "text" };
import layernorm_backward_weight from "../wgsl/fused/layernorm_backward_weight.wgsl" with { type: "text" };
import layers_backward_weight from "../wgsl/fused/layers_backward_weight.wgsl" with { type: "text" };
import tile from "../wgsl/fused/tile.wgsl" with { type: "text" };
import turned from "../wgsl/fused/turned.wgsl" with { type: "text" };
import weights_turn from "../wgsl/fused/weights_turn.wgsl" with { type: "text" };

export const fused_kernel_sources: Record<string, string> = {
  "fused/adamw_update_partials": adamw_update_partials + turned,
  "fused/attention_backward": attention_backward,
  "fused/attention_forward": attention_forward,
  "fused/block_backward": block_backward + tile,
  "fused/block_forward": block_forward + tile,
  "fused/embedding_backward": embedding_backward,
  "fused/embedding_forward": embedding_forward + tile,
  "fused/head_forward": head_forward + tile,
  "fused/layernorm_backward_weight": layernorm_backward_weight,
  "fused/layers_backward_weight": layers_backward_weight,
  "fused/weights_turn": weights_turn + turned,
};
