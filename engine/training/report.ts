// What an engine reports of its iterations. The same object goes from the engine through trainer, Worker and session to
// the widgets, with all its columns: a new one is added here, in an engine and in a widget, and nowhere in between.

/** A number for each iteration of a stretch, in order. */
export type Column = Float32Array<ArrayBuffer>;

/** A stretch of iterations, one after the other. A column that not every engine has is optional. */
export interface IterationReport {
  /** The first iteration of the stretch. */
  first: number;
  /** Loss of each iteration's batch before its update, in nats per character. */
  losses: Column;
}

type Columns = Omit<IterationReport, "first">;

/** The iterations from `begin` to before `end` of the stretch; the memory is shared. */
export function partOf({ first, ...columns }: IterationReport, begin: number, end?: number): IterationReport {
  return { first: first + begin, ...mapped(columns, (column) => column.subarray(begin, end)) };
}

/** Stretches that follow each other as one, in memory of its own. Where one has no such column, its numbers are NaN. */
export function joined(reports: IterationReport[]): IterationReport {
  const { first: _of_the_last, ...columns }: IterationReport = Object.assign({}, ...reports);
  const length = reports.reduce((sum, { losses }) => sum + losses.length, 0);
  return {
    first: reports[0].first,
    ...mapped(columns, (_, name) => {
      const column = new Float32Array(length).fill(NaN);
      let at = 0;
      for (const report of reports) {
        column.set(report[name] ?? [], at);
        at += report.losses.length;
      }
      return column;
    }),
  };
}

/** What a message transfers. */
export function buffersOf({ first: _first, ...columns }: IterationReport): ArrayBuffer[] {
  return Object.values(columns).map(({ buffer }) => buffer);
}

function mapped(columns: Columns, change: (column: Column, name: keyof Columns) => Column): Columns {
  const entries = Object.entries(columns) as [keyof Columns, Column][];
  return Object.fromEntries(entries.map(([name, column]) => [name, change(column, name)])) as unknown as Columns;
}
