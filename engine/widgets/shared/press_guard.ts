// Protects every widget of the page from accidental presses.
import { Presses } from "./presses.ts";

declare global {
  var pressStartPresses: Presses<Element> | undefined;
}

/** Shared by all scripts of the page: one listens, and each tells which labels it has changed. */
const presses = globalThis.pressStartPresses ??= new Presses<Element>();

/** Attribute of a button that advances one step per press: it may be pressed fast, or held. */
export const STEPS = "data-ps-steps";

/** To be called when a button's label changes: a press right afterwards may be meant for the old label. */
export function relabelled(element: Element): void {
  if (element instanceof HTMLButtonElement && element.isConnected) presses.relabelled(element, performance.now());
}

/** To be called when buttons appear: they may be under the pointer. */
export function appeared(...buttons: Element[]): void {
  for (const button of buttons) presses.appeared(button, performance.now());
}

/** Moves the focus to a button. The second half of a double key press does not press it. */
export function focusOn(button: HTMLElement | undefined | null, options?: FocusOptions): void {
  if (!button) return;
  button.focus(options);
  presses.focused(button, performance.now());
}

/** Suppresses accidental presses before any widget receives them. To be called once for the page. */
export function takeCare(page: Document): void {
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const down = (event: PointerEvent) =>
    presses.down(buttonOf(event), event.timeStamp, ["touch", "pen"].includes(event.pointerType) ? "touch" : "mouse");
  const up = (event: Event) => presses.up(event.timeStamp);
  page.addEventListener("pointerdown", down, true);
  for (const name of ["pointerup", "pointercancel", "keyup"]) page.addEventListener(name, up, true);
  page.addEventListener("keydown", (event) => {
    if (event.repeat) {
      if (event.key === "Enter" && repeatsHarm(event)) swallow(event);
    } else if (event.key === "Enter" || event.key === " ") presses.down(buttonOf(event), event.timeStamp, "key");
  }, true);
  page.addEventListener("mousedown", (event) => {
    if (event.detail > 1 && buttonOf(event)) event.preventDefault(); // the first click may have moved the focus
  }, true);
  page.addEventListener("click", (event) => {
    const button = buttonOf(event);
    if (button && !presses.counts(button, event.timeStamp, event.detail)) swallow(event);
  }, true);
  page.addEventListener("click", () => presses.answered());
}

function buttonOf({ target }: Event): Element | null {
  const button = target instanceof Element ? target.closest(".press-start button") : null;
  return button?.hasAttribute(STEPS) ? null : button;
}

function repeatsHarm({ target }: Event): boolean {
  return target instanceof Element && target.matches(`.press-start :is(button, input):not([${STEPS}])`);
}
