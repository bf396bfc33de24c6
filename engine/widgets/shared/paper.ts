// Paper is light, whatever scheme the reader has on screen: charts are drawn again for it, and back afterwards.

const SCHEME = "data-md-color-scheme", LIGHT = "default";

/** To be called once. Reacts to the browser's own print command as well as to a button in the page. */
export function printInLight(): void {
  let on_screen: string | null = null;
  addEventListener("beforeprint", () => {
    on_screen = document.body.getAttribute(SCHEME);
    if (on_screen !== null) document.body.setAttribute(SCHEME, LIGHT);
  });
  addEventListener("afterprint", () => {
    if (on_screen !== null) document.body.setAttribute(SCHEME, on_screen);
    on_screen = null;
  });
}
