// Every test of the rules in one file, for the mutation test (vitest.config.ts).
import { readdirSync } from 'node:fs'

for (const name of readdirSync(import.meta.dirname))
  if (name.endsWith('.test.ts')) await import(/* @vite-ignore */ `./${name}`)
