// Leaving the page ends its runs, and nothing keeps them: the browser asks first where one took long.

/** Stays away from the page while there is nothing to ask about: with such a listener some browsers keep no page for Back. */
export class Leaving {
  #listens = false;
  #wouldLose: () => boolean;

  /** @param wouldLose whether leaving now would lose a run that a reader would miss */
  constructor(wouldLose: () => boolean) {
    this.#wouldLose = wouldLose;
  }

  /** To be called whenever that may have changed. */
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
  event.returnValue = true; // what browsers of before 2023 go by
}
