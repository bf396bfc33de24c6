// Leaving the page ends its runs and loses them, so the browser asks first if a run has taken long.

/**
 * Listens for `beforeunload` only while there is something to lose: with such a listener, some browsers do not keep the
 * page for the Back button.
 */
export class Leaving {
  #listens = false;
  #wouldLose: () => boolean;

  /** @param wouldLose whether leaving now would lose a run that a reader would miss */
  constructor(wouldLose: () => boolean) {
    this.#wouldLose = wouldLose;
  }

  /** To be called whenever the result of wouldLose() may have changed. */
  look(): void {
    const wanted = this.#wouldLose();
    if (wanted === this.#listens) return;
    this.#listens = wanted;
    if (wanted) addEventListener("beforeunload", askFirst);
    else removeEventListener("beforeunload", askFirst);
  }
}

function askFirst(event: BeforeUnloadEvent): void {
  event.preventDefault();
  event.returnValue = true; // for browsers from before 2023
}
