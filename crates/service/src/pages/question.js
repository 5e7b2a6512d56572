// What is asked again and again, and whose answers may overtake each other.

/** Asks one question at a time: a new one makes the answer to the one before worthless. */
export class Question {
  /** What `work` gives; `undefined`, and no error, if another question was asked meanwhile. */
  async ask(work) {
    const mine = (this.last = {});
    try {
      const answer = await work();
      return this.last === mine ? answer : undefined;
    } catch (problem) {
      if (this.last === mine) throw problem;
      return undefined;
    }
  }

  /** Nobody waits for the answer any more. */
  forget() {
    this.last = undefined;
  }
}
