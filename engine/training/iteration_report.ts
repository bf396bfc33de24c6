// What an engine reports about its iterations. The same object passes from the engine through trainer, Worker and
// session to the widgets, with all its columns. To add a column, change this file, an engine and a widget; nothing in
// between.

/** One number per iteration of a stretch, in order. */
export type Column = Float32Array<ArrayBuffer>;

/** A stretch of consecutive iterations. Columns that some engines do not report are optional. */
export interface IterationReport {
  /** The first iteration of the stretch. */
  first: number;
  /** Loss of each iteration's batch before its update, in nats per character. */
  losses: Column;
}

type Columns = Omit<IterationReport, "first">;

/** The part of a stretch from `begin` up to, but not including, `end`. It shares the stretch's memory. */
export function partOf({ first, ...columns }: IterationReport, begin: number, end?: number): IterationReport {
  return { first: first + begin, ...mapped(columns, (column) => column.subarray(begin, end)) };
}

/** Joins consecutive stretches, in new memory. Where a stretch lacks a column, that part of the column is NaN. */
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

/** The buffers for a message to transfer. */
export function buffersOf({ first: _first, ...columns }: IterationReport): ArrayBuffer[] {
  return Object.values(columns).map(({ buffer }) => buffer);
}

function mapped(columns: Columns, change: (column: Column, name: keyof Columns) => Column): Columns {
  const entries = Object.entries(columns) as [keyof Columns, Column][];
  return Object.fromEntries(entries.map(([name, column]) => [name, change(column, name)])) as unknown as Columns;
}
