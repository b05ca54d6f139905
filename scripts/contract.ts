// Verifies pacts in a checkout: without arguments that of our own client, which is written first; with them nothing is written.
import { spawnSync } from 'node:child_process'

const run = (command: string, ...args: string[]) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 3)
}

const args = process.argv.slice(2)
if (args.length === 0) run('npm', 'run', '-s', 'pacts')
run('npm', 'run', '-s', 'build:worker')
run(process.execPath, 'src/node/command.ts', 'verify', ...args)
