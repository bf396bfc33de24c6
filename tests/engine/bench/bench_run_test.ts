// The arithmetic behind the speed page. Catches: operations miscounted, a wrong median, kernel times assigned to the
// wrong dispatch, an address misread, a report whose text contradicts its numbers.
import assert from "node:assert/strict";
import { median, rowOf } from "../../../engine/bench/bench_run.ts";
import { defaultRun, LIMITS } from "../../../engine/training/config.ts";
import { flopsPerIteration, gflops } from "../../../engine/bench/flops.ts";
import { tensors } from "../../../engine/training/params.ts";
import { grouped } from "../../../engine/bench/kernel_times.ts";
import type { Dispatch } from "../../../engine/webgpu/plan.ts";
import { browserName, readSpeedQuery } from "../../../engine/widgets/speed/speed_query.ts";
import { speedText } from "../../../engine/widgets/speed/speed_report_text.ts";

const run = defaultRun(65);

Deno.test("the lesson's iteration is 2.47 GFLOP with weights and 0.20 in attention", () => {
  const { weights, attention } = flopsPerIteration(run.model, 32);
  assert.equal((weights / 1e9).toFixed(2), "2.47");
  assert.equal((attention / 1e9).toFixed(2), "0.20");
});

Deno.test("every multiplied matrix counts six operations per row and weight", () => {
  const model = { ...run.model, n_layer: 3, n_embd: 48, n_head: 3, block_size: 40, mlp_ratio: 2, vocab_size: 91 };
  const multiplied = tensors(model).filter(({ name }) => /attn|mlp|^wte$/.test(name));
  assert.equal(multiplied.length, 1 + 4 * model.n_layer);
  const numbers = multiplied.reduce((sum, { size }) => sum + size, 0);
  assert.equal(flopsPerIteration(model, 5).weights, 6 * numbers * 5 * 40);
});

Deno.test("attention counts every pair of positions", () => {
  const model = { ...run.model, n_layer: 2, n_embd: 32, block_size: 7 };
  let products = 0;
  for (let query = 0; query < 7; query++) {
    for (let key = 0; key <= query; key++) products += 2 * 32; // score and weighted sum, each one product per channel
  }
  assert.equal(flopsPerIteration(model, 3).attention, 2 * 3 * products * model.n_layer * 3);
});

Deno.test("the numbers of a row are consistent", () => {
  const row = rowOf(run, "fused", 2000, 12);
  assert.deepEqual([row.B, row.ms_per_iteration, row.dispatches], [32, 0.5, 12]);
  assert.equal(row.gflops, Number(gflops(run.model, 32, 2000).toPrecision(4)));
  assert.ok(row.gflops > 5300 && row.gflops < 5400);
});

Deno.test("the median is the middle value in any order", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([10, 1, 2, 4]), 3);
  assert.equal(median([7]), 7);
});

Deno.test("times are grouped by pipeline, that is, by kernel and constants", () => {
  const dispatch = (label: string, kernel: string, N: number): Dispatch => (
    { label, kernel, bindings: [], workgroups: [1, 1, 1], constants: { N } }
  );
  const list = [
    dispatch("h.1 mix, h.0 turn", "mix", 1),
    dispatch("h.0 sum", "sum", 1),
    dispatch("h.0 mix", "mix", 1),
  ];
  assert.deepEqual(grouped([...list, dispatch("h.2 mix", "mix", 2)], [1, 5, 2, 9]), [
    { label: "h.* mix, h.* turn", kernel: "mix", microseconds: 1.5, per_iteration: 2 },
    { label: "h.0 sum", kernel: "sum", microseconds: 5, per_iteration: 1 },
    { label: "h.2 mix", kernel: "mix", microseconds: 9, per_iteration: 1 },
  ]);
});

Deno.test("without a query, the page measures both engines; with ?bench, only the GPU, unattended", () => {
  const reader = readSpeedQuery("", 32);
  assert.deepEqual([reader.unattended, reader.engines, reader.wishes.batch_sizes], [false, ["webgpu", "cpu"], [32]]);
  assert.ok(reader.wishes.seconds >= 0.7 && !reader.wishes.allow_software && !reader.wishes.kernels);
  assert.ok(reader.wishes.fingerprint, "for the report card");
  const machine = readSpeedQuery("?bench&B=32,12&seconds=2&blocks=5&kernels&growth&losses&per_submit=20", 32);
  assert.deepEqual([machine.unattended, machine.engines], [true, ["webgpu"]]);
  assert.deepEqual(machine.wishes, {
    batch_sizes: [32, 12],
    seconds: 2,
    blocks: 5,
    per_submit: 20,
    kernels: true,
    growth: true,
    losses: true,
    fingerprint: false,
    allow_software: false,
  });
});

Deno.test("an invalid address gives an error in a sentence", () => {
  const { max } = LIMITS.batch_size, above = `?B=${max + 1}`;
  assert.deepEqual(readSpeedQuery(`?B=${max}`, 32).wishes.batch_sizes, [max]);
  for (const bad of ["?B=0", "?B=32,", "?B=1.5", "?seconds=soon", "?blocks=0", "?seconds=", above]) {
    assert.throws(() => readSpeedQuery(bad, 32), /^RangeError: The address says \w+=.*; it must be a/, bad);
  }
});

Deno.test("browsers are recognised by name", () => {
  const chrome =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36";
  assert.equal(browserName(chrome), "headless Chrome 140, Linux");
  assert.equal(browserName(chrome.replace("Headless", "") + " Edg/139.0"), "Edge 139, Linux");
  assert.equal(
    browserName("Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"),
    "Firefox 128, Windows",
  );
  const safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15";
  assert.equal(browserName(safari), "Safari 26, Mac OS X");
  assert.equal(
    browserName(safari.replace("Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")),
    "WebKit 26, Linux",
  );
});

Deno.test("of an unknown browser, only the system is named: its user agent may say more than a report card should", () => {
  assert.equal(browserName("Curious/1.0 (Windows NT 10.0; serial 4711)"), "unknown browser, Windows");
  assert.equal(browserName("Curious/1.0"), "unknown browser");
});

Deno.test("the text to copy contains every row", () => {
  const rows = [
    { ...rowOf(run, "fused", 2000, 12), mb_per_iteration: 395.3 },
    { ...rowOf(run, "CPU engine, 2 Workers", 8, null), mb_per_iteration: null },
  ];
  const text = speedText({ format: 1, adapter: "A Card", browser: "Firefox 128", date: "2026-01-02", rows });
  assert.equal(text.split("\n").length, 3);
  assert.match(
    text,
    /A Card, Firefox 128, 2026-01-02\nB=32: 2000 iterations\/s, 0.5 ms each, .* 395.3 MB and 12 dispatches per iteration\)\nB=32: 8 /,
  );
});
