// What of a kernel's text reaches the GPU's compiler in the page.

/**
 * @returns the text without comments, indentation and spaces around punctuation. Line numbers stay the same, for the
 * compiler's messages.
 */
export function shortened(kernel: string): string {
  return kernel.replaceAll(/[ \t]*\/\/.*$|^[ \t]+/gm, "").replaceAll(/ *([,;:{}()*+/]) */g, "$1");
}
