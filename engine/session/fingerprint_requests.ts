// Questions about the weights that wait for a moment between two iterations.

interface Question {
  resolve(fingerprint: string): void;
  reject(error: Error): void;
}

export class Questions {
  #open: Question[] = [];

  get open(): boolean {
    return this.#open.length > 0;
  }

  ask(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#open.push({ resolve, reject });
    });
  }

  /** Answers the one that has waited longest. */
  answer(fingerprint: string): void {
    this.#open.shift()?.resolve(fingerprint);
  }

  /** All of them: there is no engine left that could answer. */
  refuse(reason: string): void {
    for (const { reject } of this.#open.splice(0)) reject(new Error(reason));
  }
}
