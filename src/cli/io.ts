// What a command may touch of the world: two streams and whether someone watches them. Tests pass their own.

export interface CommandIo {
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress and remarks. */
  readonly err: (text: string) => void;
  /** Whether stderr is a terminal, where a progress line may be redrawn. */
  readonly interactive: boolean;
  /** Calls back at the next Ctrl-C, which then does not end the process, unless the returned function is called before. */
  readonly onInterrupt?: (listener: () => void) => () => void;
}
