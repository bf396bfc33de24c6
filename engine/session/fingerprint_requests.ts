// Requests for the weights' fingerprint, which wait for a moment between two iterations.

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

  /** Answers the oldest question. */
  answer(fingerprint: string): void {
    this.#open.shift()?.resolve(fingerprint);
  }

  /** Rejects all questions, because no engine is left to answer. */
  refuse(reason: string): void {
    for (const { reject } of this.#open.splice(0)) reject(new Error(reason));
  }
}
