// What a model's weights look like: of the recorded run at some iterations, and of the reader's own run now.
import type { ModelConfig } from "../../training/config.ts";
import { countParameters } from "../../training/params.ts";
import type { TrainingSession } from "../../session/session.ts";
import {
  picture,
  type Place,
  type TensorFacts,
  tensorFacts,
  type WeightMap,
  weightMap,
} from "../../session/weight_map.ts";
import { make, setProse, VERBATIM } from "../shared/dom.ts";
import { count } from "../shared/format.ts";
import type { RecordedWeights, WeightsIsland } from "../shared/island.ts";
import { whenNear } from "../shared/nearness.ts";
import type { LatePage } from "./late_page.ts";
import { onCanvas, placeAt, show } from "./weight_picture.ts";
import { ofModel, ofTensor, whose } from "./weights_words.ts";

const WHOLE = "";
/** A picture is loaded when the block is at most this far below or above the view. */
const NEAR = "50% 0px";

/** What can be shown: the picture of a whole model, and what its tensors are like. */
interface View {
  image: CanvasImageSource;
  words: string;
  facts: (place: Place) => TensorFacts;
}

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountWeights(root: Element, island: WeightsIsland, page: LatePage): () => void {
  // The build has put the pictures beside the block; as one file, the page has them nowhere else.
  const picture = (iteration: number) => {
    const image = root.parentElement?.querySelector<HTMLImageElement>(`img[data-iteration="${iteration}"]`);
    return image?.src ?? "";
  };
  const widget = new WeightsWidget(island, page.sessions[island.session], picture);
  root.append(widget.element);
  whenNear(root, NEAR, () => widget.look(), widget.left);
  return () => widget.dispose();
}

class WeightsWidget {
  readonly element: HTMLElement;
  readonly #session: TrainingSession;
  readonly #model: ModelConfig;
  readonly #map: WeightMap;
  readonly #canvas = make("canvas", { role: "img", "aria-label": "Picture of the weights, not loaded yet" });
  readonly #words = make("p", { class: "ps-weights-words", role: "status" });
  readonly #failure = make("p", { class: "ps-failure", role: "alert", hidden: "" });
  readonly #tensor = make("select", { class: "ps-select-field", ...VERBATIM });
  readonly #whose: HTMLFieldSetElement;
  readonly #again = make("button", { type: "button", class: "ps-button ps-quiet" }, "Look again");
  readonly #listening = new AbortController();
  readonly #unsubscribe: () => void;
  #chosen: RecordedWeights | null;
  /** Counts what was asked for: only the newest answer is shown. */
  #asked = 0;
  #view: View | null = null;

  /** @param pictureOf the address of the recorded picture at an iteration */
  constructor(
    island: WeightsIsland,
    session: TrainingSession,
    private readonly pictureOf: (iteration: number) => string,
  ) {
    const { model, corpus } = session.options;
    this.#session = session;
    this.#model = { ...model, vocab_size: corpus.vocab_size };
    this.#map = weightMap(this.#model);
    this.#chosen = island.recorded.at(0) ?? null;
    this.#again.hidden = this.#chosen !== null;
    this.#canvas.width = this.#map.width;
    this.#canvas.height = this.#map.height;
    this.#whose = this.#makeChoice(island);
    this.#fillTensors();
    const field = make("label", { class: "ps-weights-field" }, "Tensor ", this.#tensor);
    const frame = make("div", { class: "ps-weights-frame" }, this.#canvas);
    const controls = make("div", { class: "ps-controls" }, this.#whose, field, this.#again);
    const parts = [controls, frame, this.#words, this.#failure];
    this.element = make("section", { class: "ps-panel", "aria-label": "The model’s weights" }, ...parts);
    const { signal } = this.#listening;
    this.#tensor.addEventListener("change", () => this.#draw(), { signal });
    this.#again.addEventListener("click", () => this.look(), { signal });
    this.#canvas.addEventListener("click", (event) => this.#enlarge(event), { signal });
    // Between two samples the reader asks; a sample is a pause anyway.
    this.#unsubscribe = session.on("sample", () => this.#chosen === null && this.look());
  }

  /** Aborted once the block is gone. */
  get left(): AbortSignal {
    return this.#listening.signal;
  }

  dispose(): void {
    this.#listening.abort();
    this.#unsubscribe();
    this.#asked++;
  }

  #makeChoice({ recorded, session }: WeightsIsland): HTMLFieldSetElement {
    const name = `weights-${session}-${Math.trunc(performance.now())}`;
    const option = (words: string, chosen: RecordedWeights | null) => {
      const input = make("input", { type: "radio", name });
      input.checked = chosen === this.#chosen;
      input.addEventListener("change", () => {
        this.#chosen = chosen;
        this.look();
      });
      return make("label", { class: "ps-weights-choice" }, input, words);
    };
    const options = recorded.map((one) => option(`recorded, iteration ${count(one.iteration)}`, one));
    const legend = make("legend", { class: "ps-unseen" }, "Whose weights, at which iteration");
    return make("fieldset", { class: "ps-weights-whose" }, legend, ...options, option("yours now", null));
  }

  #fillTensors(): void {
    const groups = new Map<string, HTMLElement>();
    this.#tensor.append(make("option", { value: WHOLE }, "all of them"));
    for (const { tensor: { name } } of this.#map.places) {
      const layer = /^h\.(\d+)\./.exec(name)?.[1], label = layer === undefined ? "Around the layers" : `Layer ${layer}`;
      if (!groups.has(label)) groups.set(label, make("optgroup", { label }));
      groups.get(label)!.append(make("option", { value: name }, name));
    }
    this.#tensor.append(...groups.values());
  }

  /** Fetches what is chosen, and draws it. */
  async look(): Promise<void> {
    const asked = ++this.#asked, own = this.#chosen === null;
    this.#again.hidden = !own;
    if (own && !this.#view) setProse(this.#words, whose.waiting);
    try {
      const view = this.#chosen ? await recordedView(this.#chosen, this.pictureOf) : await this.#ownView();
      if (asked !== this.#asked) return;
      this.#view = view;
      this.#failure.hidden = true;
      this.#draw();
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#failure.hidden = false;
      setProse(this.#failure, error instanceof Error ? error.message : String(error));
    }
  }

  async #ownView(): Promise<View> {
    const { seed } = this.#session, { params: weights, iteration } = await this.#session.weights();
    return {
      image: onCanvas(this.#map, picture(this.#map, weights)),
      words: whose.yours(seed, iteration),
      facts: ({ tensor }) => tensorFacts(tensor, weights),
    };
  }

  #draw(): void {
    if (!this.#view) return;
    const place = this.#map.places.find(({ tensor }) => tensor.name === this.#tensor.value) ?? null;
    const { image, words, facts } = this.#view;
    show(this.#canvas, image, this.#map, place);
    const about = place ? ofTensor(place.tensor.name, facts(place)) : ofModel(countParameters(this.#model));
    this.#canvas.setAttribute("aria-label", `Picture of ${place ? place.tensor.name : "all weights"}. ${words}`);
    setProse(this.#words, `${words} ${about}`);
  }

  #enlarge(event: MouseEvent): void {
    const place = this.#tensor.value === WHOLE ? placeAt(this.#canvas, this.#map, event) : null;
    this.#tensor.value = place?.tensor.name ?? WHOLE;
    this.#draw();
  }
}

async function recordedView(
  { iteration, tensors }: RecordedWeights,
  pictureOf: (iteration: number) => string,
): Promise<View> {
  const image = new Image();
  image.src = pictureOf(iteration);
  await image.decode();
  const facts = ({ tensor: { name, shape } }: Place): TensorFacts => {
    const [rms, smallest, largest] = tensors[name];
    return { shape, rms, smallest, largest };
  };
  return { image, words: whose.recorded(iteration), facts };
}
