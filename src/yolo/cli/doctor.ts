import type { Command } from 'commander';
/** Adds `yolov1 doctor`. */
export function addDoctorCommand(program: Command): void {
  program.command('doctor').description('what was found on this machine, and what to do about what was not');
}
