/** Where a child finds its end of the pipe that carries the messages. */
export const CHANNEL_FD = 3;

/** Where its watchdog finds the end of the pipe whose closing means that the parent is gone, and that tells of aborts. */
export const LIFELINE_FD = 4;

/** Where Node writes a report when the child runs out of memory. */
export const CRASH_REPORT_FD = 5;
