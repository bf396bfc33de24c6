// A file that cannot be read or made; its message is one sentence for the reader.
import { type FileFault, fileFaultText } from "../wording_of_files.ts";

export class FileError extends Error {
  readonly kind: FileFault["kind"];

  constructor(what: FileFault) {
    super(fileFaultText(what));
    this.kind = what.kind;
  }
}
