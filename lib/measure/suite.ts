/** The bench suite, which is no part of the library: bench/ is compiled against it, and loaded only when it is asked for. */

export interface SuiteOptions {
  /** Where the files are made, and removed at the end: a folder on the file system in question. */
  folder: string;
  /** Of the largest file, in bytes. */
  size: number;
  /** Fewer rounds and files: some three minutes instead of half an hour. */
  quick: boolean;
  /** Nothing but what it costs to observe files that others write. */
  only?: 'observe';
  signal?: AbortSignal;
  /** What is being measured. */
  onProgress?: (text: string) => void;
}

export interface SuiteReport {
  /** For a terminal: lines, each with its end. */
  text: string;
  /** report.json, for programs. */
  json: string;
  /**
   * Writes report.html and report.json.
   *
   * @returns the path of the first
   * @throws SluiceError where the folder takes no files
   */
  write(folder: string): string;
}

/** What bench/index.ts exports. */
export interface Suite {
  /** @throws SluiceError where there is no room, ERR_SLUICE_ABORTED, DifferingValuesError */
  runSuite(options: SuiteOptions): Promise<SuiteReport>;
}

export async function loadSuite(): Promise<Suite> {
  // The compiler would follow a literal, but what it leads to is not compiled yet.
  const path: string = '#bench';
  return (await import(path)) as Suite;
}
