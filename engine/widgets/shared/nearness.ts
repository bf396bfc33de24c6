// Waits until the reader comes near a part of the page.

/** Calls `task` once, when the element is in view or within `margin` of it, unless `ended` comes first. */
export function whenNear(element: Element, margin: string, task: () => void, ended?: AbortSignal): void {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    task();
  }, { rootMargin: margin });
  observer.observe(element);
  ended?.addEventListener("abort", () => observer.disconnect());
}
