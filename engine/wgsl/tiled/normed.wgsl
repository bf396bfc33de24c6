// LayerNorm of four vec4, for kernels that have loaded them with what it needs: not a kernel, but appended to those.
var<private> own_statistics: mat4x2f; // mean and rstd of each row
var<private> gain: vec4f;
var<private> bias: vec4f;

fn normed(x: mat4x4f) -> mat4x4f {
  return mat4x4f(
    (x[0] - own_statistics[0].x) * own_statistics[0].y * gain + bias,
    (x[1] - own_statistics[1].x) * own_statistics[1].y * gain + bias,
    (x[2] - own_statistics[2].x) * own_statistics[2].y * gain + bias,
    (x[3] - own_statistics[3].x) * own_statistics[3].y * gain + bias,
  );
}
