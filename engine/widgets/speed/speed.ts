// "How fast is your tab?": a button, a table that fills row by row, buttons to copy the result, and a report card. With
// `?bench` in the page's address it starts by itself and posts the report to the server that the page came from.
import { type ReportRow, type SpeedHost, type SpeedPart, SpeedRun } from "../../session/speed_run.ts";
import { CardPanel } from "./card_panel.ts";
import { copyText } from "../shared/clipboard.ts";
import { type Corpus, corpusNamed } from "../shared/corpora.ts";
import { make, setChildren, setProse, setText, VERBATIM } from "../shared/dom.ts";
import { DASH, rate } from "../shared/format.ts";
import type { SpeedIsland } from "../shared/island.ts";
import { browserName, readSpeedQuery, type SpeedQuery } from "./speed_query.ts";
import { speedText } from "./speed_report_text.ts";

const COLUMNS = ["engine", "B", "iterations/s", "ms per iteration", "GFLOP/s", "MB per iteration", "dispatches"];
const COPY_JSON = "Copy as JSON", COPY_TEXT = "Copy as text";
const COPIED_MS = 1500;

/** Draws the widget into `root`. @returns a function that stops the measurement; the caller removes the DOM. */
export function mountSpeed(root: Element, island: SpeedIsland, host: SpeedHost): () => void {
  const { batch_size } = island.training;
  let widget: SpeedWidget;
  try {
    widget = new SpeedWidget(corpusNamed(island.corpus), island, host, readSpeedQuery(location.search, batch_size));
  } catch (error) {
    // Reports the error to a server that waits for a result. The caller reports it to the reader.
    if (new URLSearchParams(location.search).has("bench")) void post("/result", { error: String(error) });
    throw error;
  }
  root.append(widget.element);
  if (widget.query.unattended) void widget.start();
  return () => widget.dispose();
}

class SpeedWidget {
  readonly element: HTMLElement;
  readonly #button = make("button", { type: "button", class: "ps-button ps-primary" }, "Measure");
  readonly #json = make("button", { type: "button", class: "ps-button ps-quiet", disabled: "" }, COPY_JSON);
  readonly #text = make("button", { type: "button", class: "ps-button ps-quiet", disabled: "" }, COPY_TEXT);
  readonly #badge = make("p", { class: "ps-badge", role: "status" }, "not measured yet");
  readonly #failure = make("div", { class: "ps-failure", role: "alert", hidden: "" });
  readonly #rows = make("tbody", VERBATIM);
  readonly #facts = make("p", { class: "ps-facts" });
  readonly #card = new CardPanel();
  #run: SpeedRun | null = null;
  #running = false;

  constructor(
    private readonly corpus: Corpus,
    private readonly island: SpeedIsland,
    private readonly host: SpeedHost,
    readonly query: SpeedQuery,
  ) {
    const head = make("tr", {}, ...COLUMNS.map((name) => make("th", { scope: "col" }, name)));
    const table = make("table", { class: "ps-table" }, make("thead", {}, head), this.#rows);
    this.element = make(
      "section",
      { class: "ps-panel", "aria-label": "Speed of this tab", "data-status": "idle" },
      make("div", { class: "ps-controls" }, this.#button, this.#json, this.#text),
      this.#badge,
      this.#failure,
      make("div", { class: "ps-table-frame", tabindex: "0", role: "group", "aria-label": "Results" }, table),
      this.#facts,
      this.#card.element,
    );
    this.#button.addEventListener("click", () => {
      if (this.#running) this.#run?.stop();
      else void this.start();
    });
    this.#json.addEventListener("click", () => this.#copy(this.#json, JSON.stringify(this.#run?.report, null, 2)));
    this.#text.addEventListener("click", () => this.#run && this.#copy(this.#text, speedText(this.#run.report)));
    this.#draw();
  }

  async start(): Promise<void> {
    const { corpus } = this;
    const { corpus: _name, kind: _kind, recorded, ...config } = this.island;
    const options = {
      ...this.query,
      run: { ...config, model: { ...config.model, vocab_size: corpus.vocab_size } },
      text: corpus.name,
      gzip_base64: corpus.gzip_base64,
      recorded,
      browser: browserName(navigator.userAgent),
      date: new Date().toISOString().slice(0, 10),
    };
    const run = this.#run = new SpeedRun(options, this.host, (part) => {
      this.#draw();
      if (part && this.query.unattended) void post("/result?p=1", part);
    });
    this.#running = true;
    await run.start();
    this.#running = false;
    this.#draw();
    if (this.query.unattended) await post("/result", outcome(run));
  }

  dispose(): void {
    this.#run?.stop();
  }

  #draw(): void {
    const run = this.#run;
    this.element.dataset.status = this.#running ? "running" : run?.failure ? "failed" : "idle";
    setText(this.#button, this.#running ? "Stop" : run ? "Measure again" : "Measure");
    setText(this.#badge, run?.detail ?? "not measured yet");
    this.#failure.hidden = !run?.failure;
    setProse(this.#failure, run?.failure ?? "");
    const rows = run?.report.rows ?? [];
    this.#json.disabled = this.#text.disabled = this.#running || rows.length === 0;
    const cells = rows.length > 0 ? rows.map(cellsOf) : [COLUMNS.map(() => DASH)];
    setChildren(this.#rows, cells.map((row) => make("tr", {}, ...row.map((text) => make("td", {}, text)))));
    const adapter = run?.report.adapter;
    setProse(
      this.#facts,
      run?.no_gpu?.message ?? (adapter ? `Graphics card, as the browser names it: ${adapter}.` : ""),
    );
    this.#card.show(this.#running ? null : run?.card ?? null);
  }

  async #copy(button: HTMLElement, text: string): Promise<void> {
    const label = button === this.#json ? COPY_JSON : COPY_TEXT;
    setText(button, await copyText(text) ? "Copied" : "Not copied: select the table instead");
    setTimeout(() => setText(button, label), COPIED_MS);
  }
}

function cellsOf(row: ReportRow): string[] {
  const { plan, dispatches, B, iterations_per_second, ms_per_iteration, gflops, mb_per_iteration } = row;
  const engine = dispatches === null ? plan : `WebGPU engine, ${plan} plan`;
  const digits = (value: number) => value >= 100 ? value.toFixed(0) : value.toPrecision(3).replace(/e\+?\d+$/, "");
  return [
    engine,
    String(B),
    rate(iterations_per_second),
    digits(ms_per_iteration),
    digits(gflops),
    mb_per_iteration === null ? DASH : digits(mb_per_iteration),
    dispatches === null ? DASH : String(dispatches),
  ];
}

/** What to post to the server. */
function outcome(run: SpeedRun): unknown {
  const error = run.failure ?? run.no_gpu?.message;
  return error ? { error, ...run.report } : run.report;
}

async function post(address: string, content: SpeedPart | unknown): Promise<void> {
  await fetch(address, { method: "POST", body: JSON.stringify(content) });
}
