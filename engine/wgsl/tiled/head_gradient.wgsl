// How products of the logits' gradients with the characters' vectors load: not a kernel, but appended to those that
// use it.
const WIDTH = (V + 63u) / 64u * 16u; // of dlogits, in vec4
const RIGHT_ALONG = true;

fn left_at(row: u32, v: u32) -> vec4f { return dlogits[min(row, N - 1u) * WIDTH + v]; }

// Beyond the last character dlogits is 0, so it does not matter what is read.
fn wte_at(v: u32, c: u32) -> vec4f { return wte[min(v, V - 1u) * (C / 4u) + c]; }

fn load_right(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let v = term + along_term(j, 0u);
  let c = tile.x * 16u + j % 16u;
  return mat4x4f(wte_at(v, c), wte_at(v + 4u, c), wte_at(v + 8u, c), wte_at(v + 12u, c));
}

fn made_left(x: mat4x4f) -> mat4x4f { return x; }
fn made_right(x: mat4x4f) -> mat4x4f { return x; }
