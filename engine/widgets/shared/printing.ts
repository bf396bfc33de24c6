// Prints in the light scheme, whatever the scheme on screen. Charts are redrawn for print and again afterwards.

const SCHEME = "data-md-color-scheme", LIGHT = "default";

/** To be called once. Works for the browser's print command and for a button in the page. */
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
