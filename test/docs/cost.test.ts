// The tables of costs: what a day and a month come to follows from what one of each kind is billed, as the page has it.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { costTables, readKinds, scaleTable } from '../../bench/prices.ts'

const DEPLOY = readFileSync('docs/deploy.md', 'utf8')

it('a day in docs/deploy.md is the sum of what it is made of, at the prices of the page', () => {
  expect(DEPLOY).toContain(costTables(readKinds(DEPLOY)))
})

it('the months in docs/scale.md are so many of what docs/deploy.md has', () => {
  expect(readFileSync('docs/scale.md', 'utf8')).toContain(scaleTable(readKinds(DEPLOY)))
})
