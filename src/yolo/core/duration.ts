import { checkArguments, FINITE } from './arguments';

/**
 * A time in words, to the second below an hour and to the minute from there on: `45 s`, `14 min 39 s`, `2 h 3 min`.
 *
 * @param seconds - Rounded to whole ones.
 * @throws UserError for anything but a finite number.
 */
export function durationInWords(seconds: number): string {
  checkArguments('durationInWords', { seconds }, { seconds: FINITE });
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A time in words that need not be exact, such as one that is left: `95 s`, `36 min`, `2 h 5 min`. */
export function roughDurationInWords(seconds: number): string {
  if (seconds < 99.5) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
